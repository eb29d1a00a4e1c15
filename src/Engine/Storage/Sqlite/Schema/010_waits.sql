-- Who owns the active runs, what suspended runs wait for, the signals of runs, and outputs that are too large for an entry.

-- The epoch of the host that walks a running run; null for any other. An epoch is the generation of the database when its host opened it.
alter table run add column owner integer;

-- With `status <= 2`, an index finds them.
update run set owner = 0 where status <= 2 and status = 1;

-- Finds the runs that hosts walk, or died with; on a host at rest, empty.
create index run_running on run (id) where status = 1;

-- What suspended runs wait for, one row a step. There are rows exactly while the run is suspended.
create table wait (
    run     integer not null references run (seq),
    path    text    not null,
    number  integer not null,   -- how often the step has suspended
    due_at  integer,            -- when the wait ends by itself
    signal  text,               -- the signal that ends it
    plugin  text,               -- the plugin that must come back; empty where an older version did not note which
    wake_at integer,            -- when the run is due: due_at, or 0 once the signal is there
    primary key (run, path)
) strict, without rowid;

create index wait_by_time on wait (wake_at, run) where wake_at is not null;
create index wait_by_plugin on wait (run) where plugin is not null;

-- Older versions kept only the time of a suspended run.
insert into wait (run, path, number, due_at, plugin, wake_at)
select seq, '', 1, wake_at, iif(wake_at is null, '', null), wake_at from run where status <= 2 and status = 2;

-- Signals stay as long as their run, so that a second one of the same name is refused.
create table signal (
    run         integer not null references run (seq),
    name        text    not null,
    payload     blob,
    received_at integer not null,
    is_consumed integer not null default 0,
    primary key (run, name)
) strict, without rowid;

create table output (
    seq     integer primary key,
    run     integer not null references run (seq),
    path    text    not null,
    attempt integer not null,
    bytes   blob    not null,
    unique (run, path, attempt)
) strict;

pragma user_version = 10;

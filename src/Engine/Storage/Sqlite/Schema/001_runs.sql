-- Runs. Times are .NET ticks in UTC (100 ns since year 1): they come back exactly as they were.
-- Ids are UUIDs version 7, big endian, so they sort by time.

create table run (
    seq         integer primary key,
    id          blob    not null,
    workflow    text    not null,
    version     integer not null,
    trigger     text    not null,
    status      integer not null,   -- 0 queued, 1 running, 2 suspended, 3 succeeded, 4 failed, 5 cancelled
    started_at  integer not null,
    finished_at integer,
    wake_at     integer,
    fence       integer not null,
    envelope    blob,
    body        blob,               -- null where it is empty, or large: then it is in large_body
    entries     blob                -- the first chapter; the others are in chapter
) strict;

-- The one index that every run pays for: it finds a run, and lists by time and by workflow without touching the rows.
create unique index run_by_id on run (id, workflow);

-- These two hold only what is not the common case, so the common case does not pay for them.
create index run_unfinished on run (id) where status <= 2;
create index run_ended_badly on run (status, id, workflow) where status >= 4;

-- A run's row is written again when its status changes; what is large lies apart, so it is not.
create table large_body (
    run   integer primary key references run (seq),
    bytes blob not null
) strict;

-- What a run appended after its first write. Never rewritten.
create table chapter (
    seq     integer primary key,
    run     integer not null references run (seq),
    entries blob    not null
) strict;

create index chapter_by_run on chapter (run);

-- Room that is claimed and given back, to find out whether the disk has any.
create table probe (
    bytes blob not null
) strict;

pragma application_id = 1399612261;
pragma user_version = 1;

-- Requests that were refused before any run. Ids are never given twice, so that a page can be asked for by the last id of the one before.

create table refusal (
    id        integer primary key autoincrement,
    workflow  text    not null,
    path      text,
    remote_ip text,
    reason    text    not null,
    detail    text    not null,
    first_at  integer not null,
    last_at   integer not null,
    count     integer not null
) strict;

create index refusal_by_workflow on refusal (workflow, id);

pragma user_version = 7;

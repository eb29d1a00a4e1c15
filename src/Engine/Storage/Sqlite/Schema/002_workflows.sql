-- Published workflows. A version never changes; a deleted workflow keeps its versions for the runs that need them.

create table workflow (
    id      integer primary key,
    name    text    not null unique,
    latest  integer not null,
    enabled integer not null default 1,
    deleted integer not null default 0
) strict;

create table workflow_version (
    workflow     integer not null references workflow (id),
    version      integer not null,
    text         text    not null,
    source       text    not null,
    published_at integer not null,
    unique (workflow, version)
) strict;

pragma user_version = 2;

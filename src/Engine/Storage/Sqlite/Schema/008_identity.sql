-- Which database this is and how far it has come, so that another one, or an older copy, is told from it at the next start. One row.

create table identity (
    id         integer primary key check (id = 1),
    database   text    not null,   -- random, made once
    generation integer not null,   -- grows with each start and each clean stop
    deletions  integer not null    -- grows whenever runs are deleted
) strict;

insert into identity (id, database, generation, deletions) values (1, lower(hex(randomblob(16))), 0, 0);

pragma user_version = 8;

-- The keys under which deliveries were taken: one run a key. A row is written in the transaction that makes its run durable.

create table claim (
    key         blob    primary key,
    run         blob    not null,   -- the id of the run, which may be gone: then the claim is spent
    fingerprint blob    not null,
    expires_at  integer not null
) strict, without rowid;

create index claim_by_expiry on claim (expires_at);

-- Keys that the host makes for itself once and keeps, by what they are for.
create table host_key (
    name  text primary key,
    bytes blob not null
) strict, without rowid;

pragma user_version = 4;

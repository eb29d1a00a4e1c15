-- Finds the runs that wait for a place among those under way; empty on a host that has room.

create index run_queued on run (id) where status = 0;

pragma user_version = 6;

-- Finds the key that a run holds: a run is kept for as long as its key answers.

create index claim_by_run on claim (run);

pragma user_version = 9;

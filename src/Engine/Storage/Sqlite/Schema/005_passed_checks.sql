-- That a workflow version passed every check, by which code and with what to know of it, as JSON; null where it is to be checked at the next start.

alter table workflow_version add column passed text;

pragma user_version = 5;

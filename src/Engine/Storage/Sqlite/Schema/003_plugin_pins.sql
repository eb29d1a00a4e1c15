-- Which plugin, version and hash each node type of a workflow version was checked against, as JSON; null in versions stored before this was kept.

alter table workflow_version add column plugins text;

pragma user_version = 3;

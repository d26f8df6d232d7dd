-- Searches order by a param or tag, then newest first. Where it has few values, the runs of one value are many: with the run's start beside the value, an index gives
-- them in order, one for each direction of the value. Runs without a start come last: the smallest integer that JSON holds exactly.
alter table params add column started bigint;
update params p set started = coalesce(r.start_time, -9007199254740991) from runs r where r.run_id = p.run_id;
alter table params alter column started set not null;
drop index params_by_value;
create index params_by_value on params (experiment_id, key, left(value, 200), started desc, run_id);
create index params_by_value_down on params (experiment_id, key, left(value, 200) desc, started desc, run_id);

alter table tags add column started bigint;
update tags t set started = coalesce(r.start_time, -9007199254740991) from runs r where r.run_id = t.run_id;
alter table tags alter column started set not null;
drop index tags_by_value;
create index tags_by_value on tags (experiment_id, key, left(value, 200), started desc, run_id);
create index tags_by_value_down on tags (experiment_id, key, left(value, 200) desc, started desc, run_id);

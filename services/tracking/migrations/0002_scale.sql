-- Runs get a number, so that a point of a metric holds 8 bytes of it instead of 32 characters.
alter table runs add column run_no bigint generated always as identity;
alter table runs alter column start_time set statistics 1000;
drop index runs_newest;
-- As searches order: newest first, then by id. Runs without a start time come last.
create index runs_newest on runs (experiment_id, start_time desc nulls last, run_id);

-- Every point ever logged, spread by run. Equal points (a batch that was sent twice) may lie here more than once: the index keeps them side by side,
-- and readers take one. A unique index would cost each insert a second look-up.
alter table metrics rename to metrics_by_run_id;
alter index metrics_pkey rename to metrics_by_run_id_pkey;
create table metrics (
  run_no bigint not null,
  key text not null,
  "timestamp" bigint not null,
  step bigint not null,
  value double precision not null
) partition by hash (run_no);
do $$ begin
  for n in 0..15 loop
    execute format('create table metrics_%s partition of metrics for values with (modulus 16, remainder %s)', n, n);
  end loop;
end $$;
insert into metrics (run_no, key, "timestamp", step, value)
select r.run_no, m.key, m."timestamp", m.step, m.value from metrics_by_run_id m join runs r using (run_id);
drop table metrics_by_run_id;
create index metrics_in_time on metrics (run_no, key, "timestamp", step, value);

-- Searches look at one experiment, so what they filter and order by names it, and their indexes begin with it.
alter table latest_metrics add column experiment_id bigint;
update latest_metrics l set experiment_id = r.experiment_id from runs r where r.run_id = l.run_id;
alter table latest_metrics alter column experiment_id set not null;
drop index latest_metrics_by_value;
create index latest_metrics_by_value on latest_metrics (experiment_id, key, value, run_id);

alter table params add column experiment_id bigint;
update params p set experiment_id = r.experiment_id from runs r where r.run_id = p.run_id;
alter table params alter column experiment_id set not null;
drop index params_by_value;
create index params_by_value on params (experiment_id, key, left(value, 200), run_id);

alter table tags add column experiment_id bigint;
update tags t set experiment_id = r.experiment_id from runs r where r.run_id = t.run_id;
alter table tags alter column experiment_id set not null;
drop index tags_by_value;
create index tags_by_value on tags (experiment_id, key, left(value, 200), run_id);

create index run_inputs_by_dataset on run_inputs (dataset_id);

-- Runs and experiments are marked deleted, never removed, and each statement that writes a child row selects its parent. A foreign key would cost a look-up
-- a row, and have every new run lock its experiment's row.
alter table runs drop constraint runs_experiment_id_fkey;
alter table params drop constraint params_run_id_fkey;
alter table tags drop constraint tags_run_id_fkey;
alter table latest_metrics drop constraint latest_metrics_run_id_fkey;

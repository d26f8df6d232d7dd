import { STARTED } from './started.js';

/**
 * A run, its tags and its event in one statement. Answers one row: the run, and `stage`, the experiment's; without a run where that is not active, all null
 * where there is no experiment.
 *
 * $1 experiment id, $2 run id, $3 name, $4 user, $5 start time; $6 and $7 tags' keys and values; $8 to $12 the event's topic, value, headers, id, time.
 */
export const CREATE_RUN = `
  with experiment as materialized (select experiment_id, artifact_location, lifecycle_stage from experiments where experiment_id = $1::bigint),
  created as (
    insert into runs (run_id, experiment_id, run_name, user_id, status, start_time, artifact_uri)
    select $2, experiment_id, $3, $4, 'RUNNING', $5::bigint, rtrim(artifact_location, '/') || '/' || $2 || '/artifacts'
    from experiment where lifecycle_stage = 'active'
    returning *),
  tagged as (
    insert into tags (run_id, experiment_id, key, value, started)
    select $2, experiment_id, n.key, n.value, ${STARTED} from created, unnest($6::text[], $7::text[]) as n(key, value)),
  told as (
    insert into outbox (topic, key, value, headers, event_id, event_time)
    select $8, $2, $9, $10, $11::uuid, $12::bigint from created)
  select created.*, experiment.lifecycle_stage as stage from (select) one left join experiment on true left join created on true`;

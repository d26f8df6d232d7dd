-- Times are ms since the epoch, unless a name says otherwise. Tags and metadata are objects of texts.
create table traces (
  trace_id text primary key,
  experiment_id bigint not null,
  request_time bigint not null,
  execution_ms bigint,
  state text not null check (state in ('STATE_UNSPECIFIED', 'OK', 'ERROR', 'IN_PROGRESS')),
  client_request_id text,
  request_preview text,
  response_preview text,
  tags jsonb not null default '{}',
  metadata jsonb not null default '{}',
  assessments jsonb not null default '{}', -- by id, as MLflow's API has them
  linked_prompts text[] not null default '{}', -- name/version
  finalized boolean not null default false -- told by the client as a whole: what spans say of it no longer counts
);
create index traces_newest on traces (experiment_id, request_time desc, trace_id);
create index traces_by_run on traces ((metadata ->> 'mlflow.sourceRun'));

create table trace_runs (
  trace_id text not null references traces on delete cascade,
  run_id text not null,
  primary key (trace_id, run_id)
);
create index trace_runs_by_run on trace_runs (run_id);

create table spans (
  trace_id text not null references traces on delete cascade,
  span_id text not null, -- hex
  parent_span_id text,
  name text not null,
  type text not null,
  status text not null,
  start_ns numeric not null, -- unsigned 64 bits
  content jsonb not null, -- as MLflow's traces.json has it; each attribute is JSON in a text
  primary key (trace_id, span_id)
);

create table evaluation_datasets (
  dataset_id text primary key,
  name text not null,
  digest text not null,
  created_time bigint not null,
  last_update_time bigint not null,
  created_by text,
  last_updated_by text,
  schema text,
  tags jsonb not null default '{}'
);
create index evaluation_datasets_newest on evaluation_datasets (created_time desc, dataset_id);

create table evaluation_dataset_experiments (
  dataset_id text not null references evaluation_datasets on delete cascade,
  experiment_id bigint not null,
  primary key (dataset_id, experiment_id)
);
create index evaluation_dataset_experiments_by_experiment on evaluation_dataset_experiments (experiment_id);

create table evaluation_dataset_records (
  record_id text primary key,
  dataset_id text not null references evaluation_datasets on delete cascade,
  record_no bigint generated always as identity,
  input_hash text not null,
  inputs jsonb not null,
  outputs jsonb,
  expectations jsonb,
  tags jsonb,
  source jsonb,
  source_id text,
  source_type text,
  created_time bigint not null,
  last_update_time bigint not null,
  created_by text,
  last_updated_by text,
  unique (dataset_id, input_hash)
);
create index evaluation_dataset_records_in_order on evaluation_dataset_records (dataset_id, record_no);

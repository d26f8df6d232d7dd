-- Times are ms since the epoch.
create table logged_models (
  model_id text primary key,
  experiment_id bigint not null references experiments on delete cascade,
  name text not null,
  artifact_location text not null,
  creation_timestamp bigint not null,
  last_updated_timestamp bigint not null,
  status text not null check (status in ('UNSPECIFIED', 'PENDING', 'READY', 'FAILED')),
  lifecycle_stage text not null default 'active' check (lifecycle_stage in ('active', 'deleted')),
  model_type text,
  source_run_id text,
  status_message text
);
create index logged_models_newest on logged_models (experiment_id, creation_timestamp desc, model_id);

create table logged_model_params (
  model_id text not null references logged_models on delete cascade,
  key text not null,
  value text not null,
  primary key (model_id, key)
);
create table logged_model_tags (
  model_id text not null references logged_models on delete cascade,
  key text not null,
  value text not null,
  primary key (model_id, key)
);
-- Points of runs that are about a model, on a dataset or none ('').
create table logged_model_metrics (
  model_id text not null references logged_models on delete cascade,
  run_id text not null,
  key text not null,
  value double precision not null,
  "timestamp" bigint not null,
  step bigint not null,
  dataset_name text not null default '',
  dataset_digest text not null default '',
  primary key (model_id, run_id, key, "timestamp", step, dataset_name, dataset_digest, value)
);
create table run_models (
  run_id text not null references runs on delete cascade,
  model_id text not null,
  role text not null check (role in ('INPUT', 'OUTPUT')),
  step bigint not null default 0,
  primary key (run_id, role, model_id, step)
);

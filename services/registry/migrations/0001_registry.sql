-- Times are ms since the epoch, as MLflow's API has them.
create table registered_models (
  name text primary key,
  description text not null default '',
  -- Numbers are never given twice, whatever is deleted: a prediction names its version for ever.
  next_version integer not null default 1,
  creation_timestamp bigint not null,
  last_updated_timestamp bigint not null
);

create table model_tags (
  name text not null references registered_models on delete cascade,
  key text not null,
  value text not null,
  primary key (name, key)
);

create table model_versions (
  name text not null references registered_models on delete cascade,
  version integer not null,
  source text not null, -- as the client gave it
  artifact_uri text not null, -- mlflow-artifacts:/… of the ONNX file
  sha256 text not null, -- of the ONNX file when it was registered
  run_id text,
  run_link text not null default '',
  description text not null default '',
  user_id text not null default '',
  creation_timestamp bigint not null,
  last_updated_timestamp bigint not null,
  primary key (name, version)
);
create index model_versions_by_run on model_versions (run_id);

create table version_tags (
  name text not null,
  version integer not null,
  key text not null,
  value text not null,
  primary key (name, version, key),
  foreign key (name, version) references model_versions on delete cascade
);

create table model_aliases (
  name text not null,
  alias text not null,
  version integer not null,
  primary key (name, alias),
  foreign key (name, version) references model_versions on delete cascade
);

-- A deleted deployment keeps its row, so that its generation goes on rising when the name comes back.
create table deployments (
  name text primary key,
  deleted boolean not null default false,
  generation integer not null,
  model_name text not null,
  spec text not null, -- JSON, defaults filled in
  model text, -- ResolvedModel as JSON; null while the alias or version does not exist
  previous_version integer,
  cause text not null,
  changed_at bigint not null
);
create index deployments_by_model on deployments (model_name) where not deleted;

create table deployment_generations (
  name text not null references deployments,
  generation integer not null,
  spec text, -- null: deleted
  model text,
  previous_version integer,
  cause text not null,
  changed_at bigint not null,
  primary key (name, generation)
);

create table promotions (
  promotion_id uuid primary key,
  model text not null,
  version integer not null,
  alias text not null,
  previous_version integer,
  decision text not null check (decision in ('PROMOTED', 'REFUSED')),
  reason text not null,
  requested_by text not null,
  verdict_id text unique, -- a verdict is decided on once, however often it is delivered
  deployments text[] not null,
  decided_at bigint not null
);
create index promotions_newest on promotions (decided_at desc, promotion_id);

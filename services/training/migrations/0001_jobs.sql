-- A training job and how far it has come. `step` is the last effect that is known to be done; what is written with it can be relied on.
create table jobs (
  id             text primary key,           -- the command's id, or bootstrap:<deployment>
  command_id     text,                       -- null for a deployment's first model
  deployment     text not null,
  model          text not null,
  alias          text not null,              -- empty when refused for the lack of one
  champion_version int,
  spec           jsonb not null,             -- the deployment's spec when the job was asked for
  window_end     bigint not null,            -- event time, ms, exclusive
  reason         text not null,
  state          text not null check (state in ('QUEUED', 'RUNNING', 'WAITING', 'DONE', 'FAILED')),
  step           text not null,
  attempts       int not null default 0,     -- claims since the last step was done
  not_before     timestamptz not null default now(),
  waiting_until  timestamptz,                -- of WAITING: after that the job fails
  owner          text,
  token          bigint not null default 0,  -- fencing: rises with each claim; writes name the token they were claimed with
  lease_until    timestamptz,
  snapshot       jsonb,
  holdout        jsonb,
  left_out       jsonb,
  parameters     jsonb,
  metrics        jsonb,
  onnx           bytea,
  sha256         text,                       -- of onnx, hex
  run_id         text,
  model_uri      text,
  version        int,
  verdict        jsonb,
  failure        text,
  created_at     timestamptz not null default now(),
  updated_at     timestamptz not null default now(),
  finished_at    timestamptz
);

create index jobs_open on jobs (created_at) where state in ('QUEUED', 'RUNNING', 'WAITING');
create index jobs_by_deployment on jobs (deployment, created_at);

-- Replays that a job asked for; result is the ReplayFinished event.
create table replays (
  replay_id text primary key,
  job_id    text not null references jobs (id) on delete cascade,
  version   int not null,
  result    jsonb
);

create index replays_by_job on replays (job_id);

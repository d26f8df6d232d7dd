-- What has been read of each partition; moves in the transaction that stores what was read, so a record counts once however often it is delivered.
create table partition_progress (
  source text not null, -- predictions:<topic> or labels:<topic>|<fields>
  partition int not null,
  next_offset bigint not null,
  primary key (source, partition)
);

-- How far event time has come in a partition, by deployment (labels: '', they serve every deployment).
create table event_time_marks (
  source text not null,
  partition int not null,
  deployment text not null,
  recent double precision[] not null, -- event times of the last records, oldest first
  mark bigint, -- null until enough records agree
  progressed_at bigint not null, -- wall clock, ms
  primary key (source, partition, deployment)
);

create table predictions (
  deployment text not null,
  record_id text not null,
  event_time bigint not null,
  version int not null,
  score double precision,
  features double precision[],
  topic text not null,
  partition int not null,
  "offset" bigint not null,
  primary key (deployment, record_id)
);
create index predictions_by_time on predictions (deployment, event_time, record_id);

-- The first label of a record is the truth; what comes later is counted.
create table labels (
  source text not null,
  record_id text not null,
  value boolean not null,
  event_time bigint not null,
  repeats int not null default 0,
  contradictions int not null default 0, -- repeats that said the opposite
  primary key (source, record_id)
);

create table monitors (
  deployment text primary key,
  label_source text,
  origin bigint, -- windows begin at origin + n * windowMs
  closed_until bigint,
  watermark bigint
);

create table reports (
  report_id text primary key,
  deployment text not null,
  window_start bigint not null,
  window_end bigint not null,
  judged_version int,
  held text[] not null, -- kinds that were significant and material
  judged boolean not null, -- false: too few rows, or in-sample
  report jsonb not null, -- the DriftReported event
  unique (deployment, window_start)
);

-- What a version's windows are compared with where the gate left no figure.
create table baselines (
  deployment text not null,
  version int not null,
  baseline jsonb not null,
  primary key (deployment, version)
);

create table commands (
  command_id text primary key,
  deployment text not null,
  version int not null,
  epoch int not null,
  window_end bigint not null,
  command jsonb not null, -- the RetrainModel event
  unique (deployment, version, epoch)
);

-- Facts of other services, by their own ids: a replay writes nothing new.
create table gate_verdicts (
  verdict_id text primary key,
  model text not null,
  candidate_version int not null,
  command_id text,
  passed boolean not null,
  checks jsonb not null,
  rows bigint not null,
  decided_at bigint not null
);
create index gate_verdicts_by_version on gate_verdicts (model, candidate_version);

create table training_results (
  job_id text primary key,
  model text not null,
  version int,
  command_id text,
  status text not null,
  snapshot_from bigint,
  snapshot_to bigint
);
create index training_results_by_version on training_results (model, version);

create table promotions (
  promotion_id text primary key,
  model text not null,
  version int not null,
  verdict_id text,
  decision text not null
);

-- Part of the consumer groups' names: a database that was dropped reads its topics from the beginning again.
create table incarnation (
  id text primary key
);
insert into incarnation (id) values (left(replace(gen_random_uuid()::text, '-', ''), 8));

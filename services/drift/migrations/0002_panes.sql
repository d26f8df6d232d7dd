-- Where a deployment's values are counted; fixed by its first window with enough rows. `layout` names what was declared: features, categories, segments, panes.
create table grids (
  deployment text primary key,
  layout text not null,
  grid jsonb not null
);

-- Counts of one pane, by version and segment (0: all rows, else the segment's number from 1). One row a partition that is read, written in the transaction that moves its progress;
-- '' is what the closer has joined. Sums are whole numbers: the order of parts does not matter.
create table pane_sketches (
  deployment text not null,
  layout text not null,
  pane bigint not null,
  version int not null,
  segment int not null,
  source text not null,
  counts bytea not null,
  primary key (deployment, layout, pane, version, segment, source)
);

-- A row's segments, one bit each; its features are null as soon as a pane has counted them.
alter table predictions add column segments int not null default 0;
create index predictions_uncounted on predictions (deployment, event_time) where features is not null;
create index labels_by_time on labels (source, event_time);

alter table reports add column designs jsonb not null default '{}'; -- how alike rows of a pane were, by stream
alter table reports add column figures_version int not null default 1;

-- Windows that labels have come for after they were closed; their figures are computed again.
create table amendments (
  deployment text not null,
  window_start bigint not null,
  since bigint not null, -- wall clock, ms
  primary key (deployment, window_start)
);

-- Event time in which an operator wants no retrain command.
create table retrain_vetoes (
  veto_id text primary key,
  deployment text not null,
  from_time bigint not null,
  to_time bigint,
  veto jsonb not null
);

-- Rows before this event time have been deleted.
alter table monitors add column forgotten_until bigint;

-- Baselines of single rows' columns say nothing about panes; the next judged window makes new ones.
delete from baselines;

-- What this service has told before, as its own topics say: after the tables were dropped, what was decided stays decided, and nothing is fired a second time.
create table told_reports (
  report_id text primary key,
  retrain text not null
);
create table told_commands (
  command_id text primary key,
  command jsonb not null
);

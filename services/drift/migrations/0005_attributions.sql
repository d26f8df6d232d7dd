-- How much each feature moved an explained prediction's score. Rows stay until their window is closed.
create table explanations (
  deployment text not null,
  record_id text not null,
  event_time bigint not null,
  version int not null,
  attributions double precision[] not null,
  primary key (deployment, record_id)
);
create index explanations_by_time on explanations (deployment, event_time, record_id);

-- Sums over one closed pane's explained rows, by version. `explained` names how they were explained: features, panes, method, baseline.
create table attribution_panes (
  deployment text not null,
  explained text not null,
  pane bigint not null,
  version int not null,
  sums double precision[] not null,
  primary key (deployment, explained, pane, version)
);

-- What has been read of each partition; moves in the transaction that acts on it, so that no event acts twice, not even when a group is reset.
create table partition_progress (
  topic text not null,
  partition int not null,
  next_offset bigint not null,
  primary key (topic, partition)
);

create table alerts (
  fingerprint text primary key, -- rule and labels
  rule text not null,
  severity text not null,
  labels jsonb not null,
  summary text not null,
  state text not null, -- PENDING, FIRING, RESOLVED
  starts_at bigint not null, -- all times: ms since the epoch
  changed_at bigint not null,
  last_active_at bigint not null,
  occurrences bigint not null -- since starts_at
);
create index alerts_by_state on alerts (state, rule);

-- One line a state change and channel: written with the change, struck off when the channel has taken it.
create table deliveries (
  id bigint generated always as identity primary key,
  idempotency_key text not null,
  channel text not null,
  fingerprint text not null,
  alert jsonb not null, -- the AlertChanged event
  attempts int not null default 0,
  next_attempt_at bigint not null,
  delivered_at bigint,
  last_error text,
  unique (idempotency_key, channel)
);
create index deliveries_open on deliveries (next_attempt_at) where delivered_at is null;
create index deliveries_open_by_alert on deliveries (fingerprint, channel, id) where delivered_at is null;

create table webhooks (
  webhook_id uuid primary key,
  name text not null,
  url text not null,
  description text,
  events text[] not null, -- registered_model.created, …
  secret text, -- encrypted
  status text not null check (status in ('ACTIVE', 'DISABLED')),
  creation_timestamp bigint not null,
  last_updated_timestamp bigint not null
);
create index webhooks_newest on webhooks (creation_timestamp desc, webhook_id);
select record_changes_of('webhooks');

-- What is still to be told, and what could not be. A delivery is written with the change it tells of, and is gone once it was taken.
create table webhook_deliveries (
  delivery_id uuid primary key,
  webhook_id uuid not null references webhooks on delete cascade,
  event text not null,
  body text not null,
  status text not null default 'pending' check (status in ('pending', 'dead')),
  attempts integer not null default 0,
  next_attempt_at bigint not null, -- of one that is being sent: when its sender is given up
  last_error text,
  created_at bigint not null
);
create index webhook_deliveries_due on webhook_deliveries (next_attempt_at) where status = 'pending';

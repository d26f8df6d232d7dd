create table policies (
  model text primary key, -- which need not exist yet
  rules jsonb not null,
  owners text[] not null,
  last_updated_timestamp bigint not null
);

-- What gates have said: evidence that policies ask for.
create table gate_verdicts (
  verdict_id text primary key,
  model text not null,
  version integer not null,
  alias text not null,
  passed boolean not null,
  reasons text[] not null,
  checks jsonb not null,
  decided_at bigint not null
);
create index gate_verdicts_newest on gate_verdicts (model, version, decided_at desc, verdict_id);

create table promotion_requests (
  request_id uuid primary key,
  model text not null,
  version integer not null,
  target text not null, -- alias:champion or stage:Production
  reason text not null,
  requested_by text not null,
  status text not null check (status in ('OPEN', 'PROMOTED', 'REJECTED', 'WITHDRAWN')),
  created_at bigint not null,
  closed_at bigint,
  closed_by text,
  closing_reason text
);
create unique index promotion_requests_open on promotion_requests (model, version, target) where status = 'OPEN';
create index promotion_requests_newest on promotion_requests (created_at desc, request_id);

create table promotion_approvals (
  request_id uuid not null references promotion_requests deferrable,
  principal text not null,
  reason text not null,
  approved_at bigint not null,
  primary key (request_id, principal)
);

select record_changes_of(each::regclass) from unnest(array['policies', 'gate_verdicts', 'promotion_requests', 'promotion_approvals']) each;

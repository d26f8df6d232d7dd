-- Events that were decided with a commit and are not yet on the log. A row lives from the commit to the broker's acknowledgement.
-- key and value are text: an event is opaque here, and jsonb would reorder keys and refuse \u0000.
create table outbox (
  id bigint generated always as identity primary key,
  topic text not null,
  key text,
  value text, -- JSON; null is a tombstone
  headers text not null default '{}', -- JSON object of strings
  event_id uuid not null unique,
  event_time bigint not null -- ms since the epoch
);

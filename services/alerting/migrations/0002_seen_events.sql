-- Events that have been acted on, by their CloudEvents id: one that is published again, at another offset, acts no second time.
create table seen_events (
  topic text not null,
  id text not null,
  primary key (topic, id)
);

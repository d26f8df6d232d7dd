-- The batch in hand: written before it is sent, deleted with its events. After a crash its receipt tells whether the log has it.
create table outbox_batch (
  receipt uuid primary key,
  ids bigint[] not null -- of outbox
);

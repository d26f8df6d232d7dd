-- An event lives for milliseconds: compressing a large one costs more than the room it saves.
alter table outbox alter column value set storage external;

-- The key of a prediction's record, where a KPI is told of entities; and whom such a KPI is told of. It belongs to the entity's last prediction before it.
alter table predictions add column entity text;
create index predictions_by_entity on predictions (deployment, entity, event_time, record_id) where entity is not null;
alter table labels add column entity text;
create index labels_by_entity on labels (source, entity, event_time) where entity is not null;

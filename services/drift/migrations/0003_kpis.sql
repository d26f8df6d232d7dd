-- Labels and KPIs are kept alike: what came first for a record. Truth is 1 or 0.
alter table labels alter column value type double precision using value::int;

-- Sources that a deployment's records are told more of by: labels and KPIs.
alter table monitors add column label_sources text[] not null default '{}';
update monitors set label_sources = array[label_source] where label_source is not null;
alter table monitors drop column label_source;

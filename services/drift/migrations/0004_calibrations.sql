-- What turns a version's scores into chances: fitted once, on the labels of its first judged window.
create table calibrations (
  deployment text not null,
  version int not null,
  calibration jsonb not null,
  primary key (deployment, version)
);

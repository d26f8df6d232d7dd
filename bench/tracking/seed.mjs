// Runs with 3 metrics, 2 params and 2 tags each, written straight into each server's tables, because logging them through MLflow takes an hour.
const VALUES = `from generate_series(1, $1::int) n`;
const id = `md5('run' || n)`;
const random = (salt) => `(('x' || substr(md5(n || '${salt}'), 1, 8))::bit(32)::bigint & 1048575) / 1048575.0`;
const start = `1700000000000 + n * 1000::bigint`;

export async function seedHeadrace(database, experiment, count) {
  const run = (text) => database.query(text, [count]);
  await database.query('set search_path = tracking');
  await run(`insert into runs (run_id, experiment_id, run_name, user_id, status, start_time, end_time, artifact_uri)
    select ${id}, ${experiment}, 'run-' || n, 'bench', 'FINISHED', ${start}, ${start} + 500, 'mlflow-artifacts:/x' ${VALUES}`);
  for (const m of [1, 2, 3])
    await run(`insert into latest_metrics (run_id, experiment_id, key, value, "timestamp", step)
      select ${id}, ${experiment}, 'm${m}', ${random(m)}, ${start}, 1 ${VALUES}`);
  for (const [table, key] of KEYED)
    await run(
      `insert into ${table} (run_id, experiment_id, key, value, started) select ${id}, ${experiment}, '${key}', 'v' || (('x' || substr(md5(n || '${key}'), 1, 6))::bit(24)::int % 10), ${start} ${VALUES}`,
    );
  await database.query('analyze');
}

const KEYED = [
  ['params', 'p1'],
  ['params', 'p2'],
  ['tags', 't1'],
  ['tags', 't2'],
];

export async function seedMlflow(database, experiment, count) {
  const run = (text) => database.query(text, [count]);
  await run(`insert into runs (run_uuid, experiment_id, name, user_id, status, start_time, end_time, lifecycle_stage, artifact_uri, source_type, source_name, entry_point_name, source_version)
    select ${id}, ${experiment}, 'run-' || n, 'bench', 'FINISHED', ${start}, ${start} + 500, 'active', 'mlflow-artifacts:/x', 'UNKNOWN', '', '', '' ${VALUES}`);
  for (const m of [1, 2, 3])
    await run(`insert into latest_metrics (run_uuid, key, value, "timestamp", step, is_nan)
      select ${id}, 'm${m}', ${random(m)}, ${start}, 1, false ${VALUES}`);
  for (const [table, key] of KEYED)
    await run(
      `insert into ${table} (run_uuid, key, value) select ${id}, '${key}', 'v' || (('x' || substr(md5(n || '${key}'), 1, 6))::bit(24)::int % 10) ${VALUES}`,
    );
  await database.query('analyze');
}

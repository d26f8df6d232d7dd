// What is measured, the same for both servers.

export async function newExperiment(client) {
  return (await client.post('experiments/create', { name: `bench-${Date.now()}-${Math.random()}` })).experiment_id;
}

/** Calls of `work` a second by so many clients at once, each with one call under way. */
async function rate(clients, seconds, work) {
  const begin = performance.now();
  const end = begin + seconds * 1000;
  let calls = 0;
  const one = async (client) => {
    while (performance.now() < end) {
      await work(client);
      calls++;
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, n) => one(n)));
  return calls / ((performance.now() - begin) / 1000);
}

const createRun = (client, experiment_id) =>
  client.post('runs/create', {
    experiment_id,
    start_time: Date.now(),
    tags: [
      { key: 'mlflow.user', value: 'bench' },
      { key: 'mlflow.source.name', value: 'train.py' },
    ],
  });

export async function runsASecond(client, { clients, seconds }) {
  const experiment = await newExperiment(client);
  await rate(clients, seconds / 4, () => createRun(client, experiment));
  return rate(clients, seconds, () => createRun(client, experiment));
}

/** 1,000 metrics a batch: 100 steps of 10 metrics, each client into a run of its own. */
export async function metricsASecond(client, { clients, seconds }) {
  const experiment = await newExperiment(client);
  const runs = await Promise.all(Array.from({ length: clients }, () => createRun(client, experiment)));
  const steps = runs.map(() => 0);
  const log = (n) => {
    const from = steps[n];
    steps[n] += 100;
    const metrics = Array.from({ length: 1000 }, (_, k) => ({
      key: `metric_${k % 10}`,
      value: Math.random(),
      timestamp: 1_700_000_000_000 + from + Math.floor(k / 10),
      step: from + Math.floor(k / 10),
    }));
    return client.post('runs/log-batch', { run_id: runs[n].run.info.run_id, metrics });
  };
  await rate(clients, seconds / 4, log);
  return 1000 * (await rate(clients, seconds, log));
}

const SEARCHES = [
  { filter: 'metrics.m1 > 0.5', order_by: ['metrics.m2 DESC'] },
  { filter: "metrics.m1 > 0.9 and params.p1 = 'v3'", order_by: ['metrics.m1 ASC'] },
  { filter: "params.p2 = 'v7' and tags.t1 = 'v1'", order_by: ['attributes.start_time DESC'] },
  { filter: "attributes.status = 'FINISHED' and metrics.m3 < 0.2", order_by: ['params.p1 ASC'] },
];

/** The 95th percentile of a page of 100 runs with filter and order, ms: first pages and those that follow. */
export async function searchP95(client, experiment_id, rounds) {
  const times = [];
  for (let round = 0; round < rounds; round++)
    for (const search of SEARCHES) {
      let page_token;
      for (let page = 0; page < 2; page++) {
        const begin = performance.now();
        const answer = await client.post('runs/search', {
          experiment_ids: [experiment_id],
          max_results: 100,
          page_token,
          ...search,
        });
        if (round > 0) times.push(performance.now() - begin);
        if (answer.runs?.length !== 100)
          throw new Error(`a page of ${answer.runs?.length} runs: ${JSON.stringify(search)}`);
        page_token = answer.next_page_token;
      }
    }
  times.sort((a, b) => a - b);
  return times[Math.floor(times.length * 0.95)];
}

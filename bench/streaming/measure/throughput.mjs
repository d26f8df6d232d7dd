// One worker, one input, from the first record to the last: CPU, rate, memory.
import { HeadraceWorkers } from '../headrace/headrace-worker.mjs';
import { PeerWorker } from '../peers/peer-worker.mjs';
import { workEnvironment } from '../peers/work-environment.mjs';
import { follow } from './follow.mjs';
import { figuresOf } from './samples.mjs';

const LIMIT_SECONDS = 1800;

/**
 * @param {import('../work/bench.mjs').Bench} bench
 * @param {{ model: object, records: number, verify: boolean, count?: number, profileFolder?: string }} options count: processes that share the input
 */
export async function measureOurs(bench, { model, records, verify, ...options }) {
  const work = await bench.work({ model, input: await bench.input(records), ours: true });
  const workers = await HeadraceWorkers.start(bench.cluster, options);
  const figures = await measured(bench, work, workers);
  return finish(bench, work, figures, verify);
}

/** @param {{ model: object, records: number, verify: boolean, name: string, peer: (typeof import('../peers/peers.mjs').peers)[string] }} options */
export async function measurePeer(bench, { model, records, verify, name, peer }) {
  const work = await bench.work({ model, input: await bench.input(Math.min(records, peer.maxRecords ?? records)) });
  const environment = workEnvironment(bench.cluster, work, bench.predictionSchema);
  const worker = await PeerWorker.start(bench.cluster, { name, ...peer.program() }, environment);
  const figures = await measured(bench, work, worker);
  return finish(bench, work, figures, verify);
}

async function measured(bench, work, workers) {
  try {
    const samples = await follow({
      admin: bench.cluster.admin,
      group: work.group,
      topic: work.input.topic,
      records: work.input.records,
      pids: workers.pids,
      begin: () => workers.begin(work),
      alive: () => workers.alive(),
      limitSeconds: LIMIT_SECONDS,
    });
    return figuresOf(samples);
  } finally {
    await workers.stop(work);
  }
}

async function finish(bench, work, figures, verify) {
  const verified = verify ? await bench.verify(work) : null;
  await bench.finish(work);
  return { ...figures, verified };
}

import './bootstrap/check-node.mjs';
import { bootstrap } from './bootstrap/bootstrap.mjs';
import { main } from './bootstrap/run.mjs';

// Keeps one Kafka, PostgreSQL and gateway for many end-to-end runs: prints what to export, stays until Ctrl-C.
// Not exec'ed into the pinned Node: the cluster's own code runs on any Node from 20.19.
await main(async () => {
  bootstrap();
  const { startDisposableCluster } = await import('../libs/dev/dist/index.js');
  const cluster = await startDisposableCluster();
  for (const [name, value] of Object.entries(cluster.env)) console.log(`export ${name}=${value}`);
  console.error(`headrace: logs in ${cluster.folder}/logs; Ctrl-C ends it`);
  const signal = await new Promise((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve));
  console.error(`headrace: ${signal}, stopping`);
  await cluster.stop();
  return 0;
});

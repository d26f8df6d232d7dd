// Plain JavaScript: jest loads it with Node, untransformed, so it takes @headrace/dev from dist.

/** Starts what end-to-end tests need, once a run; tests find it through the environment (testCluster). */
export default async function globalSetup() {
  const { startDisposableCluster } = await import('@headrace/dev').catch((cause) => {
    throw new Error('end-to-end tests need builds: run `npx nx run-many -t build` first', { cause });
  });
  const cluster = await startDisposableCluster();
  Object.assign(process.env, cluster.env);
  globalThis.headraceCluster = cluster;
}

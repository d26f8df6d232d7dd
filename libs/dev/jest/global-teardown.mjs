export default async function globalTeardown() {
  await globalThis.headraceCluster?.stop();
}

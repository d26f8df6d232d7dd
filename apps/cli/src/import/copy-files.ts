import type { GatewayClient } from '../gateway/gateway-client.js';
import type { ArtifactOwner, MlflowServer } from './mlflow-server.js';

const SCHEME = /^mlflow-artifacts:\/*/;

export interface FileCopying {
  readonly from: MlflowServer;
  readonly to: MlflowServer;
  readonly here: GatewayClient;
  readonly onBytes: (bytes: number) => void;
}

/** Every file below an owner's root, streamed. One that is here with the same size is left alone: files are written whole or not at all. */
export async function copyFiles(
  { from, to, here, onBytes }: FileCopying,
  there: ArtifactOwner,
  own: ArtifactOwner,
  folder: string,
): Promise<void> {
  if (!SCHEME.test(folder)) throw new Error(`files for ${folder} cannot be written through the platform`);
  const root = folder.replace(SCHEME, '');
  const sizes = new Map<string, number>();
  for await (const { path, sizeBytes } of to.files(own)) sizes.set(path, sizeBytes);
  for await (const { path, sizeBytes } of from.files(there)) {
    if (sizes.get(path) === sizeBytes) continue;
    const target = `${root}/${path}`.split('/').map(encodeURIComponent).join('/');
    await here.stream(`/api/2.0/mlflow-artifacts/artifacts/${target}`, await from.open(there, path));
    onBytes(sizeBytes);
  }
}

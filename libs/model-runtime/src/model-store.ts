import type { ResolvedModel } from '@headrace/contracts';
import { HeadraceError, messageOf } from '@headrace/service-kit/errors';
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { externalFiles, selfContained } from './onnx/external-data.js';

/** Bytes of registered model versions. */
export interface ModelStore {
  /** @throws HeadraceError UNAVAILABLE when they cannot be fetched now, MODEL_INVALID when they are not what was registered */
  fetch(model: ResolvedModel): Promise<Uint8Array>;
}

const ARTIFACT_SCHEME = 'mlflow-artifacts:/';
const TIMEOUT_MS = 60_000;

/** Fetches through tracking's artifact API, tensors in files beside the model included, checks the digest of the whole, and keeps a copy by digest on disk. */
export class HttpModelStore implements ModelStore {
  /** @param gatewayUrl base URL of the platform's HTTP APIs  @param cacheDir folder for copies, made if missing */
  constructor(
    private readonly gatewayUrl: string,
    private readonly cacheDir: string,
  ) {}

  async fetch(model: ResolvedModel): Promise<Uint8Array> {
    const file = join(this.cacheDir, `${model.sha256}.onnx`);
    const kept = await readFile(file).catch(() => undefined);
    if (kept && digest(kept) === model.sha256) return kept;
    const bytes = await this.whole(model, await this.download(model, model.artifactUri));
    const found = digest(bytes);
    if (found !== model.sha256)
      throw new HeadraceError(
        'MODEL_INVALID',
        `${name(model)}: ${model.artifactUri} has sha256 ${found}, registered was ${model.sha256}`,
      );
    await this.keep(file, bytes);
    return bytes;
  }

  private async whole(model: ResolvedModel, bytes: Uint8Array): Promise<Uint8Array> {
    const files = new Map<string, Uint8Array>();
    for (const file of filesBeside(bytes))
      files.set(file, await this.download(model, model.artifactUri.replace(/[^/]+$/, file)));
    return files.size === 0 ? bytes : selfContained(bytes, files);
  }

  private async download(model: ResolvedModel, uri: string): Promise<Uint8Array> {
    if (!uri.startsWith(ARTIFACT_SCHEME))
      throw new HeadraceError('MODEL_INVALID', `${name(model)}: cannot fetch ${uri}; expected ${ARTIFACT_SCHEME}…`);
    const path = uri.slice(ARTIFACT_SCHEME.length).replace(/^\/+/, '');
    const url = `${this.gatewayUrl}/api/2.0/mlflow-artifacts/artifacts/${path.split('/').map(encodeURIComponent).join('/')}`;
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
      if (response.ok) return new Uint8Array(await response.arrayBuffer());
      if (response.status === 404) throw new HeadraceError('MODEL_INVALID', `${name(model)}: no artifact at ${uri}`);
      throw new Error(`status ${response.status}`);
    } catch (error) {
      if (error instanceof HeadraceError) throw error;
      throw new HeadraceError('UNAVAILABLE', `${name(model)}: cannot fetch ${url}: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  /** Renamed into place, so that a kill leaves no half of a model under its digest. */
  private async keep(file: string, bytes: Uint8Array): Promise<void> {
    await mkdir(this.cacheDir, { recursive: true });
    const partial = `${file}.${randomUUID()}`;
    await writeFile(partial, bytes);
    await rename(partial, file);
  }
}

/** Twin for tests. */
export class InMemoryModelStore implements ModelStore {
  private readonly bytes = new Map<string, Uint8Array>();

  /** Registers a version and says how a deployment event would name it. */
  put(model: string, version: number, bytes: Uint8Array): ResolvedModel {
    const sha256 = digest(bytes);
    this.bytes.set(sha256, bytes);
    return {
      name: model,
      version,
      runId: `run-${version}`,
      artifactUri: `mlflow-artifacts:/${model}/${version}/model.onnx`,
      sha256,
    };
  }

  async fetch(model: ResolvedModel): Promise<Uint8Array> {
    const bytes = this.bytes.get(model.sha256);
    if (!bytes) throw new HeadraceError('UNAVAILABLE', `${name(model)} is not in the store`);
    return bytes;
  }
}

/** None for what is no ONNX file: its digest says so. */
function filesBeside(bytes: Uint8Array): string[] {
  try {
    return externalFiles(bytes);
  } catch (error) {
    if (error instanceof RangeError) return [];
    throw error;
  }
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function name(model: ResolvedModel): string {
  return `${model.name}@${model.version}`;
}

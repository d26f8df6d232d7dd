import { parseArtifactUri } from '@headrace/mlflow-protocol';
import { HeadraceError, messageOf } from '@headrace/service-kit';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { parse } from 'yaml';
import { unreachable, type TrackingReads } from '../tracking/tracking-reads.js';
import { inspectOnnx } from './inspection.js';
import { onnxCandidates } from './onnx-candidates.js';
import { ModelArtifacts, type ArtifactOwner, type ModelArtifact, type OwnedArtifacts } from './model-artifacts.js';
import { readColumns, signatureFault, type Column } from './signature.js';

/** Before the first and between two chunks of a file. */
const SILENCE_MS = 30_000;

interface RunAnswer {
  readonly run: { readonly info: { readonly artifact_uri: string } };
}
interface LoggedModelAnswer {
  readonly model: { readonly info: { readonly artifact_uri: string; readonly source_run_id?: string } };
}

/** Reads artifacts through tracking's HTTP API; a file is loaded once in a process of its own. */
export class HttpModelArtifacts extends ModelArtifacts {
  constructor(private readonly tracking: TrackingReads) {
    super();
  }

  async owned(owner: ArtifactOwner): Promise<OwnedArtifacts | undefined> {
    if ('runId' in owner) {
      const answer = await this.tracking.get<RunAnswer>('runs/get', { run_id: owner.runId });
      return answer && { root: answer.run.info.artifact_uri, runId: owner.runId };
    }
    const answer = await this.tracking.get<LoggedModelAnswer>(`logged-models/${encodeURIComponent(owner.modelId)}`);
    const info = answer?.model.info;
    return info && { root: info.artifact_uri, runId: info.source_run_id || undefined };
  }

  async findOnnx(uri: string): Promise<ModelArtifact | undefined> {
    const location = parseArtifactUri(uri);
    if (location.kind !== 'store') return undefined;
    for (const candidate of onnxCandidates(location.path)) {
      const found = await this.inspect(candidate);
      if (found) return found;
    }
    return undefined;
  }

  /** The file is kept only while it is looked at. */
  private async inspect(path: string): Promise<ModelArtifact | undefined> {
    const folder = await mkdtemp(join(tmpdir(), 'headrace-onnx-'));
    try {
      const file = join(folder, 'model.onnx');
      if (!(await this.download(path, file))) return undefined;
      const inspected = await inspectOnnx(file, (name) => this.downloadBeside(path, name, folder));
      const columns = await this.columnsBeside(path);
      const fault = signatureFault(inspected.inputs, columns);
      if (fault !== undefined) throw new HeadraceError('MODEL_INVALID', `${path} is not what MLmodel says: ${fault}`);
      const sha256 = await digestOf(file);
      return { uri: `mlflow-artifacts:/${path}`, sha256, signature: { ...inspected, columns } };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Of the MLmodel in the same folder; null without one, or without a signature in it. */
  private async columnsBeside(path: string): Promise<Column[] | null> {
    const response = await this.tracking.artifact(path.replace(/[^/]+$/, 'MLmodel'));
    if (!response) return null;
    try {
      const { signature } = parse(await response.text()) as { signature?: { inputs?: string } };
      return signature?.inputs === undefined ? null : readColumns(signature.inputs);
    } catch (cause) {
      throw new HeadraceError('MODEL_INVALID', `The MLmodel beside ${path} cannot be read: ${messageOf(cause)}`, {
        cause,
      });
    }
  }

  private async downloadBeside(path: string, name: string, folder: string): Promise<void> {
    const file = join(folder, name);
    await mkdir(dirname(file), { recursive: true });
    if (!(await this.download(path.replace(/[^/]+$/, name), file)))
      throw new HeadraceError('MODEL_INVALID', `${path} has tensors in '${name}', which is not beside it`);
  }

  /** @returns whether it is there */
  private async download(path: string, file: string): Promise<boolean> {
    const silence = new AbortController();
    const timer = setTimeout(() => silence.abort(), SILENCE_MS);
    try {
      const response = await this.tracking.artifact(path, silence.signal);
      if (!response?.body) return false;
      const watched = new Transform({
        transform: (chunk: Buffer, _encoding, done) => {
          timer.refresh();
          done(null, chunk);
        },
      });
      await pipeline(Readable.fromWeb(response.body as ReadableStream), watched, createWriteStream(file));
      return true;
    } catch (error) {
      throw unreachable(path, error);
    } finally {
      clearTimeout(timer);
    }
  }
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

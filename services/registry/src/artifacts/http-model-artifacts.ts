import { parseArtifactUri } from '@headrace/mlflow-protocol';
import { HeadraceError, messageOf } from '@headrace/service-kit';
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

/** Reads artifacts through tracking's HTTP API; a file is hashed as it streams by, and loaded once in a process of its own. */
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
      const sha256 = await this.download(path, file);
      if (sha256 === undefined) return undefined;
      const inspected = await inspectOnnx(file);
      const columns = await this.columnsBeside(path);
      const fault = signatureFault(inspected.inputs, columns);
      if (fault !== undefined) throw new HeadraceError('MODEL_INVALID', `${path} is not what MLmodel says: ${fault}`);
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

  /** @returns its SHA-256; undefined when it is not there */
  private async download(path: string, file: string): Promise<string | undefined> {
    const silence = new AbortController();
    const timer = setTimeout(() => silence.abort(), SILENCE_MS);
    try {
      const response = await this.tracking.artifact(path, silence.signal);
      if (!response?.body) return undefined;
      const hash = createHash('sha256');
      const watched = new Transform({
        transform: (chunk: Buffer, _encoding, done) => {
          hash.update(chunk);
          timer.refresh();
          done(null, chunk);
        },
      });
      await pipeline(Readable.fromWeb(response.body as ReadableStream), watched, createWriteStream(file));
      return hash.digest('hex');
    } catch (error) {
      throw unreachable(path, error);
    } finally {
      clearTimeout(timer);
    }
  }
}

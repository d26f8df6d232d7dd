import { parseArtifactUri } from '@headrace/mlflow-protocol';
import { HeadraceError, messageOf } from '@headrace/service-kit';
import { createHash } from 'node:crypto';
import { onnxCandidates } from './onnx-candidates.js';
import { ModelArtifacts, type ArtifactOwner, type ModelArtifact, type OwnedArtifacts } from './model-artifacts.js';

/** For the answer to begin; and between two chunks of a file. */
const SILENCE_MS = 30_000;

interface RunAnswer {
  readonly run: { readonly info: { readonly artifact_uri: string } };
}
interface LoggedModelAnswer {
  readonly model: { readonly info: { readonly artifact_uri: string; readonly source_run_id?: string } };
}

/** Reads artifacts through tracking's HTTP API; a file is hashed as it streams by. */
export class HttpModelArtifacts extends ModelArtifacts {
  /** @param baseUrl of the gateway */
  constructor(private readonly baseUrl: string) {
    super();
  }

  async owned(owner: ArtifactOwner): Promise<OwnedArtifacts | undefined> {
    if ('runId' in owner) {
      const answer = await this.json<RunAnswer>(`/api/2.0/mlflow/runs/get?run_id=${encodeURIComponent(owner.runId)}`);
      return answer && { root: answer.run.info.artifact_uri, runId: owner.runId };
    }
    const answer = await this.json<LoggedModelAnswer>(
      `/api/2.0/mlflow/logged-models/${encodeURIComponent(owner.modelId)}`,
    );
    const info = answer?.model.info;
    return info && { root: info.artifact_uri, runId: info.source_run_id || undefined };
  }

  async findOnnx(uri: string): Promise<ModelArtifact | undefined> {
    const location = parseArtifactUri(uri);
    if (location.kind !== 'store') return undefined;
    for (const candidate of onnxCandidates(location.path)) {
      const sha256 = await this.hash(candidate);
      if (sha256 !== undefined) return { uri: `mlflow-artifacts:/${candidate}`, sha256 };
    }
    return undefined;
  }

  private async json<T>(path: string): Promise<T | undefined> {
    const response = await this.get(path);
    return response && ((await response.json()) as T);
  }

  private async hash(path: string): Promise<string | undefined> {
    const encoded = path.split('/').map(encodeURIComponent).join('/');
    const silence = new AbortController();
    const timer = setTimeout(() => silence.abort(), SILENCE_MS);
    try {
      const response = await this.get(`/api/2.0/mlflow-artifacts/artifacts/${encoded}`, silence.signal);
      if (response === undefined) return undefined;
      const hash = createHash('sha256');
      for await (const chunk of response.body ?? []) {
        hash.update(chunk as Uint8Array);
        timer.refresh();
      }
      return hash.digest('hex');
    } catch (error) {
      throw unreachable(path, error);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Undefined when it does not exist. */
  private async get(path: string, signal = AbortSignal.timeout(SILENCE_MS)): Promise<Response | undefined> {
    const response = await fetch(new URL(path, this.baseUrl), { signal }).catch((error: unknown) => {
      throw unreachable(path, error);
    });
    if (response.ok) return response;
    const body = await response.text();
    // 400: an id or a path that tracking cannot read names nothing.
    if (response.status === 404 || response.status === 400) return undefined;
    throw unreachable(path, new Error(`${response.status} ${body.slice(0, 300)}`));
  }
}

function unreachable(path: string, cause: unknown): HeadraceError {
  if (cause instanceof HeadraceError) return cause;
  return new HeadraceError('UNAVAILABLE', `The artifact API does not give ${path}: ${messageOf(cause)}`, { cause });
}

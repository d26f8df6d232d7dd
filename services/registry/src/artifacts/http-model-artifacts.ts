import { invalidParameter, parseArtifactUri } from '@headrace/mlflow-protocol';
import { HeadraceError, messageOf } from '@headrace/service-kit';
import { createHash } from 'node:crypto';
import { onnxCandidates } from './onnx-candidates.js';
import { ModelArtifacts, type ModelArtifact } from './model-artifacts.js';

/** For the answer to begin; and between two chunks of a file. */
const SILENCE_MS = 30_000;

/** Reads artifacts through tracking's HTTP API; a file is hashed as it streams by. */
export class HttpModelArtifacts extends ModelArtifacts {
  /** @param baseUrl of the gateway */
  constructor(private readonly baseUrl: string) {
    super();
  }

  async resolve(source: string): Promise<ModelArtifact> {
    const path = await this.storePath(source);
    for (const candidate of onnxCandidates(path)) {
      const sha256 = await this.hash(candidate);
      if (sha256 !== undefined) return { uri: `mlflow-artifacts:/${candidate}`, sha256 };
    }
    throw invalidParameter(
      `Unable to fetch the artifact of source '${source}': there is no ${onnxCandidates(path).join(' or ')}. Log the ONNX file first.`,
    );
  }

  private async storePath(source: string): Promise<string> {
    const location = parseArtifactUri(source);
    if (location.kind === 'store') return location.path;
    const root = parseArtifactUri(await this.artifactUriOf(location.runId, source));
    return [root.path, location.path].filter((part) => part !== '').join('/');
  }

  private async artifactUriOf(runId: string, source: string): Promise<string> {
    const response = await this.get(`/api/2.0/mlflow/runs/get?run_id=${encodeURIComponent(runId)}`);
    if (response === undefined)
      throw invalidParameter(`Unable to fetch the artifact of source '${source}': there is no run ${runId}`);
    const { run } = (await response.json()) as { run: { info: { artifact_uri: string } } };
    return run.info.artifact_uri;
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
    if (response.status === 404) return undefined;
    throw unreachable(path, new Error(`${response.status} ${body.slice(0, 300)}`));
  }
}

function unreachable(path: string, cause: unknown): HeadraceError {
  if (cause instanceof HeadraceError) return cause;
  return new HeadraceError('UNAVAILABLE', `The artifact API does not give ${path}: ${messageOf(cause)}`, { cause });
}

import { HeadraceError, messageOf } from '@headrace/service-kit';

const TIMEOUT_MS = 30_000;

/** Tracking's HTTP API, read through the gateway. What does not exist is undefined; a tracking that does not answer is UNAVAILABLE. */
export class TrackingReads {
  /** @param baseUrl of the gateway */
  constructor(private readonly baseUrl: string) {}

  /** @param path of MLflow's REST API below /api/2.0/mlflow/ */
  async get<T>(path: string, query: Readonly<Record<string, string>> = {}): Promise<T | undefined> {
    const response = await this.ask(`/api/2.0/mlflow/${path}?${new URLSearchParams(query).toString()}`);
    return response && this.json<T>(response, path);
  }

  async post<T>(path: string, body: object): Promise<T | undefined> {
    const headers = { 'content-type': 'application/json' };
    const init = { method: 'POST', headers, body: JSON.stringify(body) };
    const response = await this.ask(`/api/2.0/mlflow/${path}`, init);
    return response && this.json<T>(response, path);
  }

  /** @param path below mlflow-artifacts:/ */
  artifact(path: string, signal?: AbortSignal): Promise<Response | undefined> {
    const encoded = path.split('/').map(encodeURIComponent).join('/');
    return this.ask(`/api/2.0/mlflow-artifacts/artifacts/${encoded}`, { signal: signal ?? null });
  }

  private async ask(path: string, init: RequestInit = {}): Promise<Response | undefined> {
    const signal = init.signal ?? AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(new URL(path, this.baseUrl), { ...init, signal }).catch((error: unknown) => {
      throw unreachable(path, error);
    });
    if (response.ok) return response;
    const body = await response.text();
    // 400: an id or a path that tracking cannot read names nothing.
    if (response.status === 404 || response.status === 400) return undefined;
    throw unreachable(path, new Error(`${response.status} ${body.slice(0, 300)}`));
  }

  private async json<T>(response: Response, path: string): Promise<T> {
    return (await response.json().catch((error: unknown) => {
      throw unreachable(path, error);
    })) as T;
  }
}

/** @returns UNAVAILABLE, unless it is known better */
export function unreachable(path: string, cause: unknown): HeadraceError {
  if (cause instanceof HeadraceError) return cause;
  return new HeadraceError('UNAVAILABLE', `Tracking does not give ${path}: ${messageOf(cause)}`, { cause });
}

import { HeadraceError, messageOf, type ErrorCode } from '@headrace/service-kit';

const TIMEOUT_MS = 30_000;

const codes: Readonly<Record<string, ErrorCode>> = {
  RESOURCE_ALREADY_EXISTS: 'ALREADY_EXISTS',
  RESOURCE_DOES_NOT_EXIST: 'NOT_FOUND',
  INVALID_PARAMETER_VALUE: 'INPUT_INVALID',
  UNAUTHENTICATED: 'FORBIDDEN',
  PERMISSION_DENIED: 'FORBIDDEN',
};

/** MLflow's REST API: JSON in and out, errors by error_code. */
export class MlflowClient {
  /** @param authorization value of the header of that name; no message shows it */
  constructor(
    private readonly baseUrl: string,
    private readonly authorization?: string,
  ) {}

  get<T>(path: string, query: Readonly<Record<string, string>>): Promise<T> {
    return this.request<T>('GET', `mlflow/${path}?${new URLSearchParams(query).toString()}`);
  }

  post<T>(path: string, body: object): Promise<T> {
    return this.request<T>('POST', `mlflow/${path}`, JSON.stringify(body), 'application/json');
  }

  /** @param uri mlflow-artifacts:/… of the file to write */
  async putArtifact(uri: string, content: Uint8Array): Promise<void> {
    const path = new URL(uri).pathname.replace(/^\/+/, '');
    await this.request('PUT', `mlflow-artifacts/artifacts/${path}`, Buffer.from(content), 'application/octet-stream');
  }

  private async request<T>(method: string, path: string, body?: string | Buffer, type?: string): Promise<T> {
    const url = new URL(`api/2.0/${path}`, this.baseUrl.endsWith('/') ? this.baseUrl : `${this.baseUrl}/`);
    const response = await fetch(url, {
      method,
      headers: {
        ...(type === undefined ? {} : { 'content-type': type }),
        ...(this.authorization === undefined ? {} : { authorization: this.authorization }),
      },
      ...(body === undefined ? {} : { body: body as NonNullable<RequestInit['body']> }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch((cause: unknown) => {
      throw new HeadraceError('UNAVAILABLE', `${method} ${url.href}: ${messageOf(cause)}`, { cause });
    });
    const text = await response.text();
    if (!response.ok) throw refusal(`${method} ${url.pathname}`, response.status, text);
    return (text === '' ? {} : JSON.parse(text)) as T;
  }
}

function refusal(call: string, status: number, text: string): HeadraceError {
  const body = parsed(text);
  const code = codes[body.error_code ?? ''] ?? (status >= 500 || status === 429 ? 'UNAVAILABLE' : 'INTERNAL');
  return new HeadraceError(code, `${call}: ${status} ${body.message ?? text.slice(0, 300)}`, { context: { status } });
}

function parsed(text: string): { error_code?: string; message?: string } {
  try {
    return JSON.parse(text) as { error_code?: string; message?: string };
  } catch {
    return {};
  }
}

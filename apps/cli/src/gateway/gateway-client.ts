import { errorFrom, GatewayUnreachable } from './gateway-error.js';

const TIMEOUT_MS = 30_000;

/** The platform's HTTP APIs behind their one address. */
export class GatewayClient {
  readonly url: string;

  constructor(url: string) {
    this.url = url.replace(/\/+$/, '');
  }

  /** @throws GatewayUnreachable when nothing answers, GatewayError when the answer is not 2xx */
  get<T = unknown>(path: string): Promise<T> {
    return this.json('GET', path);
  }

  post<T = unknown>(path: string, body: unknown): Promise<T> {
    return this.json('POST', path, body);
  }

  put<T = unknown>(path: string, body: unknown): Promise<T> {
    return this.json('PUT', path, body);
  }

  delete<T = unknown>(path: string): Promise<T> {
    return this.json('DELETE', path);
  }

  async upload(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const headers = { 'content-type': 'application/octet-stream' };
    await this.send('PUT', path, { method: 'PUT', headers, body: bytes });
  }

  async download(path: string): Promise<Buffer> {
    return Buffer.from(await (await this.send('GET', path, {})).arrayBuffer());
  }

  private async json<T>(method: string, path: string, body?: unknown): Promise<T> {
    const payload = body === undefined ? {} : { body: JSON.stringify(body) };
    const headers = {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const response = await this.send(method, path, { method, headers, ...payload });
    const text = await response.text();
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  private async send(method: string, path: string, init: RequestInit): Promise<Response> {
    const response = await this.reach(path, init);
    if (response.ok) return response;
    throw errorFrom(response.status, await response.text(), `${method} ${path}`);
  }

  private async reach(path: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(`${this.url}${path}`, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
    } catch (error) {
      throw new GatewayUnreachable(this.url, error);
    }
  }
}

import { errorFrom, GatewayUnreachable } from './gateway-error.js';

const TIMEOUT_MS = 30_000;
/** Of a file that is streamed, between two chunks. */
const SILENCE_MS = 60_000;

/** The platform's HTTP APIs behind their one address. */
export class GatewayClient {
  readonly url: string;

  /**
   * @param authorization value of the header of that name; no message shows it
   * @param what is there, for messages
   */
  constructor(
    url: string,
    private readonly authorization?: string,
    private readonly what?: string,
  ) {
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

  patch<T = unknown>(path: string, body: unknown): Promise<T> {
    return this.json('PATCH', path, body);
  }

  /** A file as it comes, nothing of it held; it breaks off when nothing comes for a minute. */
  async open(path: string): Promise<ReadableStream<Uint8Array>> {
    const silence = new AbortController();
    const timer = setTimeout(() => silence.abort(new Error(`nothing came for ${SILENCE_MS} ms`)), SILENCE_MS);
    const done = () => clearTimeout(timer);
    const response = await this.send('GET', path, { signal: silence.signal }).catch((error: unknown) => {
      done();
      throw error;
    });
    const watch = new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => {
        timer.refresh();
        controller.enqueue(chunk);
      },
      flush: done,
    });
    return (response.body ?? new Blob([]).stream()).pipeThrough(watch);
  }

  /** Writes a file as it comes: all of it or, when it breaks off, nothing. */
  async stream(path: string, content: ReadableStream<Uint8Array>): Promise<void> {
    const headers = { 'content-type': 'application/octet-stream' };
    const init = { method: 'PUT', headers, body: content, duplex: 'half', signal: new AbortController().signal };
    await this.send('PUT', path, init as RequestInit);
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
      const headers = { ...init.headers, ...(this.authorization && { authorization: this.authorization }) };
      const signal = init.signal ?? AbortSignal.timeout(TIMEOUT_MS);
      return await fetch(`${this.url}${path}`, { ...init, headers, signal });
    } catch (error) {
      throw new GatewayUnreachable(this.url, error, this.what);
    }
  }
}

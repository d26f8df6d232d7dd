import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Answer {
  readonly status?: number;
  readonly body?: unknown;
}

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly body: Buffer;
}

export type Route = (call: Call) => Answer | undefined;

/** A gateway that answers as told and keeps what it was asked. What no route answers is a 404 problem. */
export class FakeGateway {
  readonly calls: Call[] = [];
  private readonly server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const call = { method: request.method ?? '', path: request.url ?? '', body };
      this.calls.push(call);
      const answer = this.answer(call);
      response.statusCode = answer.status ?? 200;
      response.end(answer.body === undefined ? '' : JSON.stringify(answer.body));
    });
  });
  private routes: readonly Route[] = [];

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  answerWith(...routes: readonly Route[]): void {
    this.routes = routes;
    this.calls.length = 0;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private answer(call: Call): Answer {
    for (const route of this.routes) {
      const answer = route(call);
      if (answer) return answer;
    }
    return { status: 404, body: { title: 'NOT_FOUND', detail: `nothing at ${call.path}` } };
  }
}

/** Answers one method and path, query left aside. */
export function on(method: string, path: string, answer: Answer | ((call: Call) => Answer)): Route {
  return (call) => {
    if (call.method !== method || call.path.split('?')[0] !== path) return undefined;
    return typeof answer === 'function' ? answer(call) : answer;
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

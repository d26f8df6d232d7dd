import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Somebody's endpoint: keeps what it is sent and answers as it is told to. */
export class WebhookReceiver {
  readonly received: Received[] = [];
  /** Of the next answers. */
  status = 200;
  /** While it is not there nothing is answered: whoever waits is cut off when it ends. */
  silent = false;

  private readonly server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      this.received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      if (!this.silent) response.writeHead(this.status).end('noted');
    });
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hook`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Payloads so far, once each: a delivery may come twice under its id. */
  get payloads(): any[] {
    const byId = new Map(this.received.map(({ headers, body }) => [headers['x-mlflow-delivery-id'], body]));
    return [...byId.values()].map((body) => JSON.parse(body) as unknown);
  }
}

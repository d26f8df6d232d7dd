import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import type { PostableAlert } from '../src/channels/webhook.channel.js';

export interface Received {
  readonly key: string;
  readonly alert: PostableAlert;
}

/** What people would see: remembers what it accepted, and can refuse. */
export class WebhookReceiver {
  readonly accepted: Received[] = [];
  attempts = 0;
  refusing = false;
  private readonly server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      this.attempts++;
      if (this.refusing) return void response.writeHead(503).end();
      const alerts = JSON.parse(Buffer.concat(parts).toString()) as PostableAlert[];
      const key = String(request.headers['idempotency-key']);
      for (const alert of alerts) this.accepted.push({ key, alert });
      response.writeHead(200).end();
    });
  });

  async start(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/api/v2/alerts`;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  /** States told of one alert, in order; a repeat under the same key is one. */
  told(alertname: string, labels: Record<string, string>): string[] {
    const keys = new Set<string>();
    return this.accepted
      .filter(({ key, alert }) => {
        const wanted = alert.labels.alertname === alertname;
        const same = Object.entries(labels).every(([name, value]) => alert.labels[name] === value);
        return wanted && same && !keys.has(key) && keys.add(key);
      })
      .map(({ alert }) => alert.annotations.state!);
  }
}

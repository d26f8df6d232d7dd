import { describe, expect, it } from '@jest/globals';
import type { AlertChanged } from '@headrace/contracts';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { postableAlert, WebhookChannel } from './webhook.channel.js';

const alert: AlertChanged = {
  fingerprint: 'f',
  rule: 'ModelDrift',
  state: 'FIRING',
  severity: 'CRITICAL',
  labels: { deployment: 'd' },
  summary: 'it drifts',
  startsAt: 1000,
  changedAt: 2000,
};

describe("Alertmanager's form of an alert", () => {
  it('keeps its labels over its life, lasts while it fires and ends when it is resolved', () => {
    const firing = postableAlert(alert, 'http://here');
    const resolved = postableAlert({ ...alert, state: 'RESOLVED', changedAt: 5000 }, 'http://here');
    expect(firing.labels).toEqual({ alertname: 'ModelDrift', severity: 'critical', deployment: 'd' });
    expect(resolved.labels).toEqual(firing.labels);
    expect(Date.parse(firing.endsAt)).toBeGreaterThan(Date.parse('1979-01-01'));
    expect(resolved.endsAt).toBe(new Date(5000).toISOString());
  });
});

describe('the webhook', () => {
  async function receive(
    status: number,
  ): Promise<{ request: Promise<[IncomingMessage, string]>; url: string; stop(): void }> {
    const server = createServer();
    const request = (async (): Promise<[IncomingMessage, string]> => {
      const [incoming, response] = (await once(server, 'request')) as [
        IncomingMessage,
        import('node:http').ServerResponse,
      ];
      let body = '';
      for await (const part of incoming) body += String(part);
      response.writeHead(status).end('no thanks');
      return [incoming, body];
    })();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return { request, url: `http://127.0.0.1:${port}/`, stop: () => server.close() };
  }

  it('posts a list with a key that a receiver can tell repeats by', async () => {
    const { request, url, stop } = await receive(200);
    await new WebhookChannel(url, 'http://here').deliver(alert, 'f:1000:FIRING');
    const [incoming, body] = await request;
    expect(incoming.headers).toMatchObject({ 'idempotency-key': 'f:1000:FIRING', 'content-type': 'application/json' });
    expect(JSON.parse(body)).toEqual([postableAlert(alert, 'http://here')]);
    stop();
  });

  it('fails on any answer that is no success, so that it is tried again', async () => {
    const { url, stop } = await receive(503);
    await expect(new WebhookChannel(url, 'http://here').deliver(alert, 'k')).rejects.toThrow('answered 503: no thanks');
    stop();
  });
});

import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { forward } from './forward.js';

describe('forward', () => {
  const servers: Server[] = [];
  const behindGets: Array<(incoming: IncomingMessage) => void> = [];

  async function listen(handle: RequestListener): Promise<URL> {
    const server = createServer(handle).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  }

  const proxyTo = (url: URL, timeoutMs = 10_000) =>
    listen((incoming, outgoing) => forward(incoming, outgoing, { service: 'behind', url, timeoutMs }));

  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  it('passes method, path, query, headers and body on, and says who asked', async () => {
    const behind = await listen((incoming, outgoing) => {
      const { method, url, headers } = incoming;
      outgoing.writeHead(201, { 'content-type': 'application/json' });
      void text(incoming).then((body) => outgoing.end(JSON.stringify({ method, url, headers, body })));
    });
    const front = await proxyTo(behind);
    const response = await fetch(new URL('/a%2Fb?c=d%20e', front), {
      method: 'PUT',
      body: 'hello',
      headers: { 'x-own': '1', 'x-forwarded-for': '10.0.0.1' },
    });
    expect(response.status).toBe(201);
    const seen = (await response.json()) as { headers: Record<string, string> };
    expect(seen).toMatchObject({ method: 'PUT', url: '/a%2Fb?c=d%20e', body: 'hello' });
    expect(seen.headers).toMatchObject({
      'x-own': '1',
      host: behind.host,
      'x-forwarded-for': '10.0.0.1, 127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': front.host,
    });
  });

  it("drops headers of one connection, and those that 'connection' names", async () => {
    const behind = await listen((incoming, outgoing) => outgoing.end(JSON.stringify(incoming.headers)));
    const front = await proxyTo(behind);
    const headers = { connection: 'close, x-secret', 'x-secret': '1', te: 'trailers', 'proxy-authorization': 'x' };
    const [response] = (await once(request(front, { headers }).end(), 'response')) as [IncomingMessage];
    const seen = JSON.parse(await text(response)) as Record<string, string>;
    expect(Object.keys(seen)).toEqual(expect.not.arrayContaining(['x-secret', 'te', 'proxy-authorization']));
  });

  it('an answer is on its way before the request has ended: nothing is collected', async () => {
    const behind = await listen((incoming, outgoing) => void incoming.pipe(outgoing));
    const front = await proxyTo(behind);
    const asking = request(front, { method: 'POST' });
    asking.write('first');
    const [response] = (await once(asking, 'response')) as [IncomingMessage];
    const [chunk] = (await once(response, 'data')) as [Buffer];
    expect(chunk.toString()).toBe('first');
    asking.end();
    response.resume();
    await once(response, 'end');
  });

  it('a service that is down is named in a 502 problem', async () => {
    const gone = await listen(() => undefined);
    const server = servers.at(-1)!;
    server.close();
    await once(server, 'close');
    const response = await fetch(await proxyTo(gone));
    expect(response.status).toBe(502);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toMatchObject({ status: 502, service: 'behind' });
  });

  it('a service that is silent is given up with 504', async () => {
    const response = await fetch(await proxyTo(await listen(() => undefined), 50));
    expect(response.status).toBe(504);
  });

  it('a client that goes away ends the request behind', async () => {
    const reached = new Promise<IncomingMessage>((resolve) => behindGets.push(resolve));
    const behind = await listen((incoming) => behindGets.shift()?.(incoming));
    // Longer than the test may take: only the client's leaving can end it.
    const asking = request(await proxyTo(behind, 600_000)).end();
    asking.on('error', () => undefined);
    const incoming = await reached;
    const closed = new Promise<void>((resolve) => incoming.socket.once('close', () => resolve()));
    asking.destroy();
    await closed;
  }, 10_000);

  it('an answer that breaks off is cut for the client too', async () => {
    const behind = await listen((_incoming, outgoing) => {
      outgoing.writeHead(200, { 'content-length': '100' });
      outgoing.write('part', () => outgoing.destroy());
    });
    const response = await fetch(await proxyTo(behind));
    await expect(response.text()).rejects.toThrow();
  });
});

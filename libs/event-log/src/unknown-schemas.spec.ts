import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfluentSchemaRegistry } from './schema-registry.js';
import { UnknownSchemas } from './unknown-schemas.js';

describe('a schema that the registry does not know', () => {
  let now = 0;
  let requests: string[];
  let known: Set<string>;
  let server: Server;
  let registry: ConfluentSchemaRegistry;

  beforeEach(async () => {
    requests = [];
    known = new Set();
    server = createServer((request, response) => {
      requests.push(request.url!);
      if (known.has(request.url!)) response.end(JSON.stringify({ schema: '"int"' }));
      else response.writeHead(404).end('{}');
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    registry = new ConfluentSchemaRegistry(`http://127.0.0.1:${port}`, new UnknownSchemas(() => now));
  });
  afterEach(() => void server.close());

  const ask = (id: number) => registry.find(id).catch((error: { code: string }) => error.code);

  it('is asked for once in seconds, not once a record, and found soon after it is registered', async () => {
    for (let record = 0; record < 100; record++) expect(await ask(7)).toBe('SCHEMA_UNKNOWN');
    expect(requests).toEqual(['/schemas/ids/7']);
    known.add('/schemas/ids/7');
    now += 1_999;
    expect(await ask(7)).toBe('SCHEMA_UNKNOWN');
    now += 1;
    expect(await ask(7)).toMatchObject({ schema: '"int"' });
    expect(requests).toHaveLength(2);
  });

  it('is forgotten when a thousand others have come, whoever makes ids up', () => {
    const unknown = new UnknownSchemas(() => now);
    for (let id = 0; id <= 1000; id++) unknown.add(id);
    expect([unknown.has(0), unknown.has(1), unknown.has(1000)]).toEqual([false, true, true]);
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AvroCodec } from './schema-registry.js';
import { labelsSchema } from './topics.js';

describe('AvroCodec', () => {
  /** Keeps one schema, under id 7. */
  const registry = createServer((request, response) => {
    if (request.url === '/schemas/ids/7') response.end(JSON.stringify({ schema: JSON.stringify(labelsSchema) }));
    else if (request.url === '/subjects/t-value/versions') response.end('{"id":7}');
    else if (request.url === '/schemas/ids/9') response.writeHead(503).end();
    else response.writeHead(404).end();
  });
  let codec: AvroCodec;

  beforeAll(async () => {
    await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve));
    codec = new AvroCodec(`http://127.0.0.1:${(registry.address() as AddressInfo).port}`);
  });
  afterAll(() => void registry.close());

  const label = { flightId: 'a', landedAt: 978_310_860_000, late: true, delayMinutes: -3 };

  it('writes Confluent framing, and reads it back', async () => {
    const framed = (await codec.encoder('t', labelsSchema))(label);
    expect([...framed.subarray(0, 5)]).toEqual([0, 0, 0, 0, 7]);
    expect(await codec.decode(framed)).toEqual(label);
  });

  it('reads JSON, and takes what is neither for nothing', async () => {
    expect(await codec.decode(Buffer.from(JSON.stringify(label)))).toEqual(label);
    expect(await codec.decode(Buffer.from('no record'))).toBeNull();
    expect(await codec.decode(Buffer.from([0, 0, 0, 0, 7, 1]))).toBeNull();
    expect(await codec.decode(Buffer.from([0, 0, 0, 0, 8, 1]))).toBeNull();
  });

  it('does not take a registry that is down for a bad record', async () => {
    await expect(codec.decode(Buffer.from([0, 0, 0, 0, 9, 1]))).rejects.toThrow('503');
  });
});

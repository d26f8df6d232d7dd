import { describe, expect, it } from '@jest/globals';
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { RequestType } from './otlp-message.js';
import { readExport } from './read-export.js';

const [TRACE, SPAN] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'];
const START = '1700000000123456789';

const asJson = {
  resourceSpans: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 's' } }] },
      scopeSpans: [
        {
          spans: [
            {
              ...{ traceId: TRACE, spanId: SPAN, name: 'n', startTimeUnixNano: START, endTimeUnixNano: START },
              attributes: [{ key: 'n', value: { intValue: '9007199254740993' } }],
              status: { code: 1 },
            },
          ],
        },
      ],
    },
  ],
};

function asProtobuf(): Buffer {
  const [resourceSpans] = structuredClone(asJson.resourceSpans);
  const span = resourceSpans!.scopeSpans[0]!.spans[0] as Record<string, unknown>;
  Object.assign(span, { traceId: Buffer.from(TRACE, 'hex'), spanId: Buffer.from(SPAN, 'hex') });
  return Buffer.from(RequestType.encode(RequestType.fromObject({ resourceSpans: [resourceSpans] })).finish());
}

const read = (body: Buffer, contentType = 'application/x-protobuf', contentEncoding?: string) =>
  readExport(
    (async function* () {
      yield body;
    })(),
    { contentType, contentEncoding },
  );

describe('an export of OpenTelemetry', () => {
  it('is the same in protobuf and in JSON, to the last digit', async () => {
    const request = await read(asProtobuf());
    expect(request).toEqual(await read(Buffer.from(JSON.stringify(asJson)), 'application/json; charset=utf-8'));
    const [span] = request.resourceSpans[0]!.scopeSpans[0]!.spans;
    expect(span).toMatchObject({ traceId: TRACE, startTimeUnixNano: START, status: { code: 'STATUS_CODE_OK' } });
    expect(span!.attributes[0]!.value).toEqual({ intValue: '9007199254740993' });
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
  ])('may be packed (%s)', async (encoding, pack) => {
    expect(await read(pack(asProtobuf()), undefined, encoding)).toEqual(await read(asProtobuf()));
  });

  it.each([
    ['text/plain', undefined, 'x', 'Invalid Content-Type'],
    ['application/json', undefined, '{', 'Invalid OpenTelemetry format'],
    ['application/json', undefined, '{}', 'no spans found'],
    ['application/json', undefined, '{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"x"}]}]}]}', 'traceId'],
    ['application/x-protobuf', undefined, '\u0001\u0002', 'Invalid OpenTelemetry format'],
    ['application/x-protobuf', 'gzip', 'x', 'Failed to decompress'],
    ['application/x-protobuf', 'br', 'x', 'Unsupported Content-Encoding'],
  ])('%s, %s, %j is refused with its reason', async (type, encoding, body, reason) => {
    await expect(read(Buffer.from(body), type, encoding)).rejects.toThrow(reason);
  });

  it('that unpacks to more than the limit is refused before it fills the memory', async () => {
    await expect(read(gzipSync(Buffer.alloc(65 * 1024 * 1024)), undefined, 'gzip')).rejects.toThrow(
      'Failed to decompress',
    );
  });
});

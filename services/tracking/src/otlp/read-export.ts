import { invalidParameter } from '@headrace/mlflow-protocol';
import { messageOf } from '@headrace/service-kit';
import { promisify } from 'node:util';
import { gunzip, inflate, inflateRaw } from 'node:zlib';
import { exportRequest, RequestType, type ExportRequest } from './otlp-message.js';
import { parseJson } from './parse-json.js';

const MOST_BYTES = 64 * 1024 * 1024;

const unzip = { gunzip: promisify(gunzip), inflate: promisify(inflate), inflateRaw: promisify(inflateRaw) };

/**
 * One OTLP export: protobuf or JSON, plain, gzip or deflate.
 * @throws MlflowError INVALID_PARAMETER_VALUE when it is neither, or larger than 64 MiB unpacked
 */
export async function readExport(
  body: AsyncIterable<Uint8Array>,
  headers: { readonly contentType: string | undefined; readonly contentEncoding: string | undefined },
): Promise<ExportRequest> {
  const mediaType = mediaTypeOf(headers.contentType);
  const bytes = await unpack(await readAll(body), headers.contentEncoding?.trim().toLowerCase());
  const request = mediaType === 'application/json' ? fromJson(bytes) : fromProtobuf(bytes);
  if (request.resourceSpans.length === 0) throw invalidParameter('Invalid OpenTelemetry format - no spans found');
  return request;
}

/** @throws MlflowError INVALID_PARAMETER_VALUE */
export function mediaTypeOf(contentType: string | undefined): 'application/json' | 'application/x-protobuf' {
  const type = contentType?.split(';')[0]!.trim().toLowerCase();
  if (type === 'application/json' || type === 'application/x-protobuf') return type;
  throw invalidParameter(
    `Invalid Content-Type: ${contentType ?? 'none'}. Expected: application/x-protobuf or application/json`,
  );
}

async function readAll(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MOST_BYTES) throw invalidParameter(`The request's body is larger than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function unpack(bytes: Buffer, encoding: string | undefined): Promise<Buffer> {
  const options = { maxOutputLength: MOST_BYTES };
  if (encoding === undefined || encoding === '' || encoding === 'identity') return bytes;
  try {
    if (encoding === 'gzip') return await unzip.gunzip(bytes, options);
    if (encoding === 'deflate')
      return await unzip.inflate(bytes, options).catch(() => unzip.inflateRaw(bytes, options));
  } catch (error) {
    throw invalidParameter(`Failed to decompress ${encoding} payload: ${messageOf(error)}`);
  }
  throw invalidParameter(`Unsupported Content-Encoding: ${encoding}`);
}

function fromProtobuf(bytes: Buffer): ExportRequest {
  try {
    const message = RequestType.toObject(RequestType.decode(bytes), { longs: String, bytes: Buffer });
    return checked(message, withTextIds);
  } catch (error) {
    throw malformed(error);
  }
}

/** 64-bit numbers that were sent bare keep their digits. */
function fromJson(bytes: Buffer): ExportRequest {
  try {
    return checked(parseJson(bytes.toString('utf8')));
  } catch (error) {
    throw malformed(error);
  }
}

function checked(message: unknown, prepare = (given: unknown) => given): ExportRequest {
  const result = exportRequest.safeParse(prepare(message));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new Error(`${issue!.path.join('.')}: ${issue!.message}`);
}

const IDS = new Set(['traceId', 'spanId', 'parentSpanId']);

/** protobuf has bytes where JSON has text: ids in hex, values in base64. */
function withTextIds(message: unknown, key?: string): unknown {
  if (Buffer.isBuffer(message)) return message.toString(key !== undefined && IDS.has(key) ? 'hex' : 'base64');
  if (Array.isArray(message)) return message.map((each) => withTextIds(each));
  if (typeof message !== 'object' || message === null) return message;
  return Object.fromEntries(Object.entries(message).map(([name, value]) => [name, withTextIds(value, name)]));
}

const malformed = (error: unknown) => invalidParameter(`Invalid OpenTelemetry format: ${messageOf(error)}`);

import { once } from 'node:events';
import { connect } from 'node:net';

export type CoordinatorKind = 'group' | 'transaction';

const FIND_COORDINATOR = 10;
const VERSION = 1;
const KEY_TYPES = { group: 0, transaction: 1 };
const TIMEOUT_MS = 5000;

/**
 * Id of the broker that coordinates a group or a transactional id, as the broker at `address` (host:port, without TLS) says:
 * Kafka's FindCoordinator, version 1. @throws Error with Kafka's error number, for example 15 while there is none
 */
export async function coordinatorOf(address: string, kind: CoordinatorKind, id: string): Promise<number> {
  const [host, port] = address.split(':');
  const socket = connect({ host, port: Number(port), timeout: TIMEOUT_MS });
  socket.on('timeout', () => socket.destroy(new Error(`${address} was silent for ${TIMEOUT_MS} ms`)));
  try {
    await once(socket, 'connect');
    socket.write(request(kind, id));
    return nodeIn(await response(socket));
  } finally {
    socket.destroy();
  }
}

/** Size, then header (api key, version, correlation id, client id), then key and its type. */
function request(kind: CoordinatorKind, id: string): Buffer {
  const header = Buffer.alloc(8);
  header.writeInt16BE(FIND_COORDINATOR, 0);
  header.writeInt16BE(VERSION, 2);
  const body = Buffer.concat([header, string('headrace-dev'), string(id), Buffer.from([KEY_TYPES[kind]])]);
  const size = Buffer.alloc(4);
  size.writeInt32BE(body.length);
  return Buffer.concat([size, body]);
}

function string(text: string): Buffer {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(2);
  length.writeInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

async function response(socket: NodeJS.ReadableStream): Promise<Buffer> {
  let bytes = Buffer.alloc(0);
  for await (const chunk of socket) {
    bytes = Buffer.concat([bytes, chunk as Buffer]);
    if (bytes.length >= 4 && bytes.length >= 4 + bytes.readInt32BE(0)) return bytes.subarray(4);
  }
  throw new Error('the broker hung up');
}

/** Correlation id, throttle time, error, its message (nullable), node id, … */
function nodeIn(answer: Buffer): number {
  const error = answer.readInt16BE(8);
  if (error !== 0) throw new Error(`no coordinator: Kafka's error ${error}`);
  const messageLength = Math.max(0, answer.readInt16BE(10));
  return answer.readInt32BE(12 + messageLength);
}

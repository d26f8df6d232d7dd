import type { Connection } from '@platformatic/kafka';
import { HeadraceError } from '@headrace/service-kit';
import type { BrokerAddress, Cluster } from './cluster.js';
import { brokerError } from './protocol-error.js';

/** Where an answer's body lies, after its header. */
export interface Frame {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

interface Pending {
  readonly resolve: (frame: Frame) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

const LENGTH_BYTES = 4;
/** Correlation id, and the empty tag buffer of flexible versions. */
const HEADER_BYTES = 5;
/** Answers up to this are given a buffer of their own; larger ones take turns in two that stay. */
const SMALL_BYTES = 16 * 1024;
/** A buffer that had to grow beyond this (one very large record) is not kept, bytes. */
const KEPT_BYTES = 8 * 1024 * 1024;
const FIRST_ID = -0x8000_0000;

/**
 * Sends prebuilt bytes and takes answers as bytes over a connection that the library has opened, authenticated and goes on using
 * for control requests: its correlation ids are positive, ours negative, and answers to it are handed on. An answer above 16 KiB
 * is valid until the second such answer after it arrives: ask for one while you work on another, and for no more.
 */
export class BrokerChannel {
  private readonly pending = new Map<number, Pending>();
  private readonly forLibrary: (chunk: Buffer) => void;
  private readonly turns: [Buffer, Buffer] = [Buffer.alloc(0), Buffer.alloc(0)];
  private turn = 0;
  private nextId = FIRST_ID;
  private readonly clientId: Buffer;
  /** The frame that is arriving. */
  private readonly head = Buffer.alloc(LENGTH_BYTES);
  private headFilled = 0;
  private frame: Buffer | undefined;
  private length = 0;
  private filled = 0;
  private failure: Error | undefined;

  private constructor(
    readonly connection: Connection,
    readonly broker: BrokerAddress,
    clientId: string,
  ) {
    const { socket } = connection;
    this.clientId = Buffer.from(clientId);
    const listeners = socket.listeners('data') as Array<(chunk: Buffer) => void>;
    socket.removeAllListeners('data');
    this.forLibrary = (chunk) => {
      for (const listener of listeners) listener(chunk);
    };
    socket.on('data', (chunk: Buffer) => this.onData(chunk));
    socket.on('close', () => this.fail(new Error('the connection was closed')));
    socket.on('error', (error) => this.fail(error));
  }

  static async open(cluster: Cluster, broker: BrokerAddress, clientId: string): Promise<BrokerChannel> {
    return new BrokerChannel(await cluster.connect(broker), broker, clientId);
  }

  get isOpen(): boolean {
    return this.failure === undefined && this.connection.isConnected();
  }

  /**
   * Resolves with the answer's body. Parts are written as they are: leave them alone until then.
   * @param version a flexible one (request header 2, answer header 1)
   * @throws HeadraceError UNAVAILABLE when the connection breaks or no answer comes within the time; the channel is closed then
   */
  send(apiKey: number, version: number, parts: readonly Buffer[], timeoutMs: number): Promise<Frame> {
    if (this.failure) return Promise.reject(this.unavailable(this.failure));
    const id = this.nextId;
    this.nextId = id === -1 ? FIRST_ID : id + 1;
    const head = this.header(apiKey, version, id, parts);
    return new Promise<Frame>((resolve, reject) => {
      const timer = setTimeout(() => this.fail(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
      this.pending.set(id, { resolve, reject, timer });
      const { socket } = this.connection;
      socket.cork();
      socket.write(head);
      for (const part of parts) socket.write(part);
      socket.uncork();
    });
  }

  close(): void {
    this.fail(new Error('closed'));
  }

  private header(apiKey: number, version: number, id: number, parts: readonly Buffer[]): Buffer {
    const body = parts.reduce((sum, part) => sum + part.length, 0);
    const head = Buffer.allocUnsafe(LENGTH_BYTES + 11 + this.clientId.length);
    head.writeInt32BE(head.length - LENGTH_BYTES + body, 0);
    head.writeInt16BE(apiKey, 4);
    head.writeInt16BE(version, 6);
    head.writeInt32BE(id, 8);
    head.writeInt16BE(this.clientId.length, 12);
    this.clientId.copy(head, 14);
    head.writeUInt8(0, head.length - 1);
    return head;
  }

  private onData(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (!this.frame) {
        const take = Math.min(LENGTH_BYTES - this.headFilled, chunk.length - at);
        chunk.copy(this.head, this.headFilled, at, at + take);
        this.headFilled += take;
        at += take;
        if (this.headFilled < LENGTH_BYTES) return;
        this.headFilled = 0;
        this.length = this.head.readInt32BE(0);
        this.filled = 0;
        this.frame = this.room(this.length);
      }
      const take = Math.min(this.length - this.filled, chunk.length - at);
      chunk.copy(this.frame, this.filled, at, at + take);
      this.filled += take;
      at += take;
      if (this.filled === this.length) this.onFrame(this.frame);
    }
  }

  private room(length: number): Buffer {
    if (length <= SMALL_BYTES) return Buffer.allocUnsafeSlow(Math.max(length, LENGTH_BYTES));
    this.turn = 1 - this.turn;
    const kept = this.turns[this.turn]!;
    if (kept.length >= length) return kept;
    const grown = Buffer.allocUnsafeSlow(Math.ceil(length * 1.25));
    if (grown.length <= KEPT_BYTES) this.turns[this.turn] = grown;
    return grown;
  }

  private onFrame(bytes: Buffer): void {
    this.frame = undefined;
    const id = bytes.readInt32BE(0);
    if (id >= 0) {
      const whole = Buffer.allocUnsafe(LENGTH_BYTES + this.length);
      whole.writeInt32BE(this.length, 0);
      bytes.copy(whole, LENGTH_BYTES, 0, this.length);
      return this.forLibrary(whole);
    }
    const pending = this.pending.get(id);
    if (!pending) return;
    this.pending.delete(id);
    clearTimeout(pending.timer);
    pending.resolve({ bytes, start: HEADER_BYTES, end: this.length });
  }

  private fail(error: Error): void {
    if (this.failure) return;
    this.failure = error;
    for (const { reject, timer } of this.pending.values()) {
      clearTimeout(timer);
      reject(this.unavailable(error));
    }
    this.pending.clear();
    this.connection.close().catch(() => undefined);
  }

  private unavailable(error: Error): HeadraceError {
    return brokerError(`Kafka at ${this.broker.host}:${this.broker.port}`, error);
  }
}

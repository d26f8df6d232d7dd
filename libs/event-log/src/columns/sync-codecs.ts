import { HeadraceError, messageOf } from '@headrace/service-kit';
import { compressFrameSync, decompressFrameSync } from 'lz4-napi';
import { compressSync, uncompressSync } from 'snappy';
import zlib from 'node:zlib';
import { lz4Bound } from './lz4-bound.js';
import { snappyBlocks, snappyLength } from './snappy-blocks.js';

export type CodecName = 'gzip' | 'snappy' | 'lz4' | 'zstd';

/** A codec's number in a batch's attributes; 0 is none. */
export const codecIds: Readonly<Record<CodecName, number>> = { gzip: 1, snappy: 2, lz4: 3, zstd: 4 };

const names = new Map(Object.entries(codecIds).map(([name, id]) => [id, name as CodecName]));

/** Largest batch that is unpacked, bytes: brokers accept 1 MiB by default, and 1 MiB can hold gigabytes of zeros. */
export const MAX_UNPACKED_BYTES = 128 * 1024 * 1024;

export function compress(codec: CodecName, bytes: Buffer): Buffer {
  if (codec === 'gzip') return zlib.gzipSync(bytes);
  if (codec === 'snappy') return compressSync(bytes);
  return codec === 'lz4' ? compressFrameSync(bytes) : zlib.zstdCompressSync(bytes);
}

/**
 * Unpacks a batch's records, at most `limit` bytes of them; throws UNDECODABLE for anything else. Synchronous: one batch takes about
 * a millisecond, less than a thread's handover and back for each of many.
 */
export function decompress(codecId: number, bytes: Buffer, limit: number = MAX_UNPACKED_BYTES): Buffer {
  const codec = names.get(codecId);
  if (codec === undefined) throw new HeadraceError('UNDECODABLE', `unknown codec ${codecId}`);
  try {
    return unpack(codec, bytes, limit);
  } catch (error) {
    if (error instanceof HeadraceError) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(codec, limit);
    throw new HeadraceError('UNDECODABLE', `${codec} cannot be unpacked: ${messageOf(error)}`, { cause: error });
  }
}

function unpack(codec: CodecName, bytes: Buffer, limit: number): Buffer {
  if (codec === 'gzip') return zlib.gunzipSync(bytes, { maxOutputLength: limit });
  if (codec === 'zstd') return zlib.zstdDecompressSync(bytes, { maxOutputLength: limit });
  if (codec === 'lz4') {
    if (lz4Bound(bytes) > limit) throw tooLarge(codec, limit);
    return decompressFrameSync(bytes);
  }
  const blocks = snappyBlocks(bytes);
  if (blocks.reduce((sum, block) => sum + snappyLength(block), 0) > limit) throw tooLarge(codec, limit);
  const unpacked = blocks.map((block) => uncompressSync(block, { asBuffer: true }) as Buffer);
  return unpacked.length === 1 ? unpacked[0]! : Buffer.concat(unpacked);
}

function tooLarge(codec: CodecName, limit: number): HeadraceError {
  return new HeadraceError('UNDECODABLE', `${codec} holds more than ${limit} bytes`, { context: { limit } });
}

import { HeadraceError } from '@headrace/service-kit';

const MAGIC = 0x184d2204;
const CONTENT_SIZE = 0x08;
const DICTIONARY = 0x01;
const BLOCK_CHECKSUM = 0x10;
const STORED = 0x8000_0000;
/** A match of one more byte in its length field is 255 bytes longer: no block unpacks to more than this many times its size. */
const LARGEST_RATIO = 255;
/** Of the frame descriptor, by its bits 4 to 6. */
const BLOCK_BYTES = [0, 0, 0, 0, 64 * 1024, 256 * 1024, 1024 * 1024, 4 * 1024 * 1024];

/**
 * The most that an LZ4 frame can unpack to, bytes, from its blocks' lengths alone: the decoder knows no limit, and what the frame says
 * about its content size need not be true.
 */
export function lz4Bound(bytes: Buffer): number {
  if (bytes.length < 7 || bytes.readUInt32LE(0) !== MAGIC) throw new HeadraceError('UNDECODABLE', 'no LZ4 frame');
  const flags = bytes[4]!;
  const blockBytes = BLOCK_BYTES[(bytes[5]! >> 4) & 7]!;
  const trailer = flags & BLOCK_CHECKSUM ? 4 : 0;
  let bound = 0;
  let at = 7 + (flags & CONTENT_SIZE ? 8 : 0) + (flags & DICTIONARY ? 4 : 0);
  while (at + 4 <= bytes.length) {
    const word = bytes.readUInt32LE(at);
    if (word === 0) break;
    const length = word & ~STORED;
    bound += word >= STORED ? length : Math.min(blockBytes, length * LARGEST_RATIO);
    at += 4 + length + trailer;
  }
  return bound;
}

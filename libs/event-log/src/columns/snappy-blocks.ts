import { HeadraceError } from '@headrace/service-kit';

/** The Java client frames snappy as xerial blocks: this magic, two version words, then length-prefixed blocks. */
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER_BYTES = 16;

/** The raw snappy blocks of xerial framing; anything else is one block. Streams that were put one after another are understood. */
export function snappyBlocks(bytes: Buffer): Buffer[] {
  if (!startsXerial(bytes, 0)) return [bytes];
  const blocks: Buffer[] = [];
  for (let at = XERIAL_HEADER_BYTES; at < bytes.length;) {
    if (startsXerial(bytes, at)) at += XERIAL_HEADER_BYTES;
    if (at === bytes.length) break;
    const end = at + 4 <= bytes.length ? at + 4 + bytes.readUInt32BE(at) : Infinity;
    if (end > bytes.length) throw new HeadraceError('UNDECODABLE', 'a xerial block of snappy is cut off');
    blocks.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return blocks;
}

/** Unpacked length that a raw block announces (an unsigned varint), which the decoder holds it to. */
export function snappyLength(block: Buffer): number {
  let length = 0;
  for (let i = 0; i < 5 && i < block.length; i++) {
    length += (block[i]! & 0x7f) * 2 ** (7 * i);
    if (block[i]! < 0x80) return length;
  }
  throw new HeadraceError('UNDECODABLE', 'a snappy block does not say how long it is');
}

function startsXerial(bytes: Buffer, at: number): boolean {
  return bytes.length - at >= XERIAL_HEADER_BYTES && XERIAL_MAGIC.compare(bytes, at, at + XERIAL_MAGIC.length) === 0;
}

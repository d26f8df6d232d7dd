const SEED = 0x9747b28c;
const M = 0x5bd1e995;

/** murmur2 of bytes[start, end) as Kafka's Java client has it: 31 bits, ready for `% partitions`. */
export function murmur2(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  let h = SEED ^ length;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    let k = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    k = Math.imul(k, M);
    k ^= k >>> 24;
    h = Math.imul(h, M) ^ Math.imul(k, M);
  }
  if (end - at > 2) h ^= bytes[at + 2]! << 16;
  if (end - at > 1) h ^= bytes[at + 1]! << 8;
  if (end > at) h = Math.imul(h ^ bytes[at]!, M);
  h = Math.imul(h ^ (h >>> 13), M);
  return (h ^ (h >>> 15)) & 0x7fff_ffff;
}

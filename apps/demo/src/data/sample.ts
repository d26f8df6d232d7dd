/** Whether a row belongs to the sample of one in `oneIn`: the same rows on every machine and every start. */
export function isSampled(row: number, oneIn: number, seed: number): boolean {
  return mix(row ^ Math.imul(seed, 0x9e3779b1)) < 2 ** 32 / oneIn;
}

/** MurmurHash3's finalizer: neighbouring rows get unrelated 32-bit values. */
function mix(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

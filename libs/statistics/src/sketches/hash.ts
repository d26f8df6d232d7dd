// Taken once: global look-ups are slow in a VM context, in which tests run.
const { imul } = Math;

/** Mixes 32 bits so that each input bit moves half of the output (the finaliser of MurmurHash3). */
function mix(bits: number): number {
  let mixed = bits;
  mixed = imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

/**
 * 32 bits of a string's UTF-16 code units, the same on every machine. Not for secrets.
 * @param seed other seeds give other, independent bits
 */
export function hashString(value: string, seed: number): number {
  let hash = mix(seed ^ value.length);
  for (let i = 0; i < value.length; i++) hash = imul(hash ^ value.charCodeAt(i), 0x01000193) + (hash >>> 15);
  return mix(hash) >>> 0;
}

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);

/** 32 bits of a number; −0 counts as 0. */
export function hashNumber(value: number, seed: number): number {
  float[0] = value + 0;
  return mix(mix(words[0]! ^ seed) + imul(words[1]!, 0x9e3779b1)) >>> 0;
}

// Taken once: global look-ups are slow in a VM context, in which tests run.
const { imul } = Math;

/**
 * Uniform numbers in [0, 1) that are the same for the same seed (mulberry32). For simulations and properties, not for secrets.
 * @param seed any integer
 */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

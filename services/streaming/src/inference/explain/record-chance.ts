/** FNV-1a over UTF-16 units, then the finaliser of MurmurHash3, so that ids that differ little give numbers that differ much. */
function hash(text: string, seed: number): number {
  let h = (0x811c9dc5 ^ seed) >>> 0;
  for (let at = 0; at < text.length; at++) h = Math.imul(h ^ text.charCodeAt(at), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

const SAMPLE = 1;
const PERMUTATIONS = 2;

/** Whether a record belongs to a share of all, 0 to 1: always the same answer, and a larger share holds all of a smaller one. */
export function isSampled(recordId: string, share: number): boolean {
  return hash(recordId, SAMPLE) < share * 2 ** 32;
}

/** Numbers in [0, 1) that are a record's own: mulberry32. */
export function recordRandom(recordId: string): () => number {
  let state = hash(recordId, PERMUTATIONS);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * MT19937 (Matsumoto & Nishimura 1998) seeded as Python's `random.Random(seed)` seeds it, and its `randrange(n)`: for reference values that a
 * Python library drew. Only for tests.
 */
export function pythonRandomBelow(seed: number): (below: number) => number {
  const word = mersenneTwister(seed);
  return (below) => {
    const bits = 32 - Math.clz32(below);
    for (;;) {
      const value = word() >>> (32 - bits);
      if (value < below) return value;
    }
  };
}

const SIZE = 624;

function mersenneTwister(seed: number): () => number {
  const state = seeded(seed);
  let at = SIZE;
  return () => {
    if (at === SIZE) {
      twist(state);
      at = 0;
    }
    let y = state[at++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  };
}

/** `init_by_array` with a key of one word. */
function seeded(seed: number): Uint32Array {
  const state = new Uint32Array(SIZE);
  state[0] = 19650218;
  for (let i = 1; i < SIZE; i++) state[i] = Math.imul(1812433253, state[i - 1]! ^ (state[i - 1]! >>> 30)) + i;
  let i = 1;
  const mix = (factor: number, plus: (at: number) => number): void => {
    const before = state[i - 1]!;
    state[i] = (state[i]! ^ Math.imul(before ^ (before >>> 30), factor)) + plus(i);
    i++;
    if (i < SIZE) return;
    state[0] = state[SIZE - 1]!;
    i = 1;
  };
  for (let step = 0; step < SIZE; step++) mix(1664525, () => seed);
  for (let step = 1; step < SIZE; step++) mix(1566083941, (at) => -at);
  state[0] = 0x80000000;
  return state;
}

function twist(state: Uint32Array): void {
  for (let i = 0; i < SIZE; i++) {
    const y = (state[i]! & 0x80000000) | (state[(i + 1) % SIZE]! & 0x7fffffff);
    state[i] = state[(i + 397) % SIZE]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
  }
}

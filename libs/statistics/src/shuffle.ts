// Taken once: global look-ups are slow in a VM context, in which tests run.
const { floor } = Math;

/** Puts the values into a random order, in place (Fisher & Yates). @param random uniform in [0, 1) */
export function shuffle<T extends Uint8Array | Uint32Array>(values: T, random: () => number): T {
  for (let left = values.length; left > 1; left--) {
    const at = floor(random() * left);
    const value = values[at]!;
    values[at] = values[left - 1]!;
    values[left - 1] = value;
  }
  return values;
}

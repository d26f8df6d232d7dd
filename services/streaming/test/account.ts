/** One output, or dead letter, as the check sees it. */
export interface Answer {
  readonly id: string;
  readonly key: string;
  /** The input's number; inputs of one key are produced in the order of their numbers. */
  readonly number: number;
}

export interface Account {
  /** Inputs without an answer. */
  readonly missing: number;
  /** Answers beyond the first of an input. */
  readonly doubled: number;
  /** Keys whose answers are not in the order of their inputs. */
  readonly disordered: string[];
}

/** What exactly-once, in order, is about: each input 0 to `produced` − 1 must have one answer, predictions of a key in its order. */
export function accountOf(produced: number, predictions: readonly Answer[], letters: readonly Answer[]): Account {
  const all = [...predictions, ...letters];
  const numbers = new Set(all.map(({ number }) => number));
  const last = new Map<string, number>();
  const disordered = new Set<string>();
  for (const { key, number } of predictions) {
    if (number < (last.get(key) ?? -1)) disordered.add(key);
    last.set(key, number);
  }
  return { missing: produced - numbers.size, doubled: all.length - numbers.size, disordered: [...disordered] };
}

export const IN_ORDER: Account = { missing: 0, doubled: 0, disordered: [] };

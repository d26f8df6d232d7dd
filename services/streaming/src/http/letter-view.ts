import type { MarkedLetter } from '../dead-letters/dead-letters.js';

/** Text where the bytes are UTF-8, else base64. */
export type Shown = string | { readonly base64: string } | null;

/** A letter without what its record holds. */
export function letterSummary({ letter, mark }: MarkedLetter) {
  const { place, at, origin, group, deployment, code, message, model, modelVersion, attempt } = letter;
  const redriven = mark ? { at: mark.redrivenAt, times: mark.times, redriveId: mark.redriveId } : null;
  const bytes = letter.leftOutBytes ?? letter.value?.length ?? null;
  const state = mark ? 'redriven' : 'open';
  return { place, origin, state, at, code, message, group, deployment, model, modelVersion, attempt, bytes, redriven };
}

/** A letter with its record; the value is base64, null for a tombstone and where the letter could not hold it. */
export function letterView(marked: MarkedLetter) {
  const { key, headers, value, leftOutBytes } = marked.letter;
  return {
    ...letterSummary(marked),
    key: shown(key),
    headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, shown(text)])),
    value: value?.toString('base64') ?? null,
    holdsValue: leftOutBytes === null,
  };
}

function shown(bytes: Buffer | null): Shown {
  if (bytes === null) return null;
  const text = bytes.toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) ? text : { base64: bytes.toString('base64') };
}

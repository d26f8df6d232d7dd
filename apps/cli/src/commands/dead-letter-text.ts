import type { DeadLetter, FullDeadLetter } from '../gateway/dead-letters.js';
import { age } from '../output/age.js';
import { table } from '../output/table.js';

const HEADER = ['place', 'state', 'age', 'code', 'attempt', 'of', 'rejected by', 'message'];
/** Characters of a message in a table. */
const MESSAGE = 60;

export function lettersTable(letters: readonly DeadLetter[], now: number): string {
  if (letters.length === 0) return 'no dead letters';
  return table(
    HEADER,
    letters.map(({ place, state, at, code, attempt, origin, deployment, group, message }) => {
      const short = message.length > MESSAGE ? `${message.slice(0, MESSAGE - 1)}…` : message;
      return [
        place,
        state,
        age(at, now),
        code,
        String(attempt),
        origin,
        deployment ?? group,
        short.replace(/\s+/g, ' '),
      ];
    }),
  );
}

/** @param value what the record holds, as text */
export function letterText(letter: FullDeadLetter, value: string): string {
  const { redriven, model, modelVersion, bytes } = letter;
  const state = redriven ? `redriven ${times(redriven.times)}, last at ${new Date(redriven.at).toISOString()}` : 'open';
  const facts: Array<readonly [string, string]> = [
    ['letter', letter.place],
    ['state', state],
    ['code', letter.code],
    ['message', letter.message],
    ['record', letter.origin],
    ['rejected by', letter.group],
    ...(model === null ? [] : [['model', `${model} version ${modelVersion}`] as const]),
    ['attempt', String(letter.attempt)],
    ['at', new Date(letter.at).toISOString()],
    ['key', shown(letter.key)],
    ['bytes', String(bytes ?? 'none, a tombstone')],
  ];
  const width = Math.max(...facts.map(([name]) => name.length)) + 2;
  const headers = Object.entries(letter.headers).map(([name, text]) => `  ${name}: ${shown(text)}`);
  return [
    ...facts.map(([name, text]) => `${name.padEnd(width)}${text}`),
    ...(headers.length > 0 ? ['headers', ...headers] : []),
    'value',
    ...value.split('\n').map((line) => `  ${line}`),
  ].join('\n');
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function shown(value: FullDeadLetter['key']): string {
  if (value === null) return 'none';
  return typeof value === 'string' ? value : `base64 ${value.base64}`;
}

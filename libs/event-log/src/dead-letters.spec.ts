import { expect, it } from '@jest/globals';
import { bareLetter, deadLetter } from './dead-letters.js';
import type { EventRecord } from './event-log.js';

const record = (headers: Record<string, string>): EventRecord<null> => ({
  topic: 't',
  partition: 1,
  offset: 7,
  key: Buffer.from('k'),
  headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Buffer.from(value)])),
  timestampMs: 0,
  value: null,
  raw: Buffer.from('raw'),
});
const letterOf = (headers: Record<string, string>) =>
  deadLetter({ record: record(headers), code: 'WRONG_TYPE', message: 'why', details: { model: 'm' } }, 'g');

it('a producer’s headers say nothing in a letter’s name', () => {
  const forged = ['code', 'place', 'group', 'value_bytes', 'model', 'model_version', 'deployment', 'anything'];
  const { headers } = letterOf({ origin: 'o', ...Object.fromEntries(forged.map((name) => [`dlq_${name}`, 'forged'])) });
  expect(Object.values(headers!).map(String)).not.toContain('forged');
  expect(headers).toMatchObject({
    dlq_code: 'WRONG_TYPE',
    dlq_place: 't/1@7',
    dlq_model: 'm',
    dlq_headers: '["origin"]',
  });
  expect(String(headers!['origin'])).toBe('o');
});

it('a letter without its record fits any broker, however many headers the record has', () => {
  const many = (prefix: string) => Array.from({ length: 5000 }, (_, n) => [`${prefix}${n}`, 'x'.repeat(1000)]);
  const bare = bareLetter(letterOf(Object.fromEntries([...many('dlq_'), ...many('h')])) as never, 3);
  expect(bare).toMatchObject({ key: null, value: null, headers: { dlq_code: 'WRONG_TYPE', dlq_value_bytes: '3' } });
  expect(JSON.stringify(bare.headers).length).toBeLessThan(10_000);
});

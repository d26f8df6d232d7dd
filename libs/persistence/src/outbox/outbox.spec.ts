import { topics } from '@headrace/contracts';
import { expect, it } from '@jest/globals';
import { outboxRow } from './outbox.js';

it('an event that no topic would take is refused before it is kept', () => {
  const event = (text: string) => ({ topic: topics.deployments, key: 'a', value: { text } as never });
  expect(outboxRow(event('x'.repeat(900_000)))).toMatchObject({ key: 'a' });
  expect(() => outboxRow(event('x'.repeat(1_000_000)))).toThrow(
    /headrace\.deployments would take 1000011 bytes.*split/,
  );
  expect(() => outboxRow(event('ü'.repeat(600_000)))).toThrow(/1200011 bytes/);
});

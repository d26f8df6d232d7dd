import { topics } from '@headrace/contracts';
import { InMemoryEventLog, type EventRecord } from '@headrace/event-log';
import { describe, expect, it } from '@jest/globals';
import { readLetter } from './letter.js';
import { parsePlace } from './place.js';

const letterOf = (headers: Record<string, string>, raw: Buffer | null = Buffer.from('x')): EventRecord<unknown> => ({
  topic: topics.deadLetters.name,
  partition: 2,
  offset: 7,
  key: Buffer.from('k'),
  timestampMs: 1000,
  value: raw,
  raw,
  headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])),
});
const dlq = { dlq_code: 'WRONG_TYPE', dlq_message: 'm', dlq_place: 't/1@5', dlq_group: 'headrace.streaming.risk' };
const cloudEvent = {
  ce_specversion: '1.0',
  ce_id: 'i',
  ce_source: 's',
  ce_time: '2001-01-01T00:00:00Z',
  traceparent: 'p',
};
const ownHeaders = (headers: Record<string, string>) => Object.keys(readLetter(letterOf(headers)).headers).sort();

describe('a dead letter', () => {
  it('says why, by whom, of which record, for which time', () => {
    const headers = {
      ...dlq,
      dlq_model: 'm',
      dlq_model_version: '3',
      dlq_attempts: '2',
      dlq_record_time: '2001-01-01T00:00:00.000Z',
    };
    expect(readLetter(letterOf(headers))).toMatchObject({
      place: 'headrace.dead-letters/2@7',
      origin: 't/1@5',
      deployment: 'risk',
      code: 'WRONG_TYPE',
      modelVersion: '3',
      attempt: 2,
      leftOutBytes: null,
      recordTime: '2001-01-01T00:00:00.000Z',
    });
    expect(readLetter(letterOf({ ...dlq, dlq_value_bytes: '9' }, null))).toMatchObject({ leftOutBytes: 9, attempt: 1 });
    expect(readLetter(letterOf({ ...dlq, dlq_group: 'headrace.drift.labels' })).deployment).toBeNull();
  });

  it('tells the record’s headers from the log’s by their list, and leaves marks of a redrive out', () => {
    const marks = { headrace_redrive_group: 'g', headrace_redrive_letter: 'l', dlq_attempts: '2' };
    const list = JSON.stringify(['ce_id', 'own', 'headrace_redrive_group', 'dlq_attempts']);
    expect(ownHeaders({ ...dlq, ...cloudEvent, ...marks, own: '1', dlq_headers: list })).toEqual(['ce_id', 'own']);
    expect(ownHeaders({ ...dlq, ...cloudEvent, dlq_headers: '[]' })).toEqual([]);
  });

  it.each([undefined, 'no json', '{}'])('without a usable list (%s) goes by whose CloudEvent it is', (list) => {
    const headers = { ...dlq, ...cloudEvent, own: '1', ...(list ? { dlq_headers: list } : {}) };
    expect(ownHeaders({ ...headers, ce_type: topics.deadLetters.name })).toEqual(['own']);
    expect(ownHeaders({ ...headers, ce_type: 'com.example' })).toEqual(
      [...Object.keys(cloudEvent), 'ce_type', 'own'].sort(),
    );
  });

  it('as the log writes it, gives the record back as it was', async () => {
    const log = new InMemoryEventLog();
    const headers = { ce_id: 'mine', dlq_own: 'lost: the prefix is ours', own: '1' };
    await log.produce('in', { key: 'k', value: 'no json', headers });
    const subscription = await log.consume(
      { topic: 'in', group: 'g', guarantee: 'exactly-once' },
      async () => undefined,
    );
    const letters: Array<EventRecord<unknown>> = [];
    while (letters.length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      for await (const { records } of log.read(topics.deadLetters, await log.offsets(topics.deadLetters)))
        letters.push(...records);
    }
    await subscription.stop();
    const letter = readLetter(letters[0]!);
    expect(Object.entries(letter.headers).map(([name, text]) => [name, text.toString()])).toEqual([
      ['ce_id', 'mine'],
      ['own', '1'],
    ]);
    expect([letter.key, letter.value].map(String)).toEqual(['k', 'no json']);
  });
});

describe('a place', () => {
  it('is a topic, a partition and an offset', () => {
    expect(parsePlace('headrace.dead-letters/2@70')).toEqual({
      topic: 'headrace.dead-letters',
      partition: 2,
      offset: 70,
    });
    for (const text of ['', 'unknown', 't/1', 't@1', 't/1@', 'a b/1@2', 't/-1@2', 't/1@2x', '../1@2/3@4'])
      expect(parsePlace(text)).toBeUndefined();
  });
});

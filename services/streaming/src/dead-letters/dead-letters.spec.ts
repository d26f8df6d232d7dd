import { topics } from '@headrace/contracts';
import { InMemoryEventLog, type EventLog, type EventRecord, type OutgoingEvent } from '@headrace/event-log';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DeadLetters } from './dead-letters.js';

const spec = { input: { topic: 'in', features: ['x'] }, output: { topic: 'out' } };
const deployed = (name: string): OutgoingEvent => ({
  topic: topics.deployments,
  key: name,
  value: { name, generation: 1, model: null, spec: JSON.stringify(spec), cause: 'apply', changedAt: 0 },
});
const once = { again: false, dryRun: false };

let log: InMemoryEventLog;
let letters: DeadLetters;
let redriven: string[];

/** A letter as deadLetter() writes it. */
function letter(origin: string, group = 'headrace.streaming.a', more: Partial<OutgoingEvent> = {}): OutgoingEvent {
  const own = { own: '1' };
  const dlq = {
    dlq_code: 'WRONG_TYPE',
    dlq_message: 'm',
    dlq_place: origin,
    dlq_group: group,
    dlq_headers: JSON.stringify(Object.keys(own)),
    dlq_record_time: '2001-01-01T00:00:00.000Z',
  };
  return {
    topic: topics.deadLetters,
    key: 'k',
    value: Buffer.from('{"x":1}'),
    headers: { ...own, ...dlq },
    partition: 0,
    ...more,
  };
}

async function all(topic: string): Promise<Array<EventRecord<unknown>>> {
  const found = [];
  for await (const { records } of log.read({ ...topics.deadLetters, name: topic }, await log.offsets(topic)))
    found.push(...records);
  return found;
}
const text = ({ headers }: EventRecord<unknown>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.toString()]));

beforeEach(async () => {
  log = new InMemoryEventLog();
  log.create('in', 2);
  redriven = [];
  await log.publish([deployed('a'), deployed('b')]);
  letters = new DeadLetters({ eventLog: log, onRedriven: ({ origin }) => redriven.push(origin) });
  await letters.start();
});
afterEach(async () => {
  await letters.stop();
  await log.close();
});

describe('redriving a letter', () => {
  it('writes the record as it was, for its group alone, once', async () => {
    await log.publish([letter('in/1@4')]);
    const { letter: found } = await letters.find('in/1@4');
    expect(await letters.redrive([found], once)).toEqual({
      redriven: [
        { letter: found.place, origin: 'in/1@4', group: 'headrace.streaming.a', topic: 'in', partition: 1, attempt: 2 },
      ],
      refused: [],
    });
    expect(await letters.redrive([found], once)).toMatchObject({
      redriven: [],
      refused: [{ code: 'ALREADY_REDRIVEN' }],
    });
    const [record, ...others] = await all('in');
    expect(others).toEqual([]);
    expect([record!.partition, record!.key, record!.raw].map(String)).toEqual(['1', 'k', '{"x":1}']);
    expect(text(record!)).toEqual({
      own: '1',
      ce_id: 'in/1@4',
      ce_time: '2001-01-01T00:00:00.000Z',
      headrace_redrive_group: 'headrace.streaming.a',
      headrace_redrive_letter: found.place,
      dlq_attempts: '2',
    });
    expect((await letters.find(found.place)).mark).toMatchObject({ times: 1, attempt: 2, origin: 'in/1@4' });
    expect(redriven).toEqual(['in/1@4']);
  });

  it('again, when asked for, and counts the times', async () => {
    await log.publish([letter('in/0@0')]);
    const { letter: found } = await letters.find('in/0@0');
    for (const again of [false, true]) await letters.redrive([found], { again, dryRun: false });
    expect(await all('in')).toHaveLength(2);
    expect((await letters.find(found.place)).mark).toMatchObject({ times: 2 });
  });

  it('keeps the id and time that a record brings itself', async () => {
    const { headers } = letter('in/0@0');
    const own = { ...headers, ce_id: 'mine', ce_time: '1999-01-01T00:00:00Z', dlq_headers: '["ce_id","ce_time"]' };
    await log.publish([letter('in/0@0', undefined, { headers: own })]);
    await letters.redrive([(await letters.find('in/0@0')).letter], once);
    expect(text((await all('in'))[0]!)).toMatchObject({ ce_id: 'mine', ce_time: '1999-01-01T00:00:00Z' });
  });

  it('goes by key where its partition does not exist any more, and a tombstone stays one', async () => {
    await log.publish([letter('in/7@4', undefined, { value: null })]);
    const { redriven: done } = await letters.redrive([(await letters.find('in/7@4')).letter], once);
    expect(done).toMatchObject([{ partition: null }]);
    expect((await all('in')).map(({ raw }) => raw)).toEqual([null]);
  });

  it('takes the record from its place when the letter could not hold it, and says so when it is gone', async () => {
    await log.produce('in', { key: 'large', value: 'as it was', headers: { own: '2' }, partition: 0 });
    const bare = { key: null, value: null };
    const { headers } = letter('in/0@0');
    await log.publish([letter('in/0@0', undefined, { ...bare, headers: { ...headers, dlq_value_bytes: '9' } })]);
    const { headers: gone } = letter('in/1@3');
    await log.publish([letter('in/1@3', undefined, { ...bare, headers: { ...gone, dlq_value_bytes: '9' } })]);
    const places = ['in/0@0', 'in/1@3'];
    const found = [];
    for (const place of places) found.push((await letters.find(place)).letter);
    const outcome = await letters.redrive(found, once);
    expect(outcome).toMatchObject({ redriven: [{ origin: 'in/0@0' }], refused: [{ code: 'RECORD_GONE' }] });
    const copy = (await all('in')).at(-1)!;
    expect([copy.key, copy.raw].map(String)).toEqual(['large', 'as it was']);
    expect(text(copy)).toMatchObject({ own: '2', headrace_redrive_group: 'headrace.streaming.a' });
    expect(String(await letters.valueOf(found[0]!))).toBe('as it was');
    await expect(letters.valueOf(found[1]!)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('dry: tells what would be and changes nothing', async () => {
    await log.publish([letter('in/0@0'), letter('elsewhere/0@0')]);
    const outcome = await letters.redriveMatching({}, 10, { again: false, dryRun: true });
    expect(outcome).toMatchObject({
      redriven: [{ origin: 'in/0@0' }],
      refused: [{ code: 'TOPIC_NOT_READ' }],
      remaining: [],
    });
    expect([await all('in'), await all(topics.deadLetterStates.name)]).toEqual([[], []]);
  });

  it('looks for marks only when nobody else can write one any more', async () => {
    await log.publish([letter('in/0@0')]);
    const { letter: found } = await letters.find('in/0@0');
    const publishExclusively: EventLog['publishExclusively'] = async (id, decide) => {
      // Somebody else is quicker: all of their redrive falls between the begin of this one and its transactional id.
      await letters.redrive([found], once);
      return log.publishExclusively(id, decide);
    };
    const eventLog = Object.assign(Object.create(log) as EventLog, { publishExclusively });
    const slow = new DeadLetters({ eventLog, onRedriven: () => undefined });
    await slow.start();
    expect(await slow.redrive([found], once)).toMatchObject({ redriven: [], refused: [{ code: 'ALREADY_REDRIVEN' }] });
    expect(await all('in')).toHaveLength(1);
    await slow.stop();
  });

  it('by two people at once: one does, one is told', async () => {
    await log.publish([letter('in/0@0')]);
    const other = new DeadLetters({ eventLog: log, onRedriven: () => undefined });
    await other.start();
    const { letter: found } = await letters.find('in/0@0');
    const outcomes = await Promise.all([letters.redrive([found], once), other.redrive([found], once)]);
    expect(outcomes.map(({ redriven, refused }) => [redriven.length, refused.length]).sort()).toEqual([
      [0, 1],
      [1, 0],
    ]);
    expect(await all('in')).toHaveLength(1);
    await other.stop();
  });
});

describe('redriving a filter', () => {
  it('takes what is open and matches, oldest first, in portions, and nothing that fails anew', async () => {
    await log.publish([0, 1, 2, 3, 4].map((n) => letter(`in/0@${n}`, `headrace.streaming.${n === 2 ? 'b' : 'a'}`)));
    await letters.redrive([(await letters.find('in/0@1')).letter], once);
    const first = await letters.redriveMatching({ deployment: 'a' }, 2, once);
    expect(first.redriven.map(({ origin }) => origin)).toEqual(['in/0@0', 'in/0@3']);
    await log.publish([letter('in/0@9')]);
    const second = await letters.redriveMatching({ deployment: 'a' }, 2, once, first.remaining);
    expect(second.redriven.map(({ origin }) => origin)).toEqual(['in/0@4']);
    expect(second.remaining).toEqual([]);
    expect((await letters.list({ state: 'open' }, 10)).map(({ letter }) => letter.origin).sort()).toEqual([
      'in/0@2',
      'in/0@9',
    ]);
  });
});

describe('finding a letter', () => {
  it('by the record’s place only where one letter is of it', async () => {
    await log.publish([letter('in/0@0'), letter('in/0@0', 'headrace.streaming.b')]);
    await expect(letters.find('in/0@0')).rejects.toMatchObject({ code: 'CONFLICT', context: { letters: [{}, {}] } });
    expect((await letters.find('in/0@0', { deployment: 'b' })).letter.deployment).toBe('b');
  });

  it.each([
    ['INPUT_INVALID', 'nonsense'],
    ['NOT_FOUND', 'in/0@99'],
    ['NOT_FOUND', 'headrace.dead-letters/0@99'],
    ['NOT_FOUND', 'headrace.dead-letters/99@0'],
  ])('%s: %s', async (code, place) => {
    await log.publish([letter('in/0@0')]);
    await expect(letters.find(place)).rejects.toMatchObject({ code });
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { topics, type DeploymentApplied, type Topic } from '@headrace/contracts';
import { waitFor } from '@headrace/dev';
import { HeadraceError } from '@headrace/service-kit';
import { randomUUID } from 'node:crypto';
import type { Batch, EventLog, EventRecord, OutgoingEvent } from '../src/event-log.js';

/** How a suite gets at one adapter, and writes as a foreign producer would. */
export interface ContractSubject {
  eventLog(): EventLog;
  produce(
    topic: string,
    records: Array<{ key?: string; value: Buffer | string; partition?: number; headers?: Record<string, string> }>,
  ): Promise<void>;
}

const PATIENCE = { timeoutMs: 45_000 };

/** What both the Kafka adapter and its in-memory twin promise. */
export function eventLogContract(subject: ContractSubject): void {
  const log = () => subject.eventLog();
  const topic = (partitions = 1, cleanup: 'delete' | 'compact' = 'delete'): Topic<DeploymentApplied> => ({
    ...topics.deploymentEffects,
    name: `contract.${randomUUID()}`,
    partitions,
    cleanup,
  });
  const bytes = (): Topic<Uint8Array> => ({ ...topics.deadLetters, name: `contract.${randomUUID()}`, partitions: 1 });
  const effect = (fromOffset: number): DeploymentApplied => ({
    deployment: 'd',
    generation: 1,
    model: 'm',
    version: 1,
    topic: 't',
    partition: 0,
    fromOffset,
  });
  const event = (to: Topic<DeploymentApplied>, fromOffset: number, key = 'k'): OutgoingEvent => ({
    topic: to,
    key,
    value: effect(fromOffset),
  });
  const group = () => `contract.${randomUUID()}`;

  async function all<T>(from: Topic<T>): Promise<Array<EventRecord<T>>> {
    const found: Array<EventRecord<T>> = [];
    for await (const { records } of log().read(from, await log().offsets(from))) found.push(...records);
    return found;
  }

  async function deadLettersOf(name: string): Promise<Array<EventRecord<Uint8Array>>> {
    return (await all(topics.deadLetters)).filter(({ headers }) => headers['dlq_group']?.toString() === name);
  }

  beforeAll(() => log().provision([topics.deadLetters]));
  afterAll(() => log().close());

  describe('publishing', () => {
    it('keeps the order of events of one key, and says what CloudEvents and tracing need', async () => {
      const to = topic(3);
      await log().provision([to]);
      await log().publish([1, 2, 3].map((n) => ({ ...event(to, n), eventTime: 981_000_000_000, id: `id-${n}` })));
      const records = await all(to);
      expect(records.map(({ value }) => value.fromOffset)).toEqual([1, 2, 3]);
      const { headers } = records[0]!;
      expect(headers['ce_id']?.toString()).toBe('id-1');
      expect(headers['ce_time']?.toString()).toBe('2001-02-01T04:00:00.000Z');
      expect(headers['traceparent']?.toString()).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    });

    it('refuses a value that does not fit the schema, and writes nothing of that call', async () => {
      const to = topic();
      await log().provision([to]);
      const wrong = { topic: to, key: 'k', value: { deployment: 1 } } as unknown as OutgoingEvent;
      await expect(log().publish([event(to, 1), wrong])).rejects.toBeInstanceOf(HeadraceError);
      expect(await all(to)).toEqual([]);
    });
  });

  describe('publishing exclusively', () => {
    it('writes all of it or nothing, and headers as they are given where the record is not ours', async () => {
      const [a, b] = [topic(), bytes()];
      await log().provision([a, b]);
      const foreign = { topic: b, key: null, value: Buffer.from('x'), headers: { own: '1' }, verbatim: true };
      const wrong = { topic: a, key: 'k', value: { deployment: 1 } } as unknown as OutgoingEvent;
      const id = group();
      await expect(log().publishExclusively(id, async () => [foreign, wrong])).rejects.toBeInstanceOf(HeadraceError);
      await log().publishExclusively(id, async () => []);
      await log().publishExclusively(id, async () => [event(a, 1), foreign]);
      await waitFor(async () => (await all(b)).length > 0 && (await all(a)).length > 0, { ...PATIENCE, what: 'both' });
      expect((await all(a)).map(({ value }) => value.fromOffset)).toEqual([1]);
      expect((await all(b)).map(({ headers }) => Object.keys(headers))).toEqual([['own']]);
    });

    it('who comes later shuts out who came before, and reads what that one wrote or never will', async () => {
      const to = topic();
      await log().provision([to]);
      const id = group();
      let laterIsDone = (): void => undefined;
      const later = new Promise<void>((resolve) => (laterIsDone = resolve));
      let bothBegan = (): void => undefined;
      const began = new Promise<void>((resolve) => (bothBegan = resolve));
      const earlier = log().publishExclusively(id, async () => {
        bothBegan();
        await later;
        return [event(to, 1)];
      });
      await began;
      await log().publishExclusively(id, async () => [event(to, 2)]);
      laterIsDone();
      await expect(earlier).rejects.toMatchObject({ code: 'FENCED', retry: 'now' });
      await log().publishExclusively(id, async () => {
        expect((await all(to)).map(({ value }) => value.fromOffset)).toEqual([2]);
        return [event(to, 3)];
      });
      await waitFor(async () => (await all(to)).length > 1, { ...PATIENCE, what: 'the third event' });
      expect((await all(to)).map(({ value }) => value.fromOffset)).toEqual([2, 3]);
    });

    it('a writer is kept for many writes, until somebody else takes its id, who knows the last one’s receipt', async () => {
      const [a, b] = [topic(), topic()];
      await log().provision([a, b]);
      const id = group();
      const first = await log().exclusiveWriter(id);
      expect(await first.wrote('1')).toBe(false);
      await first.write([event(a, 1), event(b, 1)], '1');
      await first.write([event(b, 2)], '2');
      await first.write([event(a, 3)], '3');
      const second = await log().exclusiveWriter(id);
      expect([await second.wrote('3'), await second.wrote('4')]).toEqual([true, false]);
      await expect(first.write([event(a, 4)], '4')).rejects.toMatchObject({ code: 'FENCED' });
      await first.close();
      expect(await second.wrote('4')).toBe(false);
      await second.write([event(a, 5)]);
      await second.close();
      await waitFor(async () => (await all(a)).length > 2, { ...PATIENCE, what: 'the last event' });
      expect((await all(a)).map(({ value }) => value.fromOffset)).toEqual([1, 3, 5]);
      expect((await all(b)).map(({ value }) => value.fromOffset)).toEqual([1, 2]);
    });
  });

  describe.each(['exactly-once', 'at-least-once'] as const)('consuming %s', (guarantee) => {
    it('hands over each record once, in order per partition, and goes on after the group comes back', async () => {
      const from = topic(2);
      await log().provision([from]);
      await log().publish([1, 2, 3].map((n) => ({ ...event(from, n), partition: n % 2 })));
      const seen: number[] = [];
      const options = { topic: from, group: group(), guarantee };
      const handle = async ({ records }: Batch<DeploymentApplied>) =>
        void seen.push(...records.map(({ value }) => value.fromOffset));
      const first = await log().consume(options, handle);
      await waitFor(() => seen.length === 3, { ...PATIENCE, what: 'three records' });
      await first.stop();
      await log().publish([{ ...event(from, 5), partition: 1 }]);
      const second = await log().consume(options, handle);
      await waitFor(() => seen.length >= 4, { ...PATIENCE, what: 'the fourth record' });
      await second.stop();
      expect(seen.filter((n) => n % 2 === 1)).toEqual([1, 3, 5]);
      expect(seen).toHaveLength(4);
    });

    it('sends what cannot be decoded to the dead letters, with its bytes and place, and its neighbours on', async () => {
      const name = `contract.${randomUUID()}`;
      await log().provision([{ ...bytes(), name }]);
      await subject.produce(name, [
        { key: 'a', value: '{"n":1}' },
        { key: 'b', value: 'no json', headers: { origin: 'test' } },
        { key: 'c', value: '{"n":3}' },
      ]);
      const seen: unknown[] = [];
      const options = { topic: name, group: group(), guarantee };
      const subscription = await log().consume<{ n: number }>(
        options,
        async ({ records }) => void seen.push(...records.map(({ value }) => value.n)),
      );
      await waitFor(() => seen.length === 2, { ...PATIENCE, what: 'both good records' });
      await waitFor(async () => (await deadLettersOf(options.group)).length === 1, {
        ...PATIENCE,
        what: 'one dead letter',
      });
      await subscription.stop();
      expect(seen).toEqual([1, 3]);
      const [letter] = await deadLettersOf(options.group);
      expect(letter!.raw?.toString()).toBe('no json');
      expect(letter!.key?.toString()).toBe('b');
      expect(letter!.headers['origin']?.toString()).toBe('test');
      expect(letter!.headers['dlq_code']?.toString()).toBe('UNDECODABLE');
      expect(letter!.headers['dlq_place']?.toString()).toBe(`${name}/0@1`);
      expect(letter!.headers['dlq_attempts']?.toString()).toBe('1');
      expect(letter!.headers['dlq_headers']?.toString()).toBe('["origin"]');
      expect(Date.parse(letter!.headers['dlq_record_time']!.toString())).toBeGreaterThan(1e12);
    });

    it('hands a redriven record to the group it names alone, also when nobody can decode it', async () => {
      const name = `contract.${randomUUID()}`;
      await log().provision([{ ...bytes(), name }]);
      const [named, other] = [group(), group()];
      const headers = { headrace_redrive_group: named, dlq_attempts: '2' };
      await subject.produce(name, [
        { value: '1' },
        { value: '2', headers },
        { value: 'no json', headers },
        { value: '3' },
      ]);
      const seen: string[] = [];
      const follow = (reader: string) =>
        log().consume<number>(
          { topic: name, group: reader, guarantee },
          async ({ records }) =>
            void seen.push(...records.map(({ value }) => `${reader === named ? 'named' : 'other'} ${value}`)),
        );
      const subscriptions = [await follow(named), await follow(other)];
      await waitFor(() => seen.filter((each) => each.endsWith(' 3')).length === 2, { ...PATIENCE, what: 'both ends' });
      await Promise.all(subscriptions.map((each) => each.stop()));
      expect(seen.sort()).toEqual(['named 1', 'named 2', 'named 3', 'other 1', 'other 3']);
      await waitFor(async () => (await deadLettersOf(named)).length === 1, { ...PATIENCE, what: 'the letter' });
      expect(await deadLettersOf(other)).toEqual([]);
      expect((await deadLettersOf(named))[0]!.headers['dlq_attempts']!.toString()).toBe('2');
    });

    it('a batch that fails comes again, and what it emits is there once', async () => {
      const [from, to] = [topic(), topic()];
      await log().provision([from, to]);
      await log().publish([1, 2].map((n) => event(from, n)));
      let failures = 0;
      const subscription = await log().consume({ topic: from, group: group(), guarantee }, async ({ records }) => {
        if (failures++ < 2) throw new HeadraceError('UNAVAILABLE', 'not now');
        return { emit: records.map(({ value }) => event(to, value.fromOffset * 10)) };
      });
      await waitFor(async () => (await all(to)).length >= 2, { ...PATIENCE, what: 'two outputs' });
      await subscription.stop();
      expect((await all(to)).map(({ value }) => value.fromOffset)).toEqual([10, 20]);
    });

    it('works on a batch in the trace of its record, and what it emits continues it', async () => {
      const [from, to] = [topic(), topic()];
      await log().provision([from, to]);
      const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
      await log().publish([{ ...event(from, 1), traceparent }]);
      const subscription = await log().consume({ topic: from, group: group(), guarantee }, async () => ({
        emit: [event(to, 2)],
      }));
      await waitFor(async () => (await all(to)).length === 1, { ...PATIENCE, what: 'the output' });
      await subscription.stop();
      const [output] = await all(to);
      expect(output!.headers['traceparent']?.toString()).toMatch(
        /^00-0af7651916cd43dd8448eb211c80319c-(?!b7ad6b7169203331)/,
      );
    });

    it('reads only the ranges it is given, and finishes', async () => {
      const from = topic(2);
      await log().provision([from]);
      await log().publish([0, 1, 2, 3, 4, 5].map((n) => ({ ...event(from, n), partition: 1 })));
      const seen: number[] = [];
      const ranges = [{ topic: from.name, partition: 1, from: 2, to: 5 }];
      const subscription = await log().consume(
        { topic: from, group: group(), guarantee, ranges, maxRecords: 2 },
        async ({ records }) => {
          seen.push(...records.map(({ value }) => value.fromOffset));
        },
      );
      await subscription.finished;
      await subscription.stop();
      expect(seen).toEqual([2, 3, 4]);
    });
  });

  it('what fails for good says why, holds up nobody else, and goes on when the cause is gone', async () => {
    const [broken, sound] = [topic(), topic()];
    await log().provision([broken, sound]);
    await log().publish([event(broken, 1), event(sound, 1)]);
    const ranges = [{ topic: broken.name, partition: 0, from: 0, to: 1 }];
    let isHealed = false;
    const options = { group: group(), guarantee: 'exactly-once' as const };
    const failing = await log().consume({ topic: broken, ranges, ...options }, async () => {
      if (!isHealed) throw new Error('a bug');
    });
    await expect(failing.finished).rejects.toThrow('a bug');
    expect([failing.isReady(), failing.failure()?.message]).toEqual([false, 'a bug']);
    let heard = 0;
    const other = await log().consume({ topic: sound, ...options, group: group() }, async () => void heard++);
    await waitFor(() => heard === 1, { ...PATIENCE, what: 'the other topic to go on' });
    expect([other.isReady(), other.failure()]).toEqual([true, undefined]);
    isHealed = true;
    const done = async () => (await log().committed(options.group, broken)).get(0) === 1;
    await waitFor(done, { ...PATIENCE, what: 'the failed batch to be done' });
    await waitFor(() => failing.failure() === undefined, { ...PATIENCE, what: 'the failure to be over' });
    await Promise.all([failing.stop(), other.stop()]);
  }, 90_000);

  it('emits and offsets are one: a handler that fails after its neighbour batch leaves no half', async () => {
    const [from, to] = [topic(), topic()];
    await log().provision([from, to]);
    await log().publish([1, 2, 3, 4].map((n) => event(from, n)));
    let poisoned = true;
    const options = { topic: from, group: group(), guarantee: 'exactly-once' as const, maxRecords: 2 };
    const subscription = await log().consume(options, async ({ records }) => {
      if (poisoned && records.some(({ value }) => value.fromOffset === 3)) {
        poisoned = false;
        return { emit: [event(to, 3), { topic: to, key: 'k', value: { wrong: true } } as unknown as OutgoingEvent] };
      }
      return { emit: records.map(({ value }) => event(to, value.fromOffset)) };
    });
    await waitFor(async () => (await all(to)).length >= 4, { ...PATIENCE, what: 'four outputs' });
    await subscription.stop();
    expect((await all(to)).map(({ value }) => value.fromOffset)).toEqual([1, 2, 3, 4]);
  });

  it('commits each batch by itself where that is asked for, and tells what a group has committed', async () => {
    const [from, to] = [topic(2), topic()];
    await log().provision([from, to]);
    await log().publish([0, 1, 2, 3].map((n) => ({ ...event(from, n), partition: 1 })));
    const name = group();
    const held = new AbortController();
    const ranges = [{ topic: from.name, partition: 1, from: 0, to: 4 }];
    const subscription = await log().consume(
      { topic: from, group: name, guarantee: 'exactly-once', maxRecords: 2, commitEach: true, ranges },
      async ({ records }) => {
        if (records[0]!.offset === 2 && !held.signal.aborted)
          await new Promise((resolve) => held.signal.addEventListener('abort', resolve));
        return { emit: records.map(({ value }) => event(to, value.fromOffset)) };
      },
    );
    await waitFor(async () => (await log().committed(name, from)).get(1) === 2, { ...PATIENCE, what: 'one batch' });
    expect((await all(to)).map(({ value }) => value.fromOffset)).toEqual([0, 1]);
    held.abort();
    await subscription.finished;
    await subscription.stop();
    expect((await log().committed(name, from)).get(1)).toBe(4);
    expect((await log().committed(group(), from)).size).toBe(0);
  });

  it('knows which topics exist', async () => {
    const [made, missing] = [topic(), topic()];
    await log().provision([made]);
    expect([await log().exists(made), await log().exists(missing.name)]).toEqual([true, false]);
  });

  it('tells how many members of a group read a topic', async () => {
    const [read, other] = [topic(2), topic()];
    await log().provision([read, other]);
    const name = group();
    expect(await log().members(name, read)).toBe(0);
    const subscription = await log().consume(
      { topic: read, group: name, guarantee: 'exactly-once' },
      async () => undefined,
    );
    expect([await log().members(name, read), await log().members(name, other)]).toEqual([1, 0]);
    await subscription.stop();
    expect(await log().members(name, read)).toBe(0);
  });

  it('ranges end also where only a transaction marker is left', async () => {
    const [from, middle] = [topic(), topic()];
    await log().provision([from, middle]);
    await log().publish([event(from, 1)]);
    const first = await log().consume(
      { topic: from, group: group(), guarantee: 'exactly-once' },
      async ({ records }) => ({
        emit: records.map(({ value }) => event(middle, value.fromOffset)),
      }),
    );
    await waitFor(async () => (await all(middle)).length === 1, { ...PATIENCE, what: 'the output' });
    await first.stop();
    const seen: number[] = [];
    const ranges = await log().offsets(middle);
    const second = await log().consume(
      { topic: middle, group: group(), guarantee: 'exactly-once', ranges },
      async ({ records }) => {
        seen.push(...records.map(({ value }) => value.fromOffset));
      },
    );
    await second.finished;
    await second.stop();
    expect(seen).toEqual([1]);
  });

  it('reads several ranges of one partition, and leaves out what lies between', async () => {
    const from = topic(2);
    await log().provision([from]);
    await log().publish([0, 1, 2, 3, 4, 5, 6].map((n) => ({ ...event(from, n), partition: 0 })));
    const range = (start: number, to: number) => ({ topic: from.name, partition: 0, from: start, to });
    const seen: number[] = [];
    for await (const { records } of log().read(from, [range(0, 1), range(2, 4), range(6, 7)]))
      seen.push(...records.map(({ value }) => value.fromOffset));
    expect(seen).toEqual([0, 2, 3, 6]);
  });

  it('refuses to consume two ranges of one partition', async () => {
    const from = topic();
    await log().provision([from]);
    const range = (start: number, to: number) => ({ topic: from.name, partition: 0, from: start, to });
    const options = {
      topic: from,
      group: group(),
      guarantee: 'at-least-once' as const,
      ranges: [range(0, 1), range(2, 3)],
    };
    await expect(log().consume(options, async () => undefined)).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      retry: 'never',
    });
  });

  it('tells the offsets since a time', async () => {
    const to = topic();
    await log().provision([to]);
    await log().publish([event(to, 1)]);
    const [first] = await all(to);
    await waitFor(() => Date.now() > first!.timestampMs + 2, { ...PATIENCE, what: 'the clock to move' });
    await log().publish([event(to, 2)]);
    const second = (await all(to))[1]!;
    expect(await log().offsets(to, second.timestampMs)).toEqual([{ topic: to.name, partition: 0, from: 1, to: 2 }]);
    expect(await log().offsets(to, second.timestampMs + 3_600_000)).toEqual([
      { topic: to.name, partition: 0, from: 2, to: 2 },
    ]);
  });

  it('a table shows what is in its topic, follows it, and forgets at a tombstone', async () => {
    const of = topic(1, 'compact');
    await log().provision([of]);
    await log().publish([event(of, 1, 'a'), event(of, 2, 'b'), event(of, 3, 'a')]);
    const table = await log().table(of);
    expect([...table.entries()].map(([key, value]) => [key, value.fromOffset])).toEqual([
      ['a', 3],
      ['b', 2],
    ]);
    const changes: Array<[string, number | undefined]> = [];
    table.onChange((key, value) => changes.push([key, value?.fromOffset]));
    await log().publish([{ topic: of, key: 'b', value: null }, event(of, 4, 'c')]);
    await table.caughtUp();
    expect(table.get('b')).toBeUndefined();
    expect(table.get('c')?.fromOffset).toBe(4);
    expect(table.size).toBe(2);
    expect(changes).toEqual([
      ['b', undefined],
      ['c', 4],
    ]);
    await table.stop();
  });
}

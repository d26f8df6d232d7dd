import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { topics, type DriftReported, type Finding } from '@headrace/contracts';
import { testCluster, type Service } from '@headrace/dev';
import { headerText } from '@headrace/event-log';
import { evaluate, type Evidence } from '@headrace/monitoring';
import { attributionsOf, ExplainedWorld } from './explained-world.js';
import { firstTime, HOUR, messagesOf, records, type Message } from './synthetic-traffic.js';

const PER_HOUR = 400;
const HOURS = 6;
const SHIFT_FROM = 2;
const CLOSED = HOURS - 1;

describe('attributions on a stream', () => {
  const world = new ExplainedWorld();
  const all = records(HOURS, PER_HOUR, HOURS);
  const attributions = attributionsOf(all, PER_HOUR, SHIFT_FROM);
  const databases: Array<{ url: string; drop(): Promise<void> }> = [];
  let service: Service;

  beforeAll(async () => {
    await world.prepare();
    databases.push(await testCluster.createDatabase('drift'), await testCluster.createDatabase('drift'));
    service = await world.start(databases[0]!.url);
    const messages = messagesOf(all);
    for (let hour = 0; hour <= HOURS; hour++) {
      const within = (at: number): boolean => Math.max(0, Math.floor((at - firstTime) / HOUR)) === hour;
      await world.send(messages.filter(({ at }: Message) => within(at)));
      await world.sendExplanations(
        all.filter(({ time }) => within(time)),
        attributions,
      );
      if (hour !== SHIFT_FROM) continue;
      await service.kill();
      service = await world.start(databases[0]!.url);
    }
    await world.windowsWhenClosed(service, world.watched, CLOSED);
    await world.windowsWhenClosed(service, world.frozen, CLOSED);
  }, 240_000);

  afterAll(async () => {
    await service?.stop();
    await world.log.close();
    for (const database of databases) await database.drop();
  }, 60_000);

  const attributed = ({ findings }: DriftReported): Finding[] => findings.filter(({ kind }) => kind === 'ATTRIBUTION');

  /** What each feature has of all attribution, by a batch over the first explanation of each record. */
  function sharesOf({ windowStart, windowEnd }: DriftReported): { shares: number[]; rows: number } {
    const within = all.filter(({ time }) => time >= windowStart && time < windowEnd);
    const own = within.flatMap(({ id }) => [attributions.get(id) ?? []].filter(({ length }) => length > 0));
    const parts = [0, 1].map((feature) => own.reduce((sum, row) => sum + Math.abs(row[feature]!), 0));
    const whole = parts.reduce((sum, part) => sum + part, 0);
    return { shares: parts.map((part) => part / whole), rows: own.length };
  }

  it('reports the share of each feature, equal to a batch over the same explanations', async () => {
    const windows = await world.windows(service, world.watched);
    expect(windows).toHaveLength(CLOSED);
    for (const window of windows) {
      const { shares, rows } = sharesOf(window);
      const found = attributed(window);
      expect(found.map(({ subject }) => subject)).toEqual(['first', 'second']);
      found.forEach(({ value, rows: explained }, feature) => {
        expect(Math.abs(value! - shares[feature]!)).toBeLessThan(1e-12);
        expect(explained).toBe(rows);
      });
    }
  });

  it('warns once the shift has persisted, and asks for no retrain', async () => {
    const windows = await world.windows(service, world.watched);
    expect(windows.map(({ verdict, drifts }) => [verdict, ...(drifts ?? [])].join(' '))).toEqual([
      'STABLE',
      'STABLE',
      'STABLE',
      'WARNING ATTRIBUTION',
      'WARNING ATTRIBUTION',
    ]);
    expect(await world.commands(service, world.watched)).toEqual([]);
  });

  it('closes windows without any explanation too, and says nothing of attributions', async () => {
    for (const window of await world.windows(service, world.frozen)) {
      expect(attributed(window)).toEqual([]);
      expect(window.verdict).toBe('STABLE');
    }
  });

  it('carries what its findings are computed from', async () => {
    for (const window of await world.windows(service, world.watched))
      for (const { evidence, value, pValue, significant, material } of attributed(window))
        expect(evaluate(JSON.parse(evidence!) as Evidence)).toMatchObject({ value, pValue, significant, material });
  });

  it('sends what is no explanation to the dead letters', async () => {
    const codes = new Map<string, string>();
    for await (const batch of world.log.read(topics.deadLetters, await world.log.offsets(topics.deadLetters)))
      for (const { headers, raw } of batch.records) {
        if (!String(raw).includes(world.name)) continue;
        codes.set(headerText(headers, 'dlq_place') ?? '', headerText(headers, 'dlq_code')!);
      }
    const nameless = all.filter(({ id }, i) => i % 100 === 2 && attributions.has(id));
    expect([...codes.values()].filter((code) => code === 'INVALID_EXPLANATION')).toHaveLength(nameless.length);
  });

  it('comes to the same reports when its database is gone and the topics are read again', async () => {
    const again = await world.start(databases[1]!.url);
    const windows = await world.windowsWhenClosed(again, world.watched, CLOSED);
    const plain = ({ reportedAt: _, ...rest }: DriftReported) => rest;
    expect(windows.map(plain)).toEqual((await world.windows(service, world.watched)).map(plain));
    await again.stop();
  }, 120_000);
});

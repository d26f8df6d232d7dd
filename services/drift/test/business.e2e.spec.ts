import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { topics, type DriftReported } from '@headrace/contracts';
import { testCluster, waitFor, type Service } from '@headrace/dev';
import { headerText } from '@headrace/event-log';
import { evaluate, type Evidence } from '@headrace/monitoring';
import { metric } from './drift-world.js';
import { BusinessWorld, byHour, entityOf, kpiMessages, revenues, visitMessages, visits } from './business-world.js';
import { firstTime, HOUR, messagesOf, records } from './synthetic-traffic.js';

const PER_HOUR = 300;
const HOURS = 7;
const FALL_FROM = 3;
const CLOSED = HOURS - 1;

describe('business figures on a stream', () => {
  const world = new BusinessWorld();
  const all = records(HOURS, PER_HOUR, HOURS);
  const amounts = revenues(all, PER_HOUR, FALL_FROM);
  const messages = byHour(messagesOf(all), firstTime);
  const counts = visits(all);
  const kpis = byHour([...kpiMessages(all, amounts), ...visitMessages(all, counts)], firstTime);
  const databases: Array<{ url: string; drop(): Promise<void> }> = [];
  let service: Service;

  beforeAll(async () => {
    await world.prepare();
    databases.push(await testCluster.createDatabase('drift'), await testCluster.createDatabase('drift'));
    service = await world.start(databases[0]!.url);
    for (let hour = 0; hour < messages.length; hour++) {
      await world.send(messages[hour] ?? []);
      await world.sendKpis(kpis[hour] ?? []);
      if (hour !== FALL_FROM) continue;
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

  /** The mean that a batch join over everything finds. */
  function meanOf(
    values: ReadonlyMap<string, number>,
    { windowStart, windowEnd }: DriftReported,
  ): { mean: number; rows: number } {
    const told = all
      .filter(({ time }) => time >= windowStart && time < windowEnd)
      .flatMap(({ id }) => values.get(id) ?? []);
    return { mean: told.reduce((sum, amount) => sum + amount, 0) / told.length, rows: told.length };
  }

  it('joins each KPI to its record, or to its entity’s last one, and its mean equals a batch join over the same records', async () => {
    for (const deployment of [world.watched, world.frozen]) {
      const windows = await world.windows(service, deployment);
      expect(windows).toHaveLength(CLOSED);
      for (const window of windows) {
        for (const [name, values] of Object.entries({ revenue: amounts, visits: counts })) {
          const { mean, rows } = meanOf(values, window);
          expect(Math.abs(window.metrics[`kpi:${name}`]! - mean)).toBeLessThan(1e-12 * mean);
          expect(window.findings.find(({ subject }) => subject === name)).toMatchObject({ kind: 'KPI', rows });
        }
      }
    }
  });

  it('warns once the fall has persisted, and asks for no retrain', async () => {
    const windows = await world.windows(service, world.watched);
    expect(windows.map(({ verdict, drifts }) => [verdict, ...(drifts ?? [])].join(' '))).toEqual([
      'STABLE',
      'STABLE',
      'STABLE',
      'STABLE',
      'WARNING KPI',
      'WARNING KPI',
    ]);
    expect(await world.commands(service, world.watched)).toEqual([]);
  });

  it('carries what its findings are computed from', async () => {
    for (const { findings } of await world.windows(service, world.watched))
      for (const { kind, evidence, value, pValue, significant, material } of findings)
        if (kind === 'KPI')
          expect(evaluate(JSON.parse(evidence!) as Evidence)).toMatchObject({ value, pValue, significant, material });
  });

  it('sends what is no KPI to the dead letters, and passes over another’s', async () => {
    const codes = new Map<string, Set<string>>();
    for await (const batch of world.log.read(topics.deadLetters, await world.log.offsets(topics.deadLetters)))
      for (const { headers } of batch.records) {
        const place = headerText(headers, 'dlq_place') ?? '';
        if (!place.startsWith(world.kpis.name)) continue;
        const code = headerText(headers, 'dlq_code')!;
        codes.set(code, (codes.get(code) ?? new Set()).add(place));
      }
    const nothing = all.length - amounts.size;
    expect([...codes].map(([code, places]) => [code, places.size]).sort()).toEqual([
      ['INVALID_KPI', nothing],
      ['MISSING_RECORD_ID', nothing],
    ]);
  });

  it('comes to the same reports when its database is gone and the topics are read again', async () => {
    const again = await world.start(databases[1]!.url);
    const windows = await world.windowsWhenClosed(again, world.watched, CLOSED);
    const plain = ({ reportedAt: _, ...rest }: DriftReported) => rest;
    expect(windows.map(plain)).toEqual((await world.windows(service, world.watched)).map(plain));
    await again.stop();
  }, 120_000);

  it('amends the mean of a closed window for a KPI that comes late', async () => {
    const [before] = await world.windows(service, world.watched);
    const at = firstTime + HOURS * HOUR;
    await world.sendKpis([
      { at, key: all[5]!.id, body: { kpi: 'revenue', order: all[5]!.id, amount: 1000, at } },
      { at, key: all[1]!.id, body: { kpi: 'revenue', order: all[1]!.id, amount: 1000, at } },
    ]);
    const after = await waitFor(
      async () => {
        const [first] = await world.windows(service, world.watched);
        return first!.figuresVersion === 2 ? first! : null;
      },
      { what: 'the first window to be amended' },
    );
    const { mean, rows } = meanOf(amounts, before!);
    expect(after.metrics['kpi:revenue']).toBeCloseTo((mean * rows + 1000) / (rows + 1), 9);
    expect(after).toMatchObject({ verdict: before!.verdict, findings: before!.findings });
    const line = `headrace_drift_labels_total{topic="${world.kpis.name}",outcome="contradictory"}`;
    await waitFor(async () => ((await metric(service, line)) ?? 0) >= 1, { what: 'the contradiction to be counted' });
  }, 60_000);

  it('amends the window of an entity’s last prediction before a late KPI', async () => {
    const before = (await world.windows(service, world.watched))[1]!;
    const record = all.find(({ id, time }) => time >= before.windowStart && !counts.has(id))!;
    const at = record.time + 1000;
    await world.sendKpis([{ at, key: record.id, body: { kpi: 'visits', who: entityOf(record), amount: 400, at } }]);
    const after = await waitFor(
      async () => {
        const window = (await world.windows(service, world.watched))[1]!;
        return window.figuresVersion === 2 ? window : null;
      },
      { what: 'the second window to be amended' },
    );
    const { mean, rows } = meanOf(counts, before);
    expect(after.metrics['kpi:visits']).toBeCloseTo((mean * rows + 400) / (rows + 1), 9);
  }, 60_000);

  it('closes windows when the KPI topic falls silent, even after records that are none', async () => {
    const nothing = Array.from({ length: 20 }, (_, i) => ({ at: 0, key: `bad${i}`, body: { kpi: 'revenue' } }));
    await world.sendKpis(nothing);
    const more = records(HOURS + 2, PER_HOUR, HOURS + 2).slice(all.length);
    await world.send(messagesOf(more));
    const windows = await world.windowsWhenClosed(service, world.watched, CLOSED + 2);
    expect(windows.at(-1)!.metrics['kpi:revenue']).toBeNull();
  }, 120_000);
});

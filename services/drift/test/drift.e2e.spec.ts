import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { topics, type DriftReported } from '@headrace/contracts';
import { testCluster, waitFor, type Service } from '@headrace/dev';
import { headerText } from '@headrace/event-log';
import {
  auc,
  brier,
  calibrationError,
  estimatePerformance,
  fitCalibration,
  logLoss,
  seededRandom,
} from '@headrace/statistics';
import { DriftWorld, metric } from './drift-world.js';
import { firstTime, HOUR, labelledRecords, messagesOf, records, type SyntheticRecord } from './synthetic-traffic.js';

const PER_HOUR = 400;
const HOURS = 9;
const DRIFT_FROM = 3;
/** The last windows stay open: nothing comes after them. */
const CLOSED = HOURS - 1;
const KILLS = process.env['HEADRACE_LONG'] ? 50 : 4;

describe('drift on a stream', () => {
  const world = new DriftWorld();
  const all = records(HOURS, PER_HOUR, DRIFT_FROM);
  const messages = messagesOf(all);
  const databases: Array<{ url: string; drop(): Promise<void> }> = [];
  let service: Service;

  beforeAll(
    async () => {
      await world.prepare();
      databases.push(await testCluster.createDatabase('drift'), await testCluster.createDatabase('drift'));
      service = await world.start(databases[0]!.url);
      await playWithKills();
      for (const deployment of [world.watched, world.frozen])
        await world.windowsWhenClosed(service, deployment, CLOSED);
    },
    240_000 + KILLS * 15_000,
  );

  afterAll(async () => {
    await service?.stop();
    await world.log.close();
    for (const database of databases) await database.drop();
  }, 60_000);

  /** Plays the stream while the service is killed again and again, wherever it happens to be. */
  async function playWithKills(): Promise<void> {
    const random = seededRandom(Date.now());
    const chunk = Math.ceil(messages.length / (KILLS * 4));
    for (let at = 0, n = 1; at < messages.length; at += chunk, n++) {
      await world.send(messages.slice(at, at + chunk));
      if (n % 4 !== 2) continue;
      await new Promise((resolve) => setTimeout(resolve, random() * 1500));
      await service.kill();
      service = await world.start(databases[0]!.url);
    }
  }

  it('closes each window once, and its figures equal a batch join over the same records', async () => {
    for (const deployment of [world.watched, world.frozen]) {
      const windows = await world.windows(service, deployment);
      expect(windows.map(({ windowStart }) => windowStart)).toEqual(
        Array.from({ length: CLOSED }, (_, hour) => firstTime + hour * HOUR),
      );
      for (const window of windows) {
        expectEqual(window, recompute(all, window));
        const freshness = window.findings.find(({ metric }) => metric === 'freshness');
        expect(freshness).toMatchObject({ kind: 'QUALITY', value: HOUR / PER_HOUR, significant: false });
      }
    }
  });

  it('publishes each report, and a repeat of one is the same event', async () => {
    const published = await waitFor(
      async () => {
        const found = await world.onTopic(topics.driftReports);
        return new Set(found.map(({ reportId }) => reportId)).size === 2 * CLOSED ? found : null;
      },
      { what: 'all reports on the topic' },
    );
    const stored = [...(await world.windows(service, world.watched)), ...(await world.windows(service, world.frozen))];
    for (const report of published) {
      const { reportedAt } = stored.find(({ reportId }) => reportId === report.reportId)!;
      expect(report.reportedAt).toBe(reportedAt);
    }
  });

  it('finds the drift, after it has persisted, and asks for one retrain; the one that only reports asks for none', async () => {
    const verdicts = (await world.windows(service, world.watched)).map(({ verdict }) => verdict);
    expect(verdicts.slice(0, DRIFT_FROM)).not.toContain('DRIFT');
    expect(verdicts.slice(DRIFT_FROM)).toEqual(['STABLE', 'DRIFT', 'DRIFT', 'DRIFT', 'DRIFT']);
    expect((await world.windows(service, world.frozen)).map(({ verdict }) => verdict)).toEqual(verdicts);
    const commands = await world.commands(service, world.watched);
    expect(commands).toHaveLength(1);
    expect(commands[0]).toMatchObject({
      commandId: `${world.watched}:1:1`,
      windowEnd: firstTime + (DRIFT_FROM + 2) * HOUR,
      outcome: 'open',
    });
    expect(commands[0]!.severity).toBeGreaterThan(1);
    expect(await world.commands(service, world.frozen)).toEqual([]);
    const published = await waitFor(
      async () => (await world.onTopic(topics.retrainCommands)).map((each) => each.commandId),
      {
        what: 'the command on its topic',
      },
    );
    expect([...new Set(published)]).toEqual([`${world.watched}:1:1`]);
  });

  it('estimates figures without labels as the library does, from the first window on, and not where the concept drifted', async () => {
    const [first, ...later] = await world.windows(service, world.watched);
    expect(first!.estimated).toMatchObject([{ version: 1, valid: false, figures: {}, calibration: null }]);
    const within =
      ({ windowStart, windowEnd }: DriftReported) =>
      ({ time }: SyntheticRecord) =>
        time >= windowStart && time < windowEnd;
    const fitted = labelledRecords(all).filter(within(first!));
    const curve = fitCalibration(
      fitted.map(({ truth }) => truth),
      fitted.map(({ score }) => score),
    )!;
    for (const window of later) {
      const estimate = window.estimated![0]!;
      const scores = all.filter(within(window)).map(({ score }) => score);
      const decided = scores.map((score) => Number(score >= 0.5));
      const expected = estimatePerformance(curve, scores, decided)!;
      expect(estimate).toMatchObject({
        rows: PER_HOUR,
        labelled: window.labelled,
        calibration: { from: first!.windowStart, to: first!.windowEnd, rows: fitted.length },
      });
      for (const name of ['auc', 'accuracy', 'precision', 'recall', 'f1'] as const)
        expect(Math.abs(estimate.figures[name]! - expected[name]!)).toBeLessThan(1e-12);
      expect(Math.abs(estimate.realised['auc']! - window.metrics['auc']!)).toBeLessThan(1e-12);
    }
    const drifted = later.filter(({ windowStart }) => windowStart >= firstTime + DRIFT_FROM * HOUR);
    expect(later.slice(0, -drifted.length).map(({ estimated }) => estimated![0]!.valid)).toEqual([true, true]);
    for (const { estimated } of drifted) {
      expect(estimated![0]).toMatchObject({ valid: false, reason: expect.stringContaining('concept drift was found') });
      // Blind to it, which is why it says so.
      expect(estimated![0]!.figures['auc']).toBeGreaterThan(estimated![0]!.realised['auc']! + 0.1);
    }
    expect(await metric(service, `headrace_drift_estimate_valid{deployment="${world.watched}"}`)).toBe(0);
    expect(await metric(service, `headrace_drift_estimated_auc{deployment="${world.watched}"}`)).toBeNaN();
  });

  it('counts repeats and contradictions once each, however often they were delivered', async () => {
    const { repeats, contradictions, labels } = await labelCounts(databases[0]!.url, world.labels.name);
    expect(labels).toBe(labelledRecords(all).length);
    expect(repeats).toBe(all.filter((_, i) => i % 10 === 7 || i % 10 === 6).length);
    expect(contradictions).toBe(all.filter((_, i) => i % 10 === 6).length);
  });

  it('sends what is no label to the dead letters, with its reason and its bytes', async () => {
    const codes = new Map<string, Set<string>>();
    const ranges = await world.log.offsets(topics.deadLetters);
    for await (const batch of world.log.read(topics.deadLetters, ranges))
      for (const record of batch.records) {
        const place = headerText(record.headers, 'dlq_place') ?? '';
        if (!place.startsWith(world.labels.name)) continue;
        const code = headerText(record.headers, 'dlq_code')!;
        codes.set(code, (codes.get(code) ?? new Set()).add(place));
        expect(Object.keys(JSON.parse(String(record.raw)) as object)).toContain('late');
      }
    expect(codes.get('INVALID_LABEL')?.size).toBe(all.filter((_, i) => i % 10 === 5).length);
    expect(codes.get('MISSING_RECORD_ID')?.size).toBe(all.filter((_, i) => i % 50 === 4).length);
  });

  it('comes to the same reports when its database is gone and the topics are read again', async () => {
    const again = await world.start(databases[1]!.url);
    for (const deployment of [world.watched, world.frozen]) {
      const windows = await world.windowsWhenClosed(again, deployment, CLOSED);
      expect(windows.map(withoutClock)).toEqual((await world.windows(service, deployment)).map(withoutClock));
    }
    const ids = (await world.commands(again, world.watched)).map(({ commandId }) => commandId);
    expect(ids).toEqual([`${world.watched}:1:1`]);
    await again.stop();
  }, 180_000);

  it('amends the figures of a closed window for labels that come late, and fires no verdict again', async () => {
    const before = await world.windows(service, world.watched);
    const late = all[9]!;
    const at = all.at(-1)!.time;
    await world.send([{ kind: 'label', at, key: late.id, body: { id: late.id, late: late.truth, at } }]);
    const line = `headrace_drift_labels_total{topic="${world.labels.name}",outcome="late"}`;
    await waitFor(async () => ((await metric(service, line)) ?? 0) >= 1, { what: 'the late label to be counted' });
    const after = await waitFor(
      async () => {
        const windows = await world.windows(service, world.watched);
        return windows[0]!.figuresVersion === 2 ? windows : null;
      },
      { what: 'the first window to be amended' },
    );
    expect(after.slice(1)).toEqual(before.slice(1));
    const labelled = labelledRecords(all).filter(({ time }) => time < after[0]!.windowEnd);
    expectEqual(
      after[0]!,
      figuresOf(
        all.filter(({ time }) => time < after[0]!.windowEnd),
        [...labelled, late],
      ),
    );
    const [was, is] = [before[0]!.estimated![0]!, after[0]!.estimated![0]!];
    expect(is).toMatchObject({
      valid: was.valid,
      reason: was.reason,
      figures: was.figures,
      labelled: was.labelled + 1,
    });
    const { verdict, findings, retrain, reportedAt } = before[0]!;
    expect(after[0]).toMatchObject({ verdict, findings, retrain, reportedAt });
    const amendments = await waitFor(
      async () => {
        const found = (await world.onTopic(topics.driftAmendments)).filter((each) => each.deployment === world.watched);
        return found.length > 0 ? found : null;
      },
      { what: 'the amendment on its topic' },
    );
    expect(new Set(amendments.map(({ figuresVersion }) => figuresVersion))).toEqual(new Set([2]));
    const reports = (await world.onTopic(topics.driftReports)).filter((each) => each.deployment === world.watched);
    expect(new Set(reports.map(({ figuresVersion }) => figuresVersion))).toEqual(new Set([1]));
  });

  it('is not carried into the future by a clock in the year 2099', async () => {
    const before = await world.windows(service, world.watched);
    const future = Date.UTC(2099, 0, 1);
    const lost: SyntheticRecord = { ...all.at(-1)!, id: 'future', time: future };
    await world.send([
      { kind: 'prediction', at: future, record: lost },
      { kind: 'label', at: future, key: 'future', body: { id: 'future', late: true, at: future } },
    ]);
    const line = `headrace_drift_event_times_ahead_total{topic="${world.predictions.name}"}`;
    await waitFor(async () => ((await metric(service, line)) ?? 0) >= 1, { what: 'the future to be noticed' });
    await world.abortTransaction();
    // With every partition idle the newest mark counts: now or never the future would show.
    const watermark = await waitFor(
      async () => {
        const reached = await world.watermark(service, world.watched);
        return reached !== null && reached >= all.at(-1)!.time ? reached : null;
      },
      { what: 'idle partitions to let the watermark go' },
    );
    expect(watermark).toBeLessThan(all.at(-1)!.time + HOUR);
    expect((await world.windows(service, world.watched)).length).toBe(before.length);
  }, 60_000);

  it('asks again, in the next epoch, once the candidate was refused', async () => {
    const commandId = `${world.watched}:1:1`;
    const refusal = {
      verdictId: `${world.name}-verdict`,
      jobId: `${world.name}-job`,
      deployment: world.watched,
      model: world.model,
      alias: 'champion',
      championVersion: 1,
      candidateVersion: 2,
      passed: false,
      reasons: ['not better'],
      checks: [],
      rows: 100,
      commandId,
      decidedAt: 1,
    };
    await world.log.publish([{ topic: topics.gateVerdicts, key: world.model, value: refusal }]);
    await waitFor(async () => (await world.commands(service, world.watched))[0]?.outcome === 'refused by the gate', {
      what: 'the refusal to be known',
    });
    const veto = await world.order(service, 'POST', `${world.watched}/vetoes`);
    const more = records(HOURS + 4, PER_HOUR, DRIFT_FROM).slice(all.length);
    await world.send(messagesOf(more).slice(0, Math.floor(messagesOf(more).length / 2)));
    const vetoed = (await world.windowsWhenClosed(service, world.watched, CLOSED + 1)).at(-1)!;
    expect(vetoed).toMatchObject({ verdict: 'DRIFT', retrain: 'an operator has vetoed it' });
    await world.order(service, 'DELETE', `${world.watched}/vetoes/${String(veto.vetoId)}`);
    await world.send(messagesOf(more).slice(Math.floor(messagesOf(more).length / 2)));
    const windows = await world.windowsWhenClosed(service, world.watched, CLOSED + 3);
    // Had the future closed them, they would have been closed before they were full.
    expect(windows.map(({ predictions }) => predictions)).toEqual(windows.map(() => PER_HOUR));
    const commands = await world.commands(service, world.watched);
    expect(commands.map((command) => command.commandId)).toEqual([commandId, `${world.watched}:1:2`]);
    await expect(world.order(service, 'POST', `${world.watched}/commands`)).rejects.toThrow('409');
  }, 120_000);

  it('takes an operator’s command, and a new database fires nothing a second time', async () => {
    await expect(world.order(service, 'POST', `${world.frozen}/commands`)).resolves.toMatchObject({
      commandId: `${world.frozen}:1:1`,
      requestedBy: 'operator:tester',
    });
    const told = async () => (await world.onTopic(topics.retrainCommands)).map(({ commandId }) => commandId).sort();
    const expected = [`${world.frozen}:1:1`, `${world.watched}:1:1`, `${world.watched}:1:2`];
    await waitFor(async () => (await told()).length >= expected.length, { what: 'all commands on the topic' });
    // All that can close: one that closes after it was counted would be one more in the new database.
    const windows = await world.windowsWhenClosed(service, world.watched, CLOSED + 4);
    const reports = (await world.onTopic(topics.driftReports)).map(({ reportId }) => reportId);
    await service.stop();
    databases.push(await testCluster.createDatabase('drift'));
    service = await world.start(databases.at(-1)!.url);
    const again = await world.windowsWhenClosed(service, world.watched, windows.length);
    expect(again.map(({ reportId, verdict, retrain }) => ({ reportId, verdict, retrain }))).toEqual(
      windows.map(({ reportId, verdict, retrain }) => ({ reportId, verdict, retrain })),
    );
    expect((await world.commands(service, world.watched)).map(({ commandId }) => commandId)).toEqual(expected.slice(1));
    expect((await world.commands(service, world.frozen)).map(({ commandId }) => commandId)).toEqual(
      expected.slice(0, 1),
    );
    expect([...new Set(await told())]).toEqual(expected);
    const since = (await world.onTopic(topics.driftReports)).slice(reports.length).map(({ reportId }) => reportId);
    expect(since.filter((id) => reports.includes(id))).toEqual([]);
  }, 180_000);
});

function recompute(all: readonly SyntheticRecord[], { windowStart, windowEnd }: DriftReported) {
  const within = (record: SyntheticRecord) => record.time >= windowStart && record.time < windowEnd;
  return figuresOf(all.filter(within), labelledRecords(all).filter(within));
}

function figuresOf(predicted: readonly SyntheticRecord[], labelled: readonly SyntheticRecord[]) {
  const labels = labelled.map(({ truth }) => truth);
  const scores = labelled.map(({ score }) => score);
  return {
    predictions: predicted.length,
    labelled: labelled.length,
    metrics: {
      auc: auc(labels, scores),
      log_loss: logLoss(labels, scores),
      brier: brier(labels, scores),
      calibration_error: calibrationError(labels, scores),
      base_rate: labels.filter(Boolean).length / labels.length,
      mean_score: predicted.reduce((sum, { score }) => sum + score, 0) / predicted.length,
    } as Record<string, number | null>,
  };
}

function expectEqual(report: DriftReported, expected: ReturnType<typeof recompute>): void {
  expect(report).toMatchObject({ predictions: expected.predictions, labelled: expected.labelled });
  for (const [name, value] of Object.entries(expected.metrics))
    expect(Math.abs(report.metrics[name]! - value!)).toBeLessThan(1e-12);
}

function withoutClock(report: DriftReported): Omit<DriftReported, 'reportedAt'> {
  const { reportedAt: _, ...rest } = report;
  return rest;
}

/** Of this world's topic: the service reads whatever deployments declare, other worlds' too. */
async function labelCounts(url: string, topic: string) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ labels: number; repeats: number; contradictions: number }>(
    'select count(*)::int as labels, sum(repeats)::int as repeats, sum(contradictions)::int as contradictions from drift.labels where starts_with(source, $1)',
    [`labels:${topic}|`],
  );
  await client.end();
  return rows[0]!;
}

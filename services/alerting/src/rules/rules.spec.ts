import { describe, expect, it } from '@jest/globals';
import { topics, type DriftReported, type PromotionDecided, type Topic } from '@headrace/contracts';
import type { EventRecord } from '@headrace/event-log';
import { advanceAlert } from '../alerts/advance-alert.js';
import type { Alert } from '../alerts/alert.js';
import { foldObservations } from '../alerts/fold-observations.js';
import { modelQuarantined } from './model-quarantined.rule.js';
import { observationOf } from './rule.js';
import { rules } from './rules.js';

const times = { deadLetterQuietMs: 1000, serviceDownForMs: 30 };

function recordOf(value: unknown, headers: Record<string, string> = {}): EventRecord<any> {
  const encoded = Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)]));
  return { topic: 't', partition: 0, offset: 0, key: null, headers: encoded, timestampMs: 77, value, raw: null };
}

/** States of every alert after a line of events, as `rule{labels}: STATE`. */
function after(...events: Array<[Topic<any>, object, Record<string, string>?]>): string[] {
  const alerts = new Map<string, Alert>();
  for (const [topic, event, headers] of events)
    for (const rule of rules)
      for (const source of rule.sources.filter((each) => each.topic === topic))
        for (const sighting of source.sightings(event, recordOf(event, headers))) {
          const key = `${rule.name}${JSON.stringify(Object.values(sighting.labels))}`;
          const advanced = advanceAlert(alerts.get(key) ?? null, observationOf(rule, sighting, times));
          if (advanced) alerts.set(key, advanced.alert);
        }
  return [...alerts].map(([key, { state }]) => `${key}: ${state}`);
}

const report = (
  verdict: DriftReported['verdict'],
  reportedAt: number,
  alerts?: boolean,
): [Topic<any>, DriftReported] => [
  topics.driftReports,
  {
    reportId: `r${reportedAt}`,
    deployment: 'd',
    model: 'm',
    versions: [1],
    windowStart: 0,
    windowEnd: 1,
    predictions: 1,
    labelled: 1,
    verdict,
    findings: [],
    metrics: {},
    predictionRanges: [],
    reportedAt,
    ...(alerts === undefined ? {} : { alerts }),
  },
];

const promotion = (decision: PromotionDecided['decision'], decidedAt: number): [Topic<any>, PromotionDecided] => [
  topics.promotions,
  {
    promotionId: 'p',
    model: 'm',
    version: 2,
    alias: 'champion',
    decision,
    reason: 'because',
    requestedBy: 'gate',
    deployments: ['d'],
    decidedAt,
  },
];

const gate = (passed: boolean, decidedAt: number): [Topic<any>, object] => [
  topics.gateVerdicts,
  { model: 'm', candidateVersion: 2, passed, reasons: ['worse'], decidedAt },
];

const training = (status: 'FAILED' | 'REGISTERED', finishedAt: number): [Topic<any>, object] => [
  topics.trainingEvents,
  { deployment: 'd', model: 'm', jobId: 'j', status, reason: 'no rows', finishedAt },
];

describe('drift alerts', () => {
  it('fire on the verdict and resolve on a STABLE window', () => {
    expect(after(report('DRIFT', 1))).toEqual(['ModelDrift["d","m"]: FIRING']);
    expect(after(report('DRIFT', 1), report('STABLE', 2))).toEqual(['ModelDrift["d","m"]: RESOLVED']);
    expect(after(report('WARNING', 1))).toEqual(['DriftWarning["d","m"]: FIRING']);
  });

  it('outlast windows that are better but not stable, or not judged', () => {
    expect(after(report('DRIFT', 1), report('INSUFFICIENT_DATA', 2), report('WARNING', 3))).toEqual([
      'ModelDrift["d","m"]: FIRING',
      'DriftWarning["d","m"]: FIRING',
    ]);
  });

  it('do not fire for a monitor that only reports, and are over once it does', () => {
    expect(after(report('DRIFT', 1, false), report('WARNING', 2, false))).toEqual([]);
    expect(after(report('DRIFT', 1, true), report('WARNING', 2, false))).toEqual(['ModelDrift["d","m"]: RESOLVED']);
  });

  it('resolve on a promotion, not on a refusal', () => {
    expect(after(report('DRIFT', 1), promotion('PROMOTED', 2))).toEqual(['ModelDrift["d","m"]: RESOLVED']);
    expect(after(report('DRIFT', 1), promotion('REFUSED', 2))).toContain('ModelDrift["d","m"]: FIRING');
  });
});

describe('other alerts', () => {
  it('a refused candidate is told once, by gate or registry, until the next promotion', () => {
    expect(after(gate(false, 1), promotion('REFUSED', 2))).toEqual(['CandidateRefused["m"]: FIRING']);
    expect(after(gate(false, 1), gate(true, 3))).toEqual(['CandidateRefused["m"]: FIRING']);
    expect(after(promotion('REFUSED', 2), promotion('PROMOTED', 3))).toEqual(['CandidateRefused["m"]: RESOLVED']);
  });

  it('a gate verdict that is read after the promotion that followed it does not bring the alert back', () => {
    expect(after(promotion('REFUSED', 2), promotion('PROMOTED', 5), gate(false, 1))).toEqual([
      'CandidateRefused["m"]: RESOLVED',
    ]);
  });

  it('a failed training fires until one succeeds', () => {
    expect(after(training('FAILED', 1))).toEqual(['TrainingFailed["d","m"]: FIRING']);
    expect(after(training('FAILED', 1), training('REGISTERED', 2))).toEqual(['TrainingFailed["d","m"]: RESOLVED']);
    expect(after(training('REGISTERED', 1))).toEqual([]);
  });

  it('dead letters are one alert for each topic they came from', () => {
    const letter = (dlq_place: string): [Topic<any>, object, Record<string, string>] => [
      topics.deadLetters,
      {},
      { dlq_place, dlq_code: 'UNDECODABLE' },
    ];
    expect(after(letter('a.b/0@7'), letter('a.b/1@9'), letter('c/0@1'))).toEqual([
      'DeadLetters["a.b"]: FIRING',
      'DeadLetters["c"]: FIRING',
    ]);
    expect(after([topics.deadLetters, {}])).toEqual(['DeadLetters["unknown"]: FIRING']);
  });

  it('a quarantined version fires until the quarantine is lifted', () => {
    const [source] = modelQuarantined.sources;
    const event = { model: 'm@2', version: 3, deployment: 'd', evidence: 'hung', quarantinedAt: 1 };
    const [seen] = source!.sightings(event, recordOf(event));
    expect(seen).toMatchObject({ active: true, labels: { model: 'm@2', version: '3' } });
    const lifted = source!.removed!('m@2@3', recordOf(null));
    expect(lifted).toMatchObject([{ active: false, at: 77, labels: seen!.labels }]);
  });

  it('have names of their own', () => {
    expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
  });
});

describe('folding', () => {
  const seen = (topic: string, active = true, at = 1) => ({
    rule: 'R',
    severity: 'INFO' as const,
    labels: { topic },
    active,
    at,
    summary: `${at}`,
    forMs: 0,
    count: 1,
  });

  it('makes one of many, in order, and never joins across a change', () => {
    expect(foldObservations([seen('a', true, 1), seen('b', true, 2), seen('a', true, 3)])).toMatchObject([
      { labels: { topic: 'a' }, at: 3, count: 2, summary: '3' },
      { labels: { topic: 'b' }, count: 1 },
    ]);
    const changing = [seen('a', true, 1), seen('a', false, 2), seen('a', true, 3)];
    expect(foldObservations(changing)).toEqual(changing);
  });
});

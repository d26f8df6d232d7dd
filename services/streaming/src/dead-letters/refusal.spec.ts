import { describe, expect, it } from '@jest/globals';
import type { Letter } from './letter.js';
import { refusalOf, type Specs } from './refusal.js';

const specs = new Map([
  ['risk', { input: { topic: 'payments', features: ['x'] }, output: { topic: 'risk.predictions' } }],
]) as Specs;
const letter = (origin: string, group: string) =>
  ({
    place: 'headrace.dead-letters/0@1',
    origin,
    group,
    deployment: group.startsWith('headrace.streaming.') ? group.slice('headrace.streaming.'.length) : null,
  }) as Letter;

describe('refusalOf', () => {
  it.each([
    ['payments/0@1', 'headrace.streaming.risk'],
    ['labels/0@1', 'headrace.drift.labels.labels.0123abcd'],
    ['headrace.gate-verdicts/0@1', 'headrace.registry.gate-verdicts'],
  ])('lets %s go back to %s', (origin, group) => {
    expect(refusalOf(letter(origin, group), specs)).toBeUndefined();
  });

  it.each([
    ['ORIGIN_UNKNOWN', 'unknown', 'headrace.streaming.risk'],
    ['REPLAY_ENDED', 'payments/0@1', 'headrace.replay.r1'],
    ['DEPLOYMENT_GONE', 'payments/0@1', 'headrace.streaming.other'],
    ['TOPIC_NOT_READ', 'payments.old/0@1', 'headrace.streaming.risk'],
    ['PREDICTION', 'headrace.predictions/0@1', 'headrace.drift.predictions'],
    ['PREDICTION', 'risk.predictions/0@1', 'headrace.drift.predictions'],
    ['COMPACTED', 'headrace.deployments/0@1', 'headrace.alerting.deployments'],
  ])('%s: %s of %s stays', (code, origin, group) => {
    expect(refusalOf(letter(origin, group), specs)).toMatchObject({ code, letter: 'headrace.dead-letters/0@1' });
  });
});

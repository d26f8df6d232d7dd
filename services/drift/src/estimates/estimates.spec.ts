import { describe, expect, it } from '@jest/globals';
import type { Finding } from '@headrace/contracts';
import { accuracy, auc, estimatePerformance, fitCalibration, seededRandom } from '@headrace/statistics';
import { conceptDoubt, type Witnesses } from './concept-doubt.js';
import { calibrationOf, estimateAgain, estimateFigures, type VersionCalibration } from './estimate-figures.js';

const window = { start: 0, end: 1000 };

/** A model that is too sure of itself; every fifth row has no label, every fiftieth no score. */
function rows(count: number, seed: number, shift = 0) {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, i) => {
    const logit = shift + 3 * (random() - 0.5);
    const truth = random() < 1 / (1 + Math.exp(-logit));
    return { score: i % 50 === 0 ? NaN : 1 / (1 + Math.exp(-3 * logit)), label: i % 5 === 0 ? null : truth };
  });
}

const reference = rows(10_000, 1);
const calibration = calibrationOf(reference, window)!;
const scored = (all: ReturnType<typeof rows>) => all.filter(({ score }) => Number.isFinite(score));

describe('a calibration', () => {
  it('is fitted on the labelled rows, and says which', () => {
    const labelled = scored(reference).filter(({ label }) => label !== null);
    const curve = fitCalibration(
      labelled.map(({ label }) => label === true),
      labelled.map(({ score }) => score),
    );
    const positives = labelled.filter(({ label }) => label).length;
    expect(calibration).toEqual({ ...window, rows: labelled.length, positives, curve });
  });

  it('needs labels of both classes: no label is not a negative', () => {
    const yes = { score: 0.9, label: true };
    expect(calibrationOf([yes, { score: 0.1, label: null }], window)).toBeNull();
    expect(calibrationOf([yes, { score: NaN, label: false }], window)).toBeNull();
    expect(calibrationOf([], window)).toBeNull();
  });
});

describe('an estimate', () => {
  const current = rows(20_000, 2, 0.7);

  it('is the library’s over all rows with a score, beside what the labels say', () => {
    const scores = scored(current).map(({ score }) => score);
    const decided = scores.map((score) => Number(score >= 0.5));
    const expected = estimatePerformance(calibration.curve, scores, decided)!;
    const labelled = scored(current).filter(({ label }) => label !== null);
    const labels = labelled.map(({ label }) => Number(label));
    const found = estimateFigures(3, current, calibration, null);
    expect(found).toMatchObject({
      version: 3,
      rows: scores.length,
      labelled: labelled.length,
      valid: true,
      reason: null,
      calibration: { from: 0, to: 1000, rows: calibration.rows, positives: calibration.positives },
      figures: {
        auc: expected.auc,
        accuracy: expected.accuracy,
        accuracy_error: expected.accuracyError,
        precision: expected.precision,
        recall: expected.recall,
        f1: expected.f1,
      },
    });
    const decidedRight = labelled.map(({ score }) => Number(score >= 0.5));
    expect(found.realised['accuracy']).toBe(accuracy(labels, decidedRight));
    expect(found.realised['auc']).toBe(
      auc(
        labels,
        labelled.map(({ score }) => score),
      ),
    );
    expect(Math.abs(found.figures['accuracy']! - found.realised['accuracy']!)).toBeLessThan(0.02);
  });

  it('that is doubted keeps its figures and says why; without a calibration it has none', () => {
    const doubted = estimateFigures(3, current, calibration, 'the world has changed');
    expect(doubted).toMatchObject({ valid: false, reason: 'the world has changed' });
    expect(doubted.figures).toEqual(estimateFigures(3, current, calibration, null).figures);
    expect(estimateFigures(3, current, { why: 'no labels' }, 'doubt')).toMatchObject({
      valid: false,
      reason: 'no labels',
      figures: {},
      calibration: null,
    });
  });

  it('of scores that are no probabilities is their ranking alone', () => {
    const raw = rows(500, 3).map(({ score, label }) => ({ score: 10 * score, label }));
    const found = estimateFigures(1, raw, calibrationOf(raw, window)!, null);
    expect([Object.keys(found.figures), Object.keys(found.realised)]).toEqual([['auc'], ['auc']]);
  });

  it('without a row that has a score is not valid', () => {
    expect(estimateFigures(1, [{ score: null, label: true }], calibration, null)).toMatchObject({
      rows: 0,
      labelled: 0,
      valid: false,
      figures: {},
      realised: {},
    });
  });

  it('is made again of the rows as they are now; its validity stays', () => {
    const before = estimateFigures(3, current, calibration, 'doubt');
    const told = current.map((row) => ({ ...row, label: row.label ?? false }));
    const again = estimateAgain(before, told, calibration);
    expect(again).toMatchObject({ figures: before.figures, valid: false, reason: 'doubt', rows: before.rows });
    expect(again.labelled).toBeGreaterThan(before.labelled);
    const absent = estimateFigures(3, current, { why: 'fitted on this window' }, null);
    expect(estimateAgain(absent, current, calibration)).toEqual(absent);
  });

  it('stands on plain JSON', () => {
    const copy = JSON.parse(JSON.stringify(calibration)) as VersionCalibration;
    expect(estimateFigures(1, current, copy, null)).toEqual(estimateFigures(1, current, calibration, null));
  });
});

describe('an estimate’s validity', () => {
  const finding = (kind: Finding['kind'], significant = true): Finding => ({
    kind,
    subject: '',
    metric: 'auc',
    value: 0.6,
    reference: 0.7,
    threshold: 0.02,
    significant,
    material: true,
  });
  const quiet: Witnesses = { inSample: false, judged: true, findings: [], last: null };
  const last = { windowStart: 0, findings: [finding('PERFORMANCE')] };

  it.each<[string, Partial<Witnesses>, RegExp | null]>([
    ['nothing was found', {}, null],
    ['inputs moved', { findings: [finding('INPUT')] }, null],
    ['what was found may be chance', { findings: [finding('PERFORMANCE', false)] }, null],
    ['performance fell', { findings: [finding('PERFORMANCE')] }, /in this window: auc/],
    ['calibration is lost', { findings: [finding('CALIBRATION')] }, /in this window/],
    ['it fell before, and nothing was judged since', { judged: false, last }, /judged, from 1970-01-01T00:00:00.000Z/],
    ['it fell before, and is well now', { last }, null],
    ['the rows were trained on', { inSample: true }, /trained on/],
  ])('when %s', (_, change, why) => {
    const doubt = conceptDoubt({ ...quiet, ...change });
    if (why === null) expect(doubt).toBeNull();
    else expect(doubt).toMatch(why);
  });
});

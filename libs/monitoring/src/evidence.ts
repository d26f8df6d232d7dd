import { rareShareRise, type PaneHits } from './rare-share.js';
import type { AlarmLevels } from './budget.js';
import { figureChange, worseBy, type WorseWhen } from './figure-change.js';
import { designEffect, effectAtLevel, type DesignEffect } from './pane-error.js';
import { ratioChange, type PaneRatio } from './ratio-change.js';
import { shareChange } from './share-change.js';
import { silenceRise } from './silence-rise.js';

/** Everything that one test was given: what a report carries, and what anybody computes its figures from again. Plain JSON. */
export type Evidence = { readonly materiality: number; readonly levels: AlarmLevels } & (
  SharesEvidence | RareEvidence | RatioEvidence | FigureEvidence | VolumeEvidence | SilenceEvidence | ConstantEvidence
);

/** Counts by bin, pane by pane. */
export interface SharesEvidence {
  readonly test: 'shares';
  readonly reference: ReadonlyArray<readonly number[]>;
  readonly current: ReadonlyArray<readonly number[]>;
}

export interface RareEvidence {
  readonly test: 'rare';
  readonly reference: readonly PaneHits[];
  readonly current: readonly PaneHits[];
}

/** What a part has of its whole: sums, pane by pane. */
export interface RatioEvidence {
  readonly test: 'ratio';
  readonly reference: readonly PaneRatio[];
  readonly current: readonly PaneRatio[];
}

/** A mean over rows; the reference's rows are taken to spread, and to resemble each other, as the window's. */
export interface FigureEvidence {
  readonly test: 'figure';
  readonly worseWhen: WorseWhen;
  readonly value: number;
  readonly rows: number;
  readonly reference: number;
  readonly referenceRows: number;
  /** Variance of one row's influence on the figure. */
  readonly rowVariance: number;
  readonly design: DesignEffect;
  /** What a model without fault would show, for figures that are never 0: the least reference. */
  readonly floor?: number;
}

/** Rows, pane by pane. */
export interface VolumeEvidence {
  readonly test: 'volume';
  readonly reference: readonly number[];
  readonly current: readonly number[];
}

/** The longest stretch of event time without a record, ms, pane by pane. */
export interface SilenceEvidence {
  readonly test: 'silence';
  readonly reference: readonly number[];
  readonly current: readonly number[];
}

/** All of a window's values lie in one cell, whose bin held this share of the reference. */
export interface ConstantEvidence {
  readonly test: 'constant';
  readonly share: number;
  readonly rows: number;
  readonly referenceRows: number;
}

export interface Evaluation {
  readonly value: number;
  readonly reference: number | null;
  readonly pValue: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly rows: number;
  readonly referenceRows: number;
  readonly effect: number;
  readonly significant: boolean;
  readonly material: boolean;
}

/** What the evidence says; null where it is too little for the test. The same evidence gives the same figures, to the last bit. */
export function evaluate(evidence: Evidence): Evaluation | null {
  const found = figuresOf(evidence);
  if (found === null) return null;
  return { ...found, significant: found.pValue <= evidence.levels.look };
}

type Figures = Omit<Evaluation, 'significant'>;

function figuresOf(evidence: Evidence): Figures | null {
  switch (evidence.test) {
    case 'shares':
      return ofShares(evidence, evidence);
    case 'rare':
      return ofRare(evidence, evidence);
    case 'ratio':
      return ofRatio(evidence, evidence);
    case 'figure':
      return ofFigure(evidence, evidence);
    case 'volume':
      return ofVolume(evidence, evidence);
    case 'silence':
      return ofSilence(evidence, evidence);
    case 'constant':
      return ofConstant(evidence);
  }
}

type Given = Pick<Evidence, 'materiality' | 'levels'>;

function ofShares({ reference, current }: SharesEvidence, given: Given): Figures | null {
  const change = shareChange(reference, current, given);
  if (change === null) return null;
  const { psi: value, bins: _, distance: __, ...rest } = change;
  return { ...rest, value, reference: null, material: value >= given.materiality && value > 0 };
}

function ofRare({ reference, current }: RareEvidence, given: Given): Figures | null {
  const rise = rareShareRise(reference, current, given);
  if (rise === null) return null;
  const { share, referenceShare, ...rest } = rise;
  return { ...rest, value: share, reference: referenceShare, material: share - referenceShare >= given.materiality };
}

function ofRatio({ reference, current }: RatioEvidence, given: Given): Figures | null {
  const change = ratioChange(reference, current, given);
  if (change === null) return null;
  const { ratio, referenceRatio, ...rest } = change;
  return {
    ...rest,
    value: ratio,
    reference: referenceRatio,
    material: Math.abs(ratio - referenceRatio) >= given.materiality,
  };
}

function ofFigure(evidence: FigureEvidence, given: Given): Figures {
  const { value, rows, referenceRows, rowVariance, design, worseWhen } = evidence;
  const effect = effectAtLevel(design, given.levels.look);
  const errorOf = (count: number): number => Math.sqrt((rowVariance * effect) / count);
  const least = evidence.floor === undefined ? -Infinity : evidence.floor * Math.sqrt(effect);
  const change = figureChange(
    { value, error: errorOf(rows) },
    { value: Math.max(evidence.reference, least), error: errorOf(referenceRows) },
    { worseWhen, ...given },
  );
  const { low, high, pValue } = change;
  return {
    value,
    reference: evidence.reference,
    pValue,
    low,
    high,
    rows,
    referenceRows,
    effect,
    material: worseBy(value - evidence.reference, worseWhen) >= given.materiality,
  };
}

/** Rows a pane, as a ratio: halving is as far as doubling. Panes of a day or a week differ among themselves, so their own spread is the error. */
function ofVolume({ reference, current }: VolumeEvidence, given: Given): Figures | null {
  const [rows, referenceRows] = [sum(current), sum(reference)];
  if (current.length === 0 || reference.length === 0 || referenceRows === 0) return null;
  const [mean, referenceMean] = [rows / current.length, referenceRows / reference.length];
  const spread = (panes: readonly number[], centre: number) =>
    panes.map((each) => ({ rows: 1, influence: each - centre }));
  // Against counts of independent rows, whose variance is their mean.
  const samples = [spread(current, mean), spread(reference, referenceMean)];
  const effect = effectAtLevel(designEffect(samples, [Math.max(mean, 1), referenceMean]), given.levels.look);
  const errorOf = (count: number): number => Math.sqrt(effect / Math.max(count, 1));
  const figure = (rate: number, count: number) => ({ value: Math.log(Math.max(rate, 1e-9)), error: errorOf(count) });
  const materiality = -Math.log(1 - given.materiality);
  const change = figureChange(figure(mean, rows), figure(referenceMean, referenceRows), {
    worseWhen: 'different',
    materiality,
    levels: given.levels,
  });
  const { low, high, pValue, worse } = change;
  return {
    value: mean,
    reference: referenceMean,
    pValue,
    low,
    high,
    rows,
    referenceRows,
    effect,
    material: worse >= materiality,
  };
}

function ofSilence({ reference, current }: SilenceEvidence, given: Given): Figures | null {
  const rise = silenceRise(reference, current, given);
  if (rise === null) return null;
  const { silence, referenceSilence, ...rest } = rise;
  return {
    ...rest,
    value: silence,
    reference: referenceSilence,
    material: silence - referenceSilence >= given.materiality,
  };
}

/** Independent rows would all fall into the cell with chance share^rows. */
function ofConstant({ share, rows, referenceRows }: ConstantEvidence): Figures {
  return {
    value: 1,
    reference: share,
    pValue: share ** rows,
    low: null,
    high: null,
    rows,
    referenceRows,
    effect: 1,
    material: true,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

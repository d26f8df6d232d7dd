import type { DatasetSnapshot, DeploymentSpec, OffsetRange } from '@headrace/contracts';
import type { EventLog } from '@headrace/event-log';
import { HeadraceError } from '@headrace/service-kit';
import type { TrainingData } from '../trainers/trainer.js';
import { joinRows } from './join-rows.js';
import { readFeatureRows, readLabelRows, type TimeWindow } from './read-rows.js';
import { tightRanges } from './tight-ranges.js';
import type { Timelines } from './timelines.js';

/** A deployment whose spec says where its ground truth arrives and how it is trained. */
export type TrainableSpec = DeploymentSpec & Required<Pick<DeploymentSpec, 'labels' | 'training'>>;

/** Labelled records kept out of training. The ranges hold them all, and others. */
export interface Holdout {
  readonly fromTime: number;
  /** Exclusive. */
  readonly toTime: number;
  readonly rows: number;
  readonly ranges: OffsetRange[];
  readonly labelRanges: OffsetRange[];
}

export interface Dataset {
  readonly snapshot: DatasetSnapshot;
  readonly holdout: Holdout;
  readonly data: TrainingData;
  /** Records of both windows that are not among the rows, by why. */
  readonly leftOut: { readonly unusable: number; readonly repeated: number; readonly unlabelled: number };
}

/** Builds data sets out of the log, and builds them again from their snapshot. */
export class Datasets {
  constructor(
    private readonly log: EventLog,
    private readonly timelines: Timelines,
  ) {}

  /** Rows before the holdout, and the holdout before `windowEnd` (event time, ms). Labels count when their own event time is before it. */
  async take(spec: TrainableSpec, windowEnd: number): Promise<Dataset> {
    const window = windowBefore(spec, windowEnd);
    const split = windowEnd - spec.training.holdoutMs;
    const features = this.timelines.features(spec);
    const labels = this.timelines.labels(spec.labels);
    await Promise.all([features.refresh(), labels.refresh()]);
    const [found, truths] = await Promise.all([
      readFeatureRows(this.log, spec.input, features.rangesOf(window.from, window.to), window),
      // A label cannot be older than its record, so the window's begin bounds both.
      readLabelRows(this.log, spec.labels, labels.rangesOf(window.from, window.to), window),
    ]);
    const early = new Map([...found.rows].filter(([, row]) => row.eventTime < split));
    const late = new Map([...found.rows].filter(([, row]) => row.eventTime >= split));
    const joined = joinRows(spec.input.features, early, truths);
    const kept = joinRows(spec.input.features, late, truths);
    const labelled = joined.data.labels.length + kept.data.labels.length;
    return {
      snapshot: snapshotOf(spec, joined, split),
      holdout: {
        fromTime: split,
        toTime: windowEnd,
        rows: kept.data.labels.length,
        ranges: tightRanges(spec.input.topic, kept.features),
        labelRanges: tightRanges(spec.labels.topic, kept.labels),
      },
      data: joined.data,
      leftOut: { unusable: found.unusable, repeated: found.repeated, unlabelled: found.rows.size - labelled },
    };
  }

  /**
   * The same rows again, from their offset ranges.
   * @throws HeadraceError CONFLICT when the log no longer holds what the snapshot's hash was taken of
   */
  async again(spec: TrainableSpec, snapshot: DatasetSnapshot, windowEnd: number): Promise<TrainingData> {
    const of = (topic: string) => snapshot.ranges.filter((range) => range.topic === topic);
    const window = windowBefore(spec, windowEnd);
    const [found, truths] = await Promise.all([
      readFeatureRows(this.log, spec.input, of(spec.input.topic), { ...window, to: snapshot.toTime }),
      readLabelRows(this.log, spec.labels, of(spec.labels.topic), window),
    ]);
    const joined = joinRows(spec.input.features, found.rows, truths);
    if (joined.sha256 === snapshot.sha256) return joined.data;
    throw new HeadraceError(
      'CONFLICT',
      `The log no longer holds the ${snapshot.rows} rows of snapshot ${snapshot.sha256}`,
      {
        context: { rowsNow: joined.data.labels.length, sha256Now: joined.sha256 },
      },
    );
  }
}

function windowBefore({ training }: TrainableSpec, windowEnd: number): TimeWindow {
  const from = training.windowMs === null ? Number.MIN_SAFE_INTEGER : windowEnd - training.windowMs;
  return { from, to: windowEnd };
}

function snapshotOf(spec: TrainableSpec, joined: ReturnType<typeof joinRows>, toTime: number): DatasetSnapshot {
  const fromTime = joined.features.reduce((least, row) => Math.min(least, row.eventTime), toTime);
  const ranges = [...tightRanges(spec.input.topic, joined.features), ...tightRanges(spec.labels.topic, joined.labels)];
  return { ranges, fromTime, toTime, rows: joined.data.labels.length, sha256: joined.sha256 };
}

import type { DeploymentSpec, OffsetRange } from '@headrace/contracts';
import { asTruth, eventTimeOf, fieldAt, isRedriven, recordIdOf, type EventLog } from '@headrace/event-log';
import { OnePerRecord, type Place } from './one-per-record.js';
import { featuresOf } from './feature-row.js';

/** Event time, ms; `to` is exclusive. */
export interface TimeWindow {
  readonly from: number;
  readonly to: number;
}

export interface FeatureRow extends Place {
  readonly eventTime: number;
  readonly features: Float32Array;
}

export interface LabelRow extends Place {
  readonly label: 0 | 1;
}

export interface FeatureRows {
  /** By record id; a repeated id counts once, its first record. */
  readonly rows: Map<string, FeatureRow>;
  /** Records without an id, a time, or a number for each feature: trainers learn from none that is NaN (`missing: nan`). */
  readonly unusable: number;
  readonly repeated: number;
}

/** Feature records of the ranges whose event time lies in the window; each where it first stood, not its redriven copies. */
export async function readFeatureRows(
  log: EventLog,
  input: DeploymentSpec['input'],
  ranges: readonly OffsetRange[],
  window: TimeWindow,
): Promise<FeatureRows> {
  const rows = new OnePerRecord<FeatureRow>('first');
  let unusable = 0;
  for await (const batch of log.read(input.topic, ranges, input.subject)) {
    for (const record of batch.records) {
      if (isRedriven(record)) continue;
      const eventTime = eventTimeOf(record, input.eventTime);
      if (eventTime !== undefined && !isWithin(eventTime, window)) continue;
      const recordId = recordIdOf(record, input.recordId);
      const features = featuresOf(record, input);
      if (eventTime === undefined || recordId === undefined || !features || features.some(Number.isNaN)) unusable++;
      else
        rows.add(recordId, {
          partition: record.partition,
          offset: record.offset,
          timestampMs: record.timestampMs,
          eventTime,
          features,
        });
    }
  }
  return { rows: rows.result(), unusable, repeated: rows.repeated };
}

/** Labels by record id; a corrected label counts as last given within the window, so that nothing of the future leaks in. */
export async function readLabelRows(
  log: EventLog,
  labels: NonNullable<DeploymentSpec['labels']>,
  ranges: readonly OffsetRange[],
  window: TimeWindow,
): Promise<Map<string, LabelRow>> {
  const rows = new OnePerRecord<LabelRow>('latest');
  for await (const batch of log.read(labels.topic, ranges)) {
    for (const record of batch.records) {
      // A label that comes again is no correction of what was said since.
      if (isRedriven(record)) continue;
      const eventTime = eventTimeOf(record, labels.eventTime);
      const recordId = recordIdOf(record, labels.recordId);
      const truth = asTruth(fieldAt(record.value, labels.value));
      if (eventTime === undefined || !isWithin(eventTime, window) || recordId === undefined || truth === undefined)
        continue;
      rows.add(recordId, {
        partition: record.partition,
        offset: record.offset,
        timestampMs: record.timestampMs,
        label: truth ? 1 : 0,
      });
    }
  }
  return rows.result();
}

export function isWithin(time: number, { from, to }: TimeWindow): boolean {
  return time >= from && time < to;
}

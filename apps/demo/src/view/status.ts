import type { DriftReported } from '@headrace/contracts';
import { CHAMPION, FROZEN } from '../deployments.js';
import { accountOf } from '../observe/accounting.js';
import type { LoopState } from '../observe/loop-state.js';

export interface Rate {
  readonly events: number;
  readonly predictions: number;
}

export interface Progress {
  /** Share of the timeline that is in the topics, 0 to 1. */
  readonly playedShare: number;
  /** Why event time stands still; null when it goes on. */
  readonly waiting: string | null;
}

const WINDOWS_SHOWN = 4;

/** The state on a few lines: where the stream is, how fast, how far behind, how well. */
export function statusLines(state: LoopState, rate: Rate, progress: Progress): string[] {
  return [headline(state, rate, progress), lagLine(state), ...qualityLines(state)];
}

/** The same on one line, for a terminal that cannot redraw. */
export function statusLine(state: LoopState, rate: Rate, progress: Progress): string {
  const last = reportsOf(state, CHAMPION).at(-1);
  const quality = last
    ? `  AUC ${figure(last.metrics.auc)} log-loss ${figure(last.metrics.log_loss)} ${last.verdict}`
    : '';
  return `${headline(state, rate, progress)}  ${lagLine(state)}${quality}`;
}

function headline(
  { latestEventTime }: LoopState,
  { events, predictions }: Rate,
  { playedShare, waiting }: Progress,
): string {
  const time = latestEventTime ? new Date(latestEventTime).toISOString().slice(0, 16).replace('T', ' ') : 'not started';
  return `event time ${time} (${(100 * playedShare).toFixed(0)} %)  ${events.toFixed(0)} events/s  ${predictions.toFixed(0)} predictions/s${waiting ? `  waits: ${waiting}` : ''}`;
}

function lagLine(state: LoopState): string {
  const each = [CHAMPION, FROZEN].map((name) => {
    const version = state.deployments.get(name)?.model?.version;
    return `${name} ${version ? `v${version}` : 'no model yet'} lag ${accountOf(state, name).open}`;
  });
  return each.join(', ');
}

function qualityLines(state: LoopState): string[] {
  const frozen = new Map(reportsOf(state, FROZEN).map((report) => [report.windowEnd, report]));
  const shown = reportsOf(state, CHAMPION).slice(-WINDOWS_SHOWN);
  if (shown.length === 0) return ['no window closed yet'];
  const header = 'champion / never retrained, by window of event time:';
  const lines = shown.map((report) => {
    const other = frozen.get(report.windowEnd);
    const pair = (metric: string) => `${figure(report.metrics[metric])} / ${figure(other?.metrics[metric])}`;
    const versions = report.versions.map((version) => `v${version}`).join(' ');
    const window = new Date(report.windowStart).toISOString().slice(0, 10);
    return `${window} ${versions.padEnd(6)} AUC ${pair('auc')}  log-loss ${pair('log_loss')}  calibration ${pair('calibration_error')}  ${report.verdict}`;
  });
  return [header, ...lines];
}

function reportsOf({ reports }: LoopState, deployment: string): DriftReported[] {
  return reports.filter((report) => report.deployment === deployment).sort((a, b) => a.windowEnd - b.windowEnd);
}

function figure(value: number | null | undefined): string {
  return value == null ? '  -  ' : value.toFixed(3);
}

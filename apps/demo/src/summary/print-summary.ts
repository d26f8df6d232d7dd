import { table } from '@headrace/cli';
import type { Lineage } from './lineage.js';
import type { Quality } from './quality.js';
import type { Summary } from './summary.js';

/** The summary for people. */
export function printSummary(summary: Summary): string {
  return [
    heading('Champion against the model that never retrained, by event week'),
    weekTable(summary),
    ...(summary.firstModelLearntUntil
      ? [`Version 1 learnt from the weeks before ${summary.firstModelLearntUntil}.`]
      : []),
    summary.conclusion,
    heading('Retrains'),
    ...retrainLines(summary),
    heading('Records in = predictions out + dead letters'),
    ...accountLines(summary),
    heading('One prediction, walked back'),
    ...(summary.lineage ? lineageLines(summary.lineage) : [summary.lineageFault ?? 'No prediction to walk back.']),
    heading('The loop'),
    ...summary.steps.map(({ name, done }) => `  ${done ? 'yes' : 'NO '}  ${name}`),
    '',
    summary.complete ? 'The loop has closed.' : `Not complete: it did not happen that ${summary.missing}.`,
  ].join('\n');
}

const heading = (text: string): string => `\n${text}\n${'─'.repeat(text.length)}`;
const figure = (value: number | null, digits = 3): string => (value === null ? '-' : value.toFixed(digits));

function weekTable({ comparison: { byWeek, afterRetraining } }: Summary): string {
  const header = ['week', 'from', 'versions', 'rows', 'late', 'auc', 'never', 'log-loss', 'never', 'calib.', 'never'];
  const rows = byWeek.map(({ week, from, versions, champion, neverRetrained }) => [
    String(week),
    from,
    versions.map((version) => `v${version}`).join(' '),
    ...qualityCells(champion, neverRetrained),
  ]);
  const { champion, neverRetrained } = afterRetraining;
  const total = champion.rows > 0 ? [['all', 'by retrained', '', ...qualityCells(champion, neverRetrained)]] : [];
  return table(header, [...rows, ...total]);
}

function qualityCells(champion: Quality, never: Quality): string[] {
  return [
    String(champion.rows),
    figure(champion.lateShare, 2),
    figure(champion.auc),
    figure(never.auc),
    figure(champion.logLoss),
    figure(never.logLoss),
    figure(champion.calibrationError),
    figure(never.calibrationError),
  ];
}

function retrainLines({ retrains, counts: { asked, promoted, refused, failed } }: Summary): string[] {
  const lines = retrains.flatMap(({ askedAt, championVersion, why, candidateVersion, outcome, reasons }) => [
    `  ${askedAt.slice(0, 10)}  champion v${championVersion}: ${why}`,
    `              ${candidateVersion === null ? 'no candidate' : `candidate v${candidateVersion}`} ${outcome.toLowerCase()}${reasons.length > 0 ? `: ${reasons.join('; ')}` : ''}`,
  ]);
  return [`${asked} asked, ${promoted} promoted, ${refused} refused, ${failed} failed`, ...lines];
}

function accountLines({ accounts }: Summary): string[] {
  return accounts.map(({ deployment, recordsIn, predictions, deadLetters, repeated, open, balanced }) => {
    const sum = `${recordsIn} = ${predictions} + ${deadLetters}`;
    if (balanced) return `  ${deployment}: ${sum}`;
    return `  ${deployment}: ${sum} does NOT hold: ${open} without an answer, ${repeated} answered again`;
  });
}

function lineageLines(lineage: Lineage): string[] {
  const { snapshot, recomputed, artifact } = lineage;
  const same = (found: string | undefined, named: string | null): string =>
    named === null ? 'not compared' : found === named ? 'the same' : `DIFFERENT: ${found}`;
  return [
    `  prediction  ${lineage.predictionId}  score ${figure(lineage.score, 4)}`,
    `  version     ${lineage.model} v${lineage.version}`,
    `  run         ${lineage.runId}  ${Object.entries(lineage.parameters)
      .map(([key, value]) => `${key}=${value}`)
      .join(' ')}`,
    `  artifact    ${lineage.artifactUri}`,
    `              sha256 ${artifact.found.slice(0, 16)}…, named by the deployment: ${same(artifact.found, artifact.named)}`,
    ...lineage.datasets.map(({ name, digest }) => `  data set    ${name}  digest ${digest}`),
    ...(snapshot
      ? [
          `  snapshot    ${snapshot.rows} rows, ${day(snapshot.fromTime)} to ${day(snapshot.toTime)}, sha256 ${snapshot.sha256.slice(0, 16)}…`,
          ...snapshot.ranges.map(
            ({ topic, partition, from, to }) => `              ${topic}/${partition}@${from}…${to - 1}`,
          ),
          `              hashed again from the topics: ${same(recomputed?.sha256, recomputed ? snapshot.sha256 : null)}`,
        ]
      : ['  snapshot    none recorded']),
  ];
}

const day = (time: number): string => new Date(time).toISOString().slice(0, 10);

import type { Finding, MonitorSpec } from '@headrace/contracts';
import type { AlarmLevels, Evidence } from '@headrace/monitoring';
import type { CountedPane } from '../inputs/count-rows.js';
import { columnNames, SCORE, type Layout } from '../inputs/layout.js';
import {
  inputPanes,
  MOST_PANES,
  totalCells,
  type Flow,
  type InputPane,
  type ReferenceInputs,
  type ReferenceSegment,
} from '../inputs/window-inputs.js';
import { findingOf, type Stream } from './streams.js';

const QUALITY = 0.05;
const VOLUME = 0.5;
const FRESHNESS = 0.25;

export interface WindowInputs extends Flow {
  /** The judged version's. */
  readonly panes: readonly CountedPane[];
}

interface Test {
  readonly levels: AlarmLevels;
  readonly materiality: MonitorSpec['materiality'];
}

/** What moved beside the model's quality: each feature, the scores, and how sound the data are; in every segment. */
export function inputFindings(window: WindowInputs, reference: ReferenceInputs, layout: Layout, test: Test): Finding[] {
  const segments = ['', ...layout.segments.map(({ name }) => name)];
  const bySegment = segments.flatMap((name, number) =>
    segmentFindings(
      name,
      window.panes.filter(({ segment }) => segment === number),
      reference.segments[number]!,
      columnNames(layout),
      test,
    ),
  );
  return [...bySegment, ...flowFindings(window, reference, layout, test)];
}

/** How much came, and how steadily. */
function flowFindings(
  window: Flow,
  reference: ReferenceInputs,
  { paneMs }: Layout,
  { materiality, levels }: Test,
): Finding[] {
  const stream = { kind: 'QUALITY', subject: '', segment: '' } as const;
  const volume = findingOf(
    { ...stream, metric: 'volume' },
    {
      test: 'volume',
      reference: reference.volumes,
      current: window.volumes,
      materiality: materiality.volume ?? VOLUME,
      levels,
    },
  );
  const freshness = findingOf(
    { ...stream, metric: 'freshness' },
    {
      test: 'silence',
      reference: reference.silences ?? [],
      current: window.silences,
      materiality: (materiality.freshness ?? FRESHNESS) * paneMs,
      levels,
    },
  );
  return [volume, freshness].filter((finding) => finding !== null);
}

function segmentFindings(
  segment: string,
  panes: readonly CountedPane[],
  reference: ReferenceSegment,
  names: readonly string[],
  test: Test,
): Finding[] {
  const current = inputPanes(panes, reference.bins, MOST_PANES);
  const found = names.flatMap((subject, i) => [
    ...columnFindings({ subject, segment }, current, reference, i, test),
    ...constant({ subject, segment }, panes, reference, i, test),
  ]);
  if (segment !== '') return found;
  const misfits = (side: readonly InputPane[]) => side.map(({ rows, misfits: hits }) => ({ rows, hits }));
  const schema = quality({ metric: 'schema', subject: '', segment }, misfits(reference.panes), misfits(current), test);
  return schema ? [...found, schema] : found;
}

type Subject = Pick<Stream, 'subject' | 'segment'>;

function columnFindings(
  subject: Subject,
  current: readonly InputPane[],
  reference: ReferenceSegment,
  column: number,
  test: Test,
): Finding[] {
  const counts = (panes: readonly InputPane[]) => panes.map(({ columns }) => columns[column]!.counts);
  const missing = (panes: readonly InputPane[]) =>
    panes.map(({ rows, columns }) => ({ rows, hits: columns[column]!.missing }));
  const novel = (panes: readonly InputPane[]) =>
    panes.map(({ rows, columns }) => ({ rows: rows - columns[column]!.missing, hits: columns[column]!.novel }));
  const kind = subject.subject === SCORE ? 'PREDICTION' : 'INPUT';
  const shares: Evidence = {
    test: 'shares',
    reference: counts(reference.panes),
    current: counts(current),
    materiality: test.materiality.psi,
    levels: test.levels,
  };
  return [
    findingOf({ kind, metric: 'psi', ...subject }, shares),
    quality({ metric: 'missing', ...subject }, missing(reference.panes), missing(current), test),
    quality({ metric: 'novel', ...subject }, novel(reference.panes), novel(current), test),
  ].filter((finding) => finding !== null);
}

function quality(
  stream: Omit<Stream, 'kind'>,
  reference: ReadonlyArray<{ rows: number; hits: number }>,
  current: ReadonlyArray<{ rows: number; hits: number }>,
  { materiality, levels }: Test,
): Finding | null {
  const evidence = { test: 'rare', reference, current, materiality: materiality.quality ?? QUALITY, levels } as const;
  return findingOf({ kind: 'QUALITY', ...stream }, evidence);
}

/** Told only where a window's values all lie in one cell and the reference's did not. */
function constant(
  subject: Subject,
  panes: readonly CountedPane[],
  reference: ReferenceSegment,
  column: number,
  { levels }: Test,
): Finding[] {
  const cells = totalCells(panes, column);
  const filled = [...cells.keys()].filter((cell) => cells[cell]! > 0);
  if (filled.length !== 1) return [];
  const bin = reference.bins[column]!.binOf[filled[0]!]!;
  const counts = reference.panes.map(({ columns }) => columns[column]!.counts);
  const total = counts.flat().reduce((sum, count) => sum + count, 0);
  const within = counts.reduce((sum, each) => sum + each[bin]!, 0);
  if (within === total) return [];
  const evidence = { test: 'constant', share: within / total, rows: cells[filled[0]!]!, referenceRows: total } as const;
  const finding = findingOf(
    { kind: 'QUALITY', metric: 'constant', ...subject },
    { ...evidence, materiality: 0, levels },
  );
  return finding ? [finding] : [];
}

import type { PredictionExplained } from '@headrace/contracts';
import {
  DecodedRows,
  type ColumnContext,
  type ColumnOutput,
  type ColumnRejection,
  type OutgoingEvent,
  type RecordColumns,
} from '@headrace/event-log';
import { Header } from './column-headers.js';
import { ColumnDecoder, type SkipRow } from './decode-columns.js';
import { explainedRow, explanationEvent, type ExplainedRow } from './explain/explanation-events.js';
import type { Explainer } from './explain/explainer.js';
import { outputColumns, scoreColumn, type OutputColumn } from './output-columns.js';
import { Misfit } from './plain/fit-value.js';
import type { AnsweredRows, PlainOutput } from './plain/plain-output.js';
import { PredictionBytes } from './prediction-bytes.js';
import type { MatrixRun } from './run-matrix.js';
import type { ScoringTarget } from './scoring-target.js';
import type { Scorer } from './scorer.js';
import { TraceBytes } from './trace-bytes.js';
import { ValueReaders } from './value-readers.js';

/** Most rows of one call of the model: more of them gain nothing, and hold memory. */
const ROWS_A_RUN = 4096;

/** What a deployment makes of its answers besides predictions. A replay makes none of it. */
export interface Extras {
  readonly plain?: PlainOutput | undefined;
  readonly explainer?: Explainer | undefined;
}

export interface ScoredColumns {
  readonly scored: number;
  readonly explained: ReadonlyArray<OutgoingEvent<PredictionExplained>>;
  /** Predictions that were to be explained and cannot be. */
  readonly unexplained: number;
  /** In the order of the rows. */
  readonly reject: ColumnRejection[];
}

interface Workspace {
  readonly rows: DecodedRows;
  readonly traces: Int32Array;
}

/**
 * Turns records into predictions, no object a record: Avro into columns, one call of the model for up to 4,096 of them, events
 * into the output's records. Every record becomes one prediction or one rejection, in order, or is skipped.
 */
export class ColumnScorer {
  private readonly readers: ValueReaders;
  /** Partitions are scored at the same time, as far as the model lets them. */
  private readonly idle: Workspace[] = [];
  private readonly trace = new TraceBytes();

  constructor(
    private readonly target: ScoringTarget,
    /** Name of the service (ce_source). */
    private readonly source: string,
    private readonly skip: SkipRow,
  ) {
    const { input } = target.spec;
    this.readers = new ValueReaders(input.subject ?? `${input.topic}-value`, input);
  }

  /** All of the batch by this version. */
  async score(
    scorer: Scorer,
    columns: RecordColumns,
    context: ColumnContext,
    extras: Extras = {},
  ): Promise<ScoredColumns> {
    const [output, schemaId] = await Promise.all([
      context.output(this.target.output.name),
      context.schemaIdOf(this.target.output),
    ]);
    const workspace = this.idle.pop() ?? this.newWorkspace();
    try {
      return await this.scoreWith(workspace, scorer, columns, context, output, schemaId, extras);
    } finally {
      this.idle.push(workspace);
    }
  }

  private async scoreWith(
    { rows, traces }: Workspace,
    scorer: Scorer,
    columns: RecordColumns,
    context: ColumnContext,
    output: ColumnOutput,
    schemaId: number,
    { plain, explainer }: Extras,
  ): Promise<ScoredColumns> {
    const reject: ColumnRejection[] = [];
    const details = this.detailsOf(scorer);
    const { input } = this.target.spec;
    const into = { rows, traces, reject, details };
    const decoder = new ColumnDecoder(input, this.readers, context, this.skip, columns, into);
    const origin = this.originOf(scorer, columns, schemaId);
    const predictions = new PredictionBytes(origin, columns, rows, traces, this.trace);
    const plainOutput = plain && (await context.output(plain.topic));
    const explained: Array<OutgoingEvent<PredictionExplained>> = [];
    let unexplained = 0;
    let scored = 0;
    while (decoder.hasMore) {
      rows.clear();
      await decoder.fill();
      const runs = await scorer.runMatrix(rows.features.subarray(0, rows.count * rows.width), rows.count);
      const explainable: ExplainedRow[] = [];
      for (const run of runs) {
        const answered = answeredRows(run, scorer.score, { origin, columns, rows, traces });
        const plainValues = plain && answered && (await plain.encode(answered, context));
        const failed = writeRun(predictions, run, answered, plainValues, (slot) => {
          if (plainValues) plain.write(plainOutput!, answered, slot, plainValues[slot - run.from] as Buffer);
          const one = explainer && answered && explainedRow(explainer, answered, slot);
          if (one) explainable.push(one);
          return output.writerFor(columns, rows.records[slot]!);
        });
        scored += run.to - run.from - failed.length;
        for (const { slot, code, reason } of failed)
          reject.push({ row: rows.records[slot]!, code, message: reason, details });
      }
      if (!explainer) continue;
      const explanations = await explainer.explain(explainable, context.signal);
      explanations.forEach((explanation, at) => {
        if (explanation) explained.push(explanationEvent(explainable[at]!, scorer.generation, explanation));
        else unexplained++;
      });
    }
    return { scored, explained, unexplained, reject: reject.sort((a, b) => a.row - b.row) };
  }

  private newWorkspace(): Workspace {
    return {
      rows: new DecodedRows(ROWS_A_RUN, this.target.spec.input.features.length),
      traces: new Int32Array(ROWS_A_RUN),
    };
  }

  private originOf({ resolved }: Scorer, { topic, partition }: RecordColumns, schemaId: number) {
    const { deployment, output, spec } = this.target;
    return {
      deployment,
      model: resolved.name,
      version: resolved.version,
      runId: resolved.runId ?? null,
      topic,
      partition,
      schemaId,
      outputTopic: output.name,
      source: this.source,
      echo: spec.output.echo ?? true,
    };
  }

  private detailsOf({ resolved }: Scorer): Record<string, string> {
    return { deployment: this.target.deployment, model: resolved.name, model_version: String(resolved.version) };
  }
}

type Writers = (slot: number) => Parameters<PredictionBytes['write']>[0];
interface Failure {
  readonly slot: number;
  readonly code: 'MODEL_FAILED' | 'OUTPUT_MISMATCH';
  readonly reason: string;
}

/** Undefined where the model has no answer. */
function answeredRows(
  run: MatrixRun,
  score: string | undefined,
  batch: Pick<AnsweredRows, 'origin' | 'columns' | 'rows' | 'traces'>,
): AnsweredRows | undefined {
  if ('reason' in run) return undefined;
  const outputs = outputColumns(run.outputs);
  return { ...batch, from: run.from, to: run.to, outputs, score: scoreColumn(outputs, score) };
}

/** Writes a prediction for each row of a run that the model has an answer for, and that goes into the plain output, if there is one. */
function writeRun(
  predictions: PredictionBytes,
  run: MatrixRun,
  answered: AnsweredRows | undefined,
  plain: ReadonlyArray<Buffer | Misfit> | undefined,
  writerOf: Writers,
): Failure[] {
  if ('reason' in run) return [{ slot: run.from, code: 'MODEL_FAILED', reason: run.reason }];
  const { outputs, score } = answered!;
  predictions.answers(outputs, score);
  const failed: Failure[] = [];
  for (let slot = run.from; slot < run.to; slot++) {
    const at = slot - run.from;
    const wrong = notFinite(outputs, at);
    const misfit = plain?.[at];
    if (wrong) failed.push({ slot, code: 'MODEL_FAILED', reason: `output '${wrong.name}' is not finite` });
    else if (misfit instanceof Misfit) failed.push({ slot, code: 'OUTPUT_MISMATCH', reason: misfit.message });
    else predictions.write(writerOf(slot), slot, at);
  }
  return failed;
}

/** A prediction that is not a number is no prediction. */
function notFinite(outputs: readonly OutputColumn[], at: number): OutputColumn | undefined {
  for (const output of outputs) {
    const { numbers, width } = output;
    if (!numbers) continue;
    for (let from = at * width, end = from + width; from < end; from++) {
      const value = numbers[from]!;
      if (value - value !== 0) return output;
    }
  }
  return undefined;
}

/** Leaves out what was redriven for another group. */
export function redrivenForOthers(group: string): SkipRow {
  return (columns, _row, headers) => {
    const only = headers.text(columns, Header.REDRIVE_GROUP);
    return only !== undefined && only !== group;
  };
}

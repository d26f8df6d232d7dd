import { topics, type DeploymentSpec, type OffsetRange, type PredictionMade } from '@headrace/contracts';
import { asTruth, fieldAt, isRedriven, recordIdOf, type EventLog } from '@headrace/event-log';
import type { ScoredRow, ScoredTable } from './paired-rows.js';

type Labelled = DeploymentSpec & { readonly labels: NonNullable<DeploymentSpec['labels']> };

/** Answers that versions of a model have given on topics, live and in replays, joined by record id with the labels of the deployments that run them. */
export class RecordedPredictions {
  /** @param mostOffsets of each topic that are read, the newest, shared by its partitions */
  constructor(
    private readonly log: EventLog,
    private readonly mostOffsets: number,
  ) {}

  /** @returns a table a version, in the order asked for; a version that has answered nothing has no rows */
  async tables(model: string, versions: readonly number[], specs: readonly DeploymentSpec[]): Promise<ScoredTable[]> {
    const labelled = specs.filter((spec): spec is Labelled => spec.labels !== undefined);
    const labels = new Map<string, string>();
    for (const topic of new Set(labelled.map(({ labels }) => labels.topic)))
      await this.addLabels(labels, labelled.find((spec) => spec.labels.topic === topic)!.labels);
    const outputs = new Set([...specs.map(({ output }) => output.topic), topics.replays.name]);
    const scores = versions.map(() => new Map<string, ScoredRow>());
    for (const topic of outputs) await this.addScores(scores, topic, model, versions, labels);
    return versions.map((version, at) => ({
      source: `recorded predictions of ${model}@${version}`,
      named: true,
      rows: scores[at]!,
    }));
  }

  /** A label that comes again corrects the one before it. */
  private async addLabels(labels: Map<string, string>, spec: Labelled['labels']): Promise<void> {
    for await (const { records } of this.log.read(spec.topic, await this.newest(spec.topic)))
      for (const record of records) {
        const recordId = recordIdOf(record, spec.recordId);
        const truth = asTruth(fieldAt(record.value, spec.value));
        if (!isRedriven(record) && recordId !== undefined && truth !== undefined)
          labels.set(recordId, truth ? '1' : '0');
      }
  }

  private async addScores(
    scores: ReadonlyArray<Map<string, ScoredRow>>,
    topic: string,
    model: string,
    versions: readonly number[],
    labels: ReadonlyMap<string, string>,
  ): Promise<void> {
    for await (const { records } of this.log.read<PredictionMade | null>(topic, await this.newest(topic)))
      for (const { value } of records) {
        const rows = value?.model === model ? scores[versions.indexOf(value.version)] : undefined;
        const label = value && labels.get(value.recordId);
        if (!rows || label === undefined || label === null || rows.has(value!.recordId)) continue;
        if (typeof value!.score === 'number')
          rows.set(value!.recordId, { label, score: value!.score, predicted: null });
      }
  }

  private async newest(topic: string): Promise<OffsetRange[]> {
    if (!(await this.log.exists(topic))) return [];
    const ranges = await this.log.offsets(topic);
    const share = Math.ceil(this.mostOffsets / Math.max(1, ranges.length));
    return ranges.map((range) => ({ ...range, from: Math.max(range.from, range.to - share) }));
  }
}

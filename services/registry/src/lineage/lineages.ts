import { topics, type PredictionMade } from '@headrace/contracts';
import { EventLog } from '@headrace/event-log';
import { DATABASE } from '@headrace/persistence';
import { HeadraceError } from '@headrace/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import type { RegistryDatabase, VersionRow } from '../tables.js';
import { LineageGraph, type Lineage } from './graph.js';
import { predictionPlace, recordAt, schemaIdOf } from './record-at.js';
import { TrackingReads } from '../tracking/tracking-reads.js';
import { rangesOf, type Dataset, type Run } from './runs.js';

export const LINEAGE_KINDS = ['prediction', 'deployment', 'version', 'run'] as const;
export type LineageKind = (typeof LINEAGE_KINDS)[number];

/** Tags that tell what code a run came from. */
const CODE = ['mlflow.source.name', 'mlflow.source.type', 'mlflow.source.git.commit', 'mlflow.source.git.repoURL'];

/** Tags of a run or version that tell what computed its features: where the code is kept, its commit, and where in it. */
const FEATURE_CODE = ['headrace.features.repo', 'headrace.features.commit', 'headrace.features.path'] as const;

/** Walks from what was made to what it was made of: prediction → version → run → snapshot → offset ranges and code. Each link is asked of who owns it. */
@Injectable()
export class Lineages {
  constructor(
    @Inject(DATABASE) private readonly database: RegistryDatabase,
    @Inject(EventLog) private readonly log: EventLog,
    @Inject(TrackingReads) private readonly tracking: TrackingReads,
  ) {}

  /**
   * @param id prediction: partition@offset in headrace.predictions; version: name@number; else its name or id
   * @throws HeadraceError NOT_FOUND when there is no such thing, INPUT_INVALID when the id cannot be read
   */
  async of(kind: LineageKind, id: string): Promise<Lineage> {
    const graph = new LineageGraph();
    if (kind === 'prediction') await this.prediction(graph, id);
    else if (kind === 'deployment') await this.deployment(graph, id);
    else if (kind === 'version') await this.startAtVersion(graph, id);
    else if (!(await this.run(graph, id))) throw notFound(kind, id);
    return graph.toLineage();
  }

  private async prediction(graph: LineageGraph, id: string): Promise<void> {
    const place = predictionPlace(id);
    if (!place) throw new HeadraceError('INPUT_INVALID', 'A prediction is named by its place: partition@offset');
    const record = await recordAt<PredictionMade | null>(this.log, topics.predictions, place.partition, place.offset);
    if (!record?.value) throw notFound('prediction', id);
    const { predictionId, deployment, model, version, eventTime, score, input } = record.value;
    const at = `${topics.predictions.name}/${place.partition}@${place.offset}`;
    const node = graph.add('prediction', at, { predictionId, deployment, eventTime, score, input: input ?? null });
    if (!(await this.version(graph, model, version, [node, 'made by']))) graph.miss(`version ${version} of ${model}`);
  }

  private async deployment(graph: LineageGraph, name: string): Promise<void> {
    const row = await this.database.db
      .selectFrom('deployments')
      .selectAll()
      .where('name', '=', name)
      .where('deleted', '=', false)
      .executeTakeFirst();
    if (!row) throw notFound('deployment', name);
    const node = graph.add('deployment', name, { generation: row.generation, cause: row.cause });
    const running = row.model === null ? null : (JSON.parse(row.model) as { name: string; version: number });
    if (running) await this.version(graph, running.name, running.version, [node, 'runs']);
  }

  private async startAtVersion(graph: LineageGraph, id: string): Promise<void> {
    const [, name, number] = /^(.+)@(\d{1,9})$/.exec(id) ?? [];
    if (name === undefined) throw new HeadraceError('INPUT_INVALID', 'A version is named by name@number');
    if (!(await this.version(graph, name, Number(number)))) throw notFound('version', id);
  }

  private async version(graph: LineageGraph, name: string, number: number, from?: [string, string]): Promise<boolean> {
    const { rows } = await sql<VersionRow>`
      select * from model_versions where name = ${name} and version = ${number}`.execute(this.database.db);
    const [row] = rows;
    if (!row) return false;
    const { source, sha256, artifact_uri: artifactUri, creation_timestamp: createdAt } = row;
    const node = graph.add('version', `${name}@${number}`, { source, artifactUri, sha256, createdAt }, from);
    const { rows: tags } = await sql<{ key: string; value: string }>`
      select key, value from version_tags where name = ${name} and version = ${number}`.execute(this.database.db);
    addFeatureCode(graph, node, new Map(tags.map((tag) => [tag.key, tag.value])));
    const original = /^models:\/(.+)\/(\d+)$/.exec(source);
    if (original) await this.version(graph, original[1]!, Number(original[2]), [node, 'copied from']);
    else if (row.run_id !== null && !(await this.run(graph, row.run_id, [node, 'made by'])))
      graph.miss(`run ${row.run_id}`);
    return true;
  }

  private async run(graph: LineageGraph, runId: string, from?: [string, string]): Promise<boolean> {
    const run = (await this.tracking.get<{ run: Run }>('runs/get', { run_id: runId }))?.run;
    if (!run) return false;
    const tags = new Map((run.data?.tags ?? []).map(({ key, value }) => [key, value]));
    const { run_name: name, start_time: startedAt } = run.info;
    const node = graph.add('run', runId, { name: name ?? null, startedAt: startedAt ?? null }, from);
    const code = Object.fromEntries(CODE.flatMap((key) => (tags.has(key) ? [[key, tags.get(key)]] : [])));
    const place = tags.get('mlflow.source.git.commit') ?? tags.get('mlflow.source.name');
    if (place !== undefined) graph.add('code', place, code, [node, 'run from']);
    addFeatureCode(graph, node, tags);
    for (const { dataset } of run.inputs?.dataset_inputs ?? []) await this.dataset(graph, dataset, node);
    return true;
  }

  private async dataset(graph: LineageGraph, dataset: Dataset, run: string): Promise<void> {
    const snapshot = rangesOf(dataset);
    const { name, digest, source_type: sourceType } = dataset;
    const hash = snapshot?.sha256 ?? digest;
    const node = graph.add('snapshot', hash, { name, digest, sourceType: sourceType ?? null }, [run, 'trained on']);
    for (const { topic, partition, from, to } of snapshot?.ranges ?? []) {
      const details = { topic, partition, from, to, schemaId: await this.schemaIdAt(topic, partition, from) };
      graph.add('range', `${topic}/${partition}@${from}-${to}`, details, [node, 'read from']);
    }
  }

  /** Null where values are not framed, or the range's first record is gone. */
  private async schemaIdAt(topic: string, partition: number, offset: number): Promise<number | null> {
    if (!(await this.log.exists(topic))) return null;
    const record = await recordAt<unknown>(this.log, topic, partition, offset);
    return record ? schemaIdOf(record.raw) : null;
  }
}

function addFeatureCode(graph: LineageGraph, from: string, tags: ReadonlyMap<string, string>): void {
  const [repo, commit, path] = FEATURE_CODE.map((key) => tags.get(key));
  if (repo === undefined && commit === undefined && path === undefined) return;
  const place = `${repo ?? ''}@${commit ?? ''}${path === undefined ? '' : `:${path}`}`;
  const details = { repo: repo ?? null, commit: commit ?? null, path: path ?? null };
  graph.add('feature-code', place, details, [from, 'features by']);
}

function notFound(kind: string, id: string): HeadraceError {
  return new HeadraceError('NOT_FOUND', `There is no ${kind} ${id.slice(0, 300)}`);
}

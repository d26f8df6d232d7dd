import { HeadraceError } from '@headrace/service-kit';
import type { MlflowClient } from './mlflow-client.js';
import { originTags, type LoggedRun, type Origin, type RunRecord, type Tracking } from './tracking.js';

interface Run {
  readonly info: { readonly run_id: string; readonly artifact_uri: string };
}

/** MLflow's clients download a version as a folder, so the folder is what is registered. */
const MODEL_FOLDER = 'model';
const MODEL_FILE = 'model.onnx';

/** Runs over MLflow's REST API: an experiment a deployment, a run a job (found again by its tag). */
export class MlflowTracking implements Tracking {
  constructor(private readonly client: MlflowClient) {}

  async logRun(record: RunRecord): Promise<LoggedRun> {
    const { info } = await this.runOf(record, record.startedAt);
    const modelUri = `${info.artifact_uri}/${MODEL_FOLDER}`;
    await this.logFigures(info.run_id, record);
    await this.logDataset(info.run_id, record);
    await this.client.putArtifact(`${modelUri}/${MODEL_FILE}`, record.onnx);
    await this.end(info.run_id, 'FINISHED', record.startedAt);
    return { runId: info.run_id, modelUri };
  }

  async logVerdict(
    runId: string,
    metrics: Readonly<Record<string, number>>,
    passed: boolean,
    at: number,
  ): Promise<void> {
    await this.client.post('runs/log-batch', {
      run_id: runId,
      metrics: toMetrics(metrics, at),
      tags: toPairs({ 'headrace.gate': passed ? 'passed' : 'refused' }),
    });
  }

  async logFailure(origin: Origin, startedAt: number, reason: string): Promise<void> {
    const { info } = await this.runOf(origin, startedAt);
    const tags = toPairs({ 'headrace.failure': reason });
    await this.client.post('runs/log-batch', { run_id: info.run_id, tags });
    await this.end(info.run_id, 'FAILED', startedAt);
  }

  private async runOf(origin: Origin, startedAt: number): Promise<Run> {
    const experimentId = await this.experimentOf(origin.deployment);
    const filter = `tags.\`headrace.job_id\` = '${origin.jobId}'`;
    const found = await this.client.post<{ runs?: Run[] }>('runs/search', {
      experiment_ids: [experimentId],
      filter,
      max_results: 1,
      order_by: ['attributes.start_time ASC'],
    });
    if (found.runs?.[0]) return found.runs[0];
    const created = await this.client.post<{ run: Run }>('runs/create', {
      experiment_id: experimentId,
      run_name: origin.jobId,
      start_time: startedAt,
      tags: toPairs({ 'mlflow.source.name': 'headrace-training', ...originTags(origin) }),
    });
    return created.run;
  }

  private async experimentOf(deployment: string): Promise<string> {
    const found = await this.experimentNamed(deployment);
    if (found) return found;
    try {
      return (await this.client.post<{ experiment_id: string }>('experiments/create', { name: deployment }))
        .experiment_id;
    } catch (error) {
      // Another worker was quicker.
      const theirs = hasCode(error, 'ALREADY_EXISTS') ? await this.experimentNamed(deployment) : undefined;
      if (theirs) return theirs;
      throw error;
    }
  }

  private async experimentNamed(name: string): Promise<string | undefined> {
    try {
      const query = { experiment_name: name };
      const answer = await this.client.get<{ experiment: { experiment_id: string } }>('experiments/get-by-name', query);
      return answer.experiment.experiment_id;
    } catch (error) {
      if (hasCode(error, 'NOT_FOUND')) return undefined;
      throw error;
    }
  }

  private async logFigures(runId: string, record: RunRecord): Promise<void> {
    await this.client.post('runs/log-batch', {
      run_id: runId,
      params: toPairs(record.parameters),
      metrics: toMetrics(record.metrics, record.startedAt),
      tags: toPairs({ 'headrace.model_sha256': record.sha256, 'headrace.snapshot_sha256': record.snapshot.sha256 }),
    });
  }

  private async logDataset(runId: string, { deployment, snapshot }: RunRecord): Promise<void> {
    const { ranges, fromTime, toTime, rows, sha256 } = snapshot;
    const dataset = {
      name: deployment,
      // MLflow's digests have at most 36 characters; the whole hash is in the source and in the run's tags.
      digest: sha256.slice(0, 36),
      source_type: 'headrace-offset-ranges',
      source: JSON.stringify({ ranges, fromTime, toTime, sha256 }),
      profile: JSON.stringify({ num_rows: rows }),
    };
    const tags = toPairs({ 'mlflow.data.context': 'training' });
    await this.client.post('runs/log-inputs', { run_id: runId, datasets: [{ dataset, tags }] });
  }

  private async end(runId: string, status: 'FINISHED' | 'FAILED', startedAt: number): Promise<void> {
    const end_time = Math.max(Date.now(), startedAt);
    await this.client.post('runs/update', { run_id: runId, status, end_time });
  }
}

export function toPairs(values: Readonly<Record<string, string | number>>): Array<{ key: string; value: string }> {
  return Object.entries(values).map(([key, value]) => ({ key, value: String(value) }));
}

function toMetrics(values: Readonly<Record<string, number>>, timestamp: number) {
  return Object.entries(values).map(([key, value]) => ({ key, value, timestamp, step: 0 }));
}

export function hasCode(error: unknown, code: HeadraceError['code']): boolean {
  return error instanceof HeadraceError && error.code === code;
}

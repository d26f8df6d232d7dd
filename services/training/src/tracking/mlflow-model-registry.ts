import type { MlflowClient } from './mlflow-client.js';
import { hasCode, toPairs } from './mlflow-tracking.js';
import { originTags, type ModelRegistry, type VersionRecord } from './tracking.js';

interface ModelVersion {
  readonly version: string;
}

/** Versions over MLflow's REST API; a run has at most one. */
export class MlflowModelRegistry implements ModelRegistry {
  constructor(private readonly client: MlflowClient) {}

  async register(record: VersionRecord): Promise<number> {
    await this.createModel(record.model);
    const known = await this.versionOf(record);
    if (known !== undefined) return known;
    await this.createVersion(record);
    // A worker that lost its lease may have registered the same run a moment ago; both then name the lower version.
    return (await this.versionOf(record))!;
  }

  private async createModel(name: string): Promise<void> {
    try {
      await this.client.post('registered-models/create', { name });
    } catch (error) {
      if (!hasCode(error, 'ALREADY_EXISTS')) throw error;
    }
  }

  private async versionOf({ model, runId }: VersionRecord): Promise<number | undefined> {
    const filter = `name = '${model}' AND run_id = '${runId}'`;
    const query = { filter, max_results: '100' };
    const found = await this.client.get<{ model_versions?: ModelVersion[] }>('model-versions/search', query);
    const versions = (found.model_versions ?? []).map(({ version }) => Number(version));
    return versions.length === 0 ? undefined : Math.min(...versions);
  }

  private async createVersion(record: VersionRecord): Promise<void> {
    await this.client.post<{ model_version: ModelVersion }>('model-versions/create', {
      name: record.model,
      source: record.modelUri,
      run_id: record.runId,
      description: record.description,
      tags: toPairs({
        ...originTags(record),
        'headrace.model_sha256': record.sha256,
        'headrace.snapshot_sha256': record.snapshotSha256,
      }),
    });
  }
}

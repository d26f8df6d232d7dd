import { HeadraceError } from '@headrace/service-kit';
import type { LoggedRun, ModelRegistry, Origin, RunRecord, Tracking, VersionRecord } from './tracking.js';

export interface KeptRun {
  readonly runId: string;
  readonly jobId: string;
  status: 'FINISHED' | 'FAILED';
  metrics: Record<string, number>;
  record?: RunRecord;
  reason?: string;
  gate?: 'passed' | 'refused';
}

/** Tracking and registry for tests; `outages` calls fail first. */
export class InMemoryTracking implements Tracking, ModelRegistry {
  readonly runs: KeptRun[] = [];
  readonly versions: VersionRecord[] = [];
  outages = 0;

  async logRun(record: RunRecord): Promise<LoggedRun> {
    this.reach();
    const run = this.runOf(record);
    Object.assign(run, { status: 'FINISHED', record, metrics: { ...run.metrics, ...record.metrics } });
    return {
      runId: run.runId,
      modelUri: `mlflow-artifacts:/${record.deployment}/${run.runId}/artifacts/model`,
    };
  }

  async logVerdict(runId: string, metrics: Readonly<Record<string, number>>, passed: boolean): Promise<void> {
    this.reach();
    const run = this.runs.find((each) => each.runId === runId);
    if (!run) throw new HeadraceError('NOT_FOUND', `There is no run ${runId}`);
    Object.assign(run.metrics, metrics);
    run.gate = passed ? 'passed' : 'refused';
  }

  async logFailure(origin: Origin, _startedAt: number, reason: string): Promise<void> {
    this.reach();
    Object.assign(this.runOf(origin), { status: 'FAILED', reason });
  }

  async register(version: VersionRecord): Promise<number> {
    this.reach();
    const ofModel = this.versions.filter((each) => each.model === version.model);
    const known = ofModel.findIndex((each) => each.runId === version.runId);
    if (known >= 0) return known + 1;
    this.versions.push(version);
    return ofModel.length + 1;
  }

  private runOf({ jobId }: Origin): KeptRun {
    const known = this.runs.find((run) => run.jobId === jobId);
    if (known) return known;
    const run: KeptRun = { runId: `run${this.runs.length + 1}`, jobId, status: 'FINISHED', metrics: {} };
    this.runs.push(run);
    return run;
  }

  private reach(): void {
    if (this.outages === 0) return;
    this.outages--;
    throw new HeadraceError('UNAVAILABLE', 'tracking is away');
  }
}

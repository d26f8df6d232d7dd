import type { DriftReported, GateCheck, RetrainModel, RetrainVetoed } from '@headrace/contracts';
import type { DesignEffect, Grid } from '@headrace/monitoring';
import type { Kysely, Transaction } from 'kysely';
import type { VersionCalibration } from './estimates/estimate-figures.js';
import type { Baseline } from './windows/baseline.js';

/** Of a closed window, pane by pane. */
export interface PaneSilences {
  readonly paneMs: number;
  readonly longest: readonly number[];
}

/** Tables of migrations/, as far as they are written or read by column. */
export interface DriftTables {
  partition_progress: { source: string; partition: number; next_offset: number };
  monitors: {
    deployment: string;
    label_sources: string[];
    origin: number | null;
    closed_until: number | null;
    forgotten_until: number | null;
    watermark: number | null;
  };
  reports: {
    report_id: string;
    deployment: string;
    window_start: number;
    window_end: number;
    judged_version: number | null;
    held: string[];
    judged: boolean;
    report: DriftReported;
    designs: Readonly<Record<string, DesignEffect>>;
    figures_version: number;
    silences: PaneSilences | null;
  };
  grids: { deployment: string; layout: string; grid: Grid };
  told_reports: { report_id: string; retrain: string };
  told_commands: { command_id: string; command: RetrainModel };
  amendments: { deployment: string; window_start: number; since: number };
  retrain_vetoes: {
    veto_id: string;
    deployment: string;
    from_time: number;
    to_time: number | null;
    veto: RetrainVetoed;
  };
  baselines: { deployment: string; version: number; baseline: Baseline };
  calibrations: { deployment: string; version: number; calibration: VersionCalibration };
  commands: {
    command_id: string;
    deployment: string;
    version: number;
    epoch: number;
    window_end: number;
    command: RetrainModel;
  };
  gate_verdicts: {
    verdict_id: string;
    model: string;
    candidate_version: number;
    command_id: string | null;
    passed: boolean;
    checks: GateCheck[];
    rows: number;
    decided_at: number;
  };
  training_results: {
    job_id: string;
    model: string;
    version: number | null;
    command_id: string | null;
    status: string;
    snapshot_from: number | null;
    snapshot_to: number | null;
  };
  promotions: { promotion_id: string; model: string; version: number; verdict_id: string | null; decision: string };
  incarnation: { id: string };
}

export type Db = Kysely<DriftTables>;
export type Trx = Transaction<DriftTables>;

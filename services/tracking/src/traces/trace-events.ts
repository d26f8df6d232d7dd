import type { TextEntry } from '@headrace/contracts';
import type { Subject } from '../changes/change-event.js';
import type { ExperimentRow } from '../tables.js';

export function traceSubject(
  trace: { readonly trace_id: string; readonly experiment_id: number },
  change: Subject['change'],
): Subject {
  return { kind: 'TRACE', id: trace.trace_id, change, experimentId: trace.experiment_id };
}

export function toTags(object: Readonly<Record<string, string>>): TextEntry[] {
  return Object.entries(object).map(([key, value]) => ({ key, value }));
}

/** Where clients put a trace's files: traces.json where they do not send spans, and attachments. */
export function traceArtifacts(experiment: Pick<ExperimentRow, 'artifact_location'>, traceId: string) {
  const location = `${experiment.artifact_location.replace(/\/+$/, '')}/traces/${traceId}/artifacts`;
  return { 'mlflow.artifactLocation': location };
}

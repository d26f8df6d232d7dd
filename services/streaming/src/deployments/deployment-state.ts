import type { ModelVersionName } from './model-version-name.js';

/** What one worker says of one deployment. */
export interface DeploymentState {
  readonly name: string;
  /** failing: the wanted version does not answer, and what answers instead is below; or its records cannot be read, or answers not written. */
  readonly state: 'waiting' | 'starting' | 'running' | 'failing';
  readonly generation: number;
  /** What answers now; null before the first model is loaded. */
  readonly model: string | null;
  readonly version: number | null;
  /** Why it fails. */
  readonly reason: string | null;
  /** The last good version, which answers in the wanted one's place; null when that answers, or nothing does. */
  readonly answersInstead: ModelVersionName | null;
}

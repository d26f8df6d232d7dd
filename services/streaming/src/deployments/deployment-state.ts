import type { ModelVersionName } from './model-version-name.js';

/** What one worker says of one deployment. */
export interface DeploymentState {
  readonly name: string;
  /** failing: the wanted version does not answer; what answers instead is below. */
  readonly state: 'waiting' | 'starting' | 'running' | 'failing';
  readonly generation: number;
  /** What answers now; null before the first model is loaded. */
  readonly model: string | null;
  readonly version: number | null;
  /** Why the wanted version does not answer. */
  readonly reason: string | null;
  /** The last good version, which answers in the wanted one's place; null when that answers, or nothing does. */
  readonly answersInstead: ModelVersionName | null;
}

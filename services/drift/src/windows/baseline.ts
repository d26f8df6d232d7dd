import type { ReferenceInputs } from '../inputs/window-inputs.js';
import type { ReferenceFigure } from '../verdict/performance-findings.js';

/** What a version's windows are compared with. Stored as JSON, once a deployment and version, when its first window is judged. */
export interface Baseline {
  /** Layout of the inputs' counts; another one makes new inputs. */
  readonly layout: string | null;
  /** The first judged window's figures, by segment and metric; a gate's figures of all rows go before them. */
  readonly figures: Readonly<Record<string, Readonly<Record<string, ReferenceFigure>>>>;
  readonly inputs: ReferenceInputs | null;
}

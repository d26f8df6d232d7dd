import type { AttributionPane } from '../attributions/attribution-panes.js';
import type { ReferenceInputs } from '../inputs/window-inputs.js';
import type { ReferenceFigure } from '../verdict/figure-finding.js';

/** What a version's windows are compared with. Stored as JSON, once a deployment and version, when its first window is judged. */
export interface Baseline {
  /** Layout of the inputs' counts; another one makes new inputs. */
  readonly layout: string | null;
  /** The first judged window's figures, by segment and metric; a gate's figures of all rows go before them. */
  readonly figures: Readonly<Record<string, Readonly<Record<string, ReferenceFigure>>>>;
  readonly inputs: ReferenceInputs | null;
  /** By the id of a KPI's source, so that one that is declared anew gets a reference of its own; of the first judged window with enough rows. */
  readonly kpis?: Readonly<Record<string, ReferenceFigure>>;
  /** Attributions of the version's explained rows, and how they were explained: another way has a reference of its own. */
  readonly attributions?: { readonly explained: string; readonly panes: readonly AttributionPane[] };
}

import type { DriftKind, Finding } from '@headrace/contracts';

/** What a version's estimate is doubted by. */
export interface Witnesses {
  /** The window begins before the end of what the version was trained on. */
  readonly inSample: boolean;
  /** Whether the window was judged on this version's rows. */
  readonly judged: boolean;
  /** Of this version, in this window. */
  readonly findings: readonly Finding[];
  /** The version's last judged window before this one. */
  readonly last: { readonly windowStart: number; readonly findings: readonly Finding[] } | null;
}

/** What labels prove about the concept: what scores mean is not what it was when they were calibrated. */
const CONCEPT: readonly DriftKind[] = ['PERFORMANCE', 'CALIBRATION'];

/**
 * Why an estimate by scores alone is not to be believed: it is right while inputs alone drift. The window's own labels have the first word; without enough of them what the last window said still
 * holds. One window is enough, though it alarms nobody yet: a figure shown as valid is acted upon. Null where nothing speaks against it.
 */
export function conceptDoubt({ inSample, judged, findings, last }: Witnesses): string | null {
  if (inSample) return 'the version was trained on rows of this window';
  const here = moved(findings);
  if (here) return `concept drift was found in this window: ${here}`;
  const before = !judged && last && moved(last.findings);
  return before
    ? `concept drift was found in the last window that could be judged, from ${new Date(last.windowStart).toISOString()}: ${before}`
    : null;
}

function moved(findings: readonly Finding[]): string {
  return findings
    .filter(({ kind, significant, material }) => CONCEPT.includes(kind) && significant && material)
    .map(({ metric, segment }) => (segment ? `${metric} of ${segment}` : metric))
    .join(', ');
}

import { HeadraceError, messageOf } from '@headrace/service-kit';

const TIMEOUT_MS = 10_000;

/** A run as tracking has it, as far as lineage goes. */
export interface Run {
  readonly info: { readonly run_id: string; readonly run_name?: string; readonly start_time?: number };
  readonly data?: { readonly tags?: ReadonlyArray<{ readonly key: string; readonly value: string }> };
  readonly inputs?: { readonly dataset_inputs?: ReadonlyArray<{ readonly dataset: Dataset }> };
}

export interface Dataset {
  readonly name: string;
  readonly digest: string;
  readonly source_type?: string;
  readonly source?: string;
}

/** Runs, through tracking's HTTP API. */
export class Runs {
  constructor(private readonly baseUrl: string) {}

  /** @returns undefined when there is none; @throws HeadraceError UNAVAILABLE */
  async get(runId: string): Promise<Run | undefined> {
    const url = new URL(`/api/2.0/mlflow/runs/get?run_id=${encodeURIComponent(runId)}`, this.baseUrl);
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
      if (response.ok) return ((await response.json()) as { run: Run }).run;
      await response.text();
      if (response.status === 404 || response.status === 400) return undefined;
      throw new Error(`status ${response.status}`);
    } catch (cause) {
      throw new HeadraceError('UNAVAILABLE', `Tracking does not give run ${runId}: ${messageOf(cause)}`, { cause });
    }
  }
}

interface Range {
  readonly topic: string;
  readonly partition: number;
  readonly from: number;
  readonly to: number;
}

/** The offset ranges that a data set was read from; undefined for one from elsewhere. */
export function rangesOf({ source_type, source }: Dataset): { ranges: Range[]; sha256: string | null } | undefined {
  if (source_type !== 'headrace-offset-ranges' || source === undefined) return undefined;
  try {
    const { ranges, sha256 } = JSON.parse(source) as { ranges?: Range[]; sha256?: string };
    return Array.isArray(ranges) ? { ranges, sha256: sha256 ?? null } : undefined;
  } catch {
    return undefined;
  }
}

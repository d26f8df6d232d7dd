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

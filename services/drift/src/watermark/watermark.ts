/** One partition of a source, as one deployment sees it. */
export interface PartitionView {
  /** See EventTimeMark; null when too little has come. */
  readonly mark: number | null;
  /** Nothing has come for a while, and everything that is there has been read. */
  readonly idle: boolean;
}

/**
 * How far a topic is complete in event time: the least mark of the partitions that still move. An idle partition does not hold it
 * back; a partition that moves but has no mark yet does. With every partition idle, the largest mark: nothing more is under way.
 */
export function sourceWatermark(partitions: readonly PartitionView[]): number | null {
  const moving = partitions.filter((partition) => !partition.idle);
  if (moving.some((partition) => partition.mark === null)) return null;
  const marks = (moving.length > 0 ? moving : partitions).flatMap(({ mark }) => (mark === null ? [] : [mark]));
  if (marks.length === 0) return null;
  return moving.length > 0 ? Math.min(...marks) : Math.max(...marks);
}

/** A deployment is as far as the slower of its predictions and its labels. */
export function deploymentWatermark(sources: ReadonlyArray<readonly PartitionView[]>): number | null {
  const marks = sources.map(sourceWatermark);
  return marks.reduce<number | null>(
    (least, mark) => (least === null || mark === null ? null : Math.min(least, mark)),
    Infinity,
  );
}

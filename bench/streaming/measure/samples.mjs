// Samples of a running worker, and what they say.

/** @typedef {{ seconds: number, cpuSeconds: number, committed: number, rssBytes: number, peakRssBytes: number, largestRssBytes: number }} Sample */

/** Share of the records after which a worker counts as warm: connected, joined, compiled. */
export const WARM_SHARE = 0.2;

/**
 * @param {Sample[]} samples from the signal to begin to the sample in which all records were committed
 * @returns {{ records: number, seconds: number, cpuPerMillion: number, wholeCpuPerMillion: number, warmCpuPerMillion: number, eventsPerSecond: number, peakRssBytes: number, largestRssBytes: number }}
 *   cpuPerMillion: since the signal; wholeCpuPerMillion: since the process began; warmCpuPerMillion and eventsPerSecond: over the records after
 *   the first WARM_SHARE of them
 */
export function figuresOf(samples) {
  const first = samples[0];
  const last = samples.at(-1);
  const records = last.committed;
  const warm = samples.findLast(({ committed }) => committed < records * WARM_SHARE) ?? first;
  const warmRecords = records - warm.committed;
  return {
    records,
    seconds: last.seconds - first.seconds,
    cpuPerMillion: ((last.cpuSeconds - first.cpuSeconds) / records) * 1e6,
    wholeCpuPerMillion: (last.cpuSeconds / records) * 1e6,
    warmCpuPerMillion: ((last.cpuSeconds - warm.cpuSeconds) / warmRecords) * 1e6,
    eventsPerSecond: warmRecords / (last.seconds - warm.seconds),
    // Of the processes that lived at one time: a probe that has ended is no longer in the sum.
    peakRssBytes: Math.max(...samples.map((each) => each.rssBytes)),
    largestRssBytes: Math.max(...samples.map((each) => each.largestRssBytes)),
  };
}

/** Sorted in place; p between 0 and 1, the nearest rank. */
export function percentile(values, p) {
  values.sort((a, b) => a - b);
  return values[Math.min(values.length - 1, Math.max(0, Math.ceil(p * values.length) - 1))];
}

export function median(values) {
  return percentile([...values], 0.5);
}

/** Least squares: y units per x unit. */
export function slope(points) {
  const n = points.length;
  const meanX = points.reduce((sum, { x }) => sum + x, 0) / n;
  const meanY = points.reduce((sum, { y }) => sum + y, 0) / n;
  const covariance = points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0);
  return covariance / points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
}

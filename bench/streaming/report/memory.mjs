// What samples of resident memory say.
import { slope } from '../measure/samples.mjs';

const MIB = 2 ** 20;
/** Loading and compiling is no leak: the slope is that of the later samples. */
const SETTLE_SHARE = 0.2;

/**
 * @param {Array<{ seconds: number, rssBytes: number, largestRssBytes: number }>} samples
 * @returns {{ start: number, end: number, max: number, largest: number, slopeMibAnHour: number }} MiB of all processes of the service (largest: of one of them, at its peak); start: the first sample after the settling fifth
 */
export function memoryOf(samples) {
  const settled = samples.slice(Math.floor(samples.length * SETTLE_SHARE));
  return {
    start: settled[0].rssBytes / MIB,
    end: samples.at(-1).rssBytes / MIB,
    max: Math.max(...samples.map(({ rssBytes }) => rssBytes)) / MIB,
    largest: Math.max(...samples.map(({ largestRssBytes }) => largestRssBytes)) / MIB,
    slopeMibAnHour: slope(settled.map(({ seconds, rssBytes }) => ({ x: seconds / 3600, y: rssBytes / MIB }))),
  };
}

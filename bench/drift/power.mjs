// How soon a change is found, beside ADWIN, DDM and a Kolmogorov–Smirnov test of fixed windows, each at the same chance of a false alarm: 5 % over the horizon.
// Ours takes its level from the budget; the others' thresholds are set on streams without any change, as low as keeps them within it.
// Usage: node bench/drift/power.mjs [streams]. `npx nx build monitoring` first. Writes power.svg beside this file. Seeds are fixed.
import { writeFileSync } from 'node:fs';
import { alarmLevels, evaluate } from '../../libs/monitoring/dist/index.js';
import { Adwin, binColumn, Ddm, decileBins, ksTest, sortedSample } from '../../libs/statistics/dist/index.js';
import { linePlot } from './plot.mjs';
import { Normals } from './simulation.ts';

const STREAMS = Number(process.argv[2] ?? 100);
const LOOKS = 200;
const ROWS = 280;
const PANES = 7;
const REFERENCE = 2800;
const ALPHA = 0.05;
/** Looks before the change: a detector that adapts has then seen as much of the old world as the reference holds. */
const BEFORE = 10;
const levels = alarmLevels({ alpha: ALPHA, horizon: LOOKS }, { streams: 1, persistence: 2 });

/** Each is made with the reference's rows and a threshold, and is told a window's rows at a time: does it alarm? */
const onValues = {
  'headrace, index of 0': () => ours(0),
  'headrace, index of 0.1': () => ours(0.1),
  'KS, fixed windows': (threshold) => (reference) => {
    const sorted = sortedSample(reference);
    return (rows) => ksTest(sorted, sortedSample(rows), 'limit').pValue <= threshold;
  },
  ADWIN: (delta) => (reference) => streaming(new Adwin({ delta }), reference),
};
const onErrors = {
  'headrace, error rate by 0': () => oursOnErrors(0),
  'headrace, error rate by 0.02': () => oursOnErrors(0.02),
  DDM: (driftThreshold) => (reference) => streaming(new Ddm({ driftThreshold }), reference),
  ADWIN: (delta) => (reference) => streaming(new Adwin({ delta }), reference),
};
const thresholds = {
  'KS, fixed windows': [1e-3, 5e-4, 2e-4, 1e-4, 5e-5, 2e-5, 1e-5],
  ADWIN: [0.2, 0.05, 0.02, 0.002, 2e-4, 2e-5, 2e-6],
  DDM: [3, 3.5, 4, 4.5, 5, 6, 7, 8, 10],
};

function ours(materiality) {
  return (reference) => {
    const { edges } = decileBins(reference);
    const panes = inPanes(reference, 20).map((pane) => binColumn(edges, pane).counts);
    return persisting((rows) => {
      const current = inPanes(rows, PANES).map((pane) => binColumn(edges, pane).counts);
      return evaluate({ test: 'shares', reference: panes, current, materiality, levels });
    });
  };
}

function oursOnErrors(materiality) {
  return (reference) => {
    const mean = meanOf(reference);
    return persisting((rows) => {
      const value = meanOf(rows);
      const evidence = {
        test: 'figure',
        worseWhen: 'higher',
        value,
        rows: rows.length,
        reference: mean,
        referenceRows: REFERENCE,
      };
      const design = { effect: 1, degrees: 100 };
      return evaluate({ ...evidence, rowVariance: value * (1 - value), design, materiality, levels });
    });
  };
}

function persisting(look) {
  let inARow = 0;
  return (rows) => {
    const { significant, material } = look(rows);
    inARow = significant && material ? inARow + 1 : 0;
    return inARow >= 2;
  };
}

function streaming(detector, reference) {
  for (const value of reference) detector.update(value);
  return (rows) => {
    let alarm = false;
    for (const value of rows) if (detector.update(value) === 'drift') alarm = true;
    return alarm;
  };
}

function inPanes(rows, count) {
  const size = rows.length / count;
  return Array.from({ length: count }, (_, i) => rows.subarray(i * size, (i + 1) * size));
}

function meanOf(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Rows of windows: values of a feature, or errors 0 / 1 of a model that is wrong in 20 %. */
const valueSource = (seed) => {
  const normals = new Normals(seed, 0);
  return (count, shift) => normals.fill(new Float64Array(count), shift);
};
/** A normal value above this is an error. */
const errorSource = (seed) => {
  const values = valueSource(seed);
  const edge = 0.8416212335729143;
  return (count, rise) => {
    const from = rise === 0 ? edge : quantileOf(0.8 - rise);
    return values(count, 0).map((value) => Number(value > from));
  };
};
function quantileOf(p) {
  let [low, high] = [-6, 6];
  const below = (z) => 0.5 * (1 + erf(z / Math.SQRT2));
  for (let i = 0; i < 60; i++)
    if (below((low + high) / 2) < p) low = (low + high) / 2;
    else high = (low + high) / 2;
  return low;
}
/** Abramowitz & Stegun 7.1.26, to 1.5e-7. */
function erf(x) {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const tail =
    ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t * Math.exp(-x * x);
  return Math.sign(x) * (1 - tail);
}

function firstAlarm(make, source, sizeAt, looks) {
  const alarms = make(source(REFERENCE, 0));
  for (let look = 0; look < looks; look++) if (alarms(source(ROWS, sizeAt(look)))) return look;
  return null;
}

/** The loosest threshold with which at most 5 % of streams without a change alarm within the horizon. */
function calibrated(name, make, sourceOf) {
  for (const threshold of thresholds[name] ?? [null]) {
    let alarms = 0;
    for (let seed = 1; seed <= STREAMS; seed++) {
      if (firstAlarm(make(threshold), sourceOf(seed), () => 0, LOOKS) !== null) alarms++;
    }
    if (alarms <= ALPHA * STREAMS || threshold === thresholds[name]?.at(-1)) return { threshold, alarms };
  }
}

const shapes = {
  abrupt: (size) => (look) => (look >= BEFORE ? size : 0),
  'gradual, over 20 looks': (size) => (look) => (look >= BEFORE ? size * Math.min(1, (look - BEFORE + 1) / 20) : 0),
  'recurring, 5 looks of 10': (size) => (look) =>
    look >= BEFORE && Math.floor((look - BEFORE) / 5) % 2 === 0 ? size : 0,
};

function table(title, detectors, sourceOf, sizes, unit) {
  console.log(
    `\n${title}: median delay in looks of ${ROWS} rows after the change began, and how many of ${STREAMS} streams alarmed within ${LOOKS - BEFORE} looks (before the change: not counted as found)\n`,
  );
  const ready = Object.entries(detectors).map(([name, make]) => ({ name, make, ...calibrated(name, make, sourceOf) }));
  console.log(
    `| change | ${ready.map(({ name, threshold }) => (threshold === null ? name : `${name} (${threshold})`)).join(' | ')} |`,
  );
  console.log(`| --- |${' --- |'.repeat(ready.length)}`);
  console.log(
    `| none: alarms in ${LOOKS} looks | ${ready.map(({ alarms }) => `${alarms} of ${STREAMS}`).join(' | ')} |`,
  );
  const curves = ready.map(({ name }) => ({ name, points: [] }));
  for (const [shape, shapeOf] of Object.entries(shapes)) {
    for (const size of sizes) {
      const cells = ready.map(({ make, threshold }, i) => {
        const delays = [];
        for (let seed = 1001; seed <= 1000 + STREAMS; seed++) {
          const at = firstAlarm(make(threshold), sourceOf(seed), shapeOf(size), LOOKS);
          if (at !== null && at >= BEFORE) delays.push(at - BEFORE + 1);
        }
        delays.sort((a, b) => a - b);
        const median = delays.length * 2 > STREAMS ? delays[Math.floor((STREAMS - 1) / 2)] : null;
        if (shape === 'abrupt') curves[i].points.push([size, delays.length / STREAMS]);
        return `${median ?? '–'} (${delays.length})`;
      });
      console.log(`| ${shape}, ${size} ${unit} | ${cells.join(' | ')} |`);
    }
  }
  return curves;
}

const values = table('A feature', onValues, valueSource, [0.05, 0.1, 0.2, 0.3, 0.5, 1], 'standard deviations');
table('A model wrong in 20 % of rows', onErrors, errorSource, [0.02, 0.05, 0.1, 0.2], 'more');
const label = `share of streams found within ${LOOKS - BEFORE} looks`;
writeFileSync(
  new URL('power.svg', import.meta.url),
  linePlot(values, { x: 'abrupt shift, standard deviations', y: label }),
);

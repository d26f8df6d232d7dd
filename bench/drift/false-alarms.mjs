// How often monitors alarm of which nothing asks to: the share of simulated monitors that ever do, over a horizon of looks.
// Usage: node bench/drift/false-alarms.mjs [monitors] [looks] [cases, as 0,3]. `npx nx build monitoring` first. Seeds are fixed: the same numbers each time.
import { shiftOfIndex, simulate } from './simulation.ts';

const MONITORS = Number(process.argv[2] ?? 200);
const LOOKS = Number(process.argv[3] ?? 1000);
const ALPHA = 0.05;
const base = {
  features: 10,
  looks: LOOKS,
  rows: 280,
  panes: 7,
  referenceRows: 2800,
  referencePanes: 20,
  autocorrelation: 0,
  alpha: ALPHA,
  persistence: 2,
};
const still = () => 0;
const atMateriality = (index) => {
  const shift = shiftOfIndex(index);
  return () => shift;
};

const cases = [
  ['no change, any change matters', { materiality: 0, shift: still }],
  ['no change, index of 0.1 matters', { materiality: 0.1, shift: still }],
  ['all features changed by just what matters, 0.1', { materiality: 0.1, shift: atMateriality(0.1) }],
  ['AR(1), ρ = 0.7, no change, any change matters', { materiality: 0, autocorrelation: 0.7, shift: still }],
  [
    'AR(1), ρ = 0.7, all changed by what matters, 0.1',
    { materiality: 0.1, autocorrelation: 0.7, shift: atMateriality(0.1) },
  ],
  [
    'reference of one look, no change, any matters',
    { materiality: 0, referenceRows: 280, referencePanes: 7, shift: still },
  ],
  [
    'the same, AR(1), ρ = 0.7',
    { materiality: 0, referenceRows: 280, referencePanes: 7, autocorrelation: 0.7, shift: still },
  ],
  [
    'one look decides (persistence 1), AR(1), ρ = 0.7',
    { materiality: 0, persistence: 1, autocorrelation: 0.7, shift: still },
  ],
];

console.log(
  `${MONITORS} monitors × ${base.features} features × ${LOOKS} looks of ${base.rows} rows, α = ${ALPHA}, horizon ${LOOKS}, seeds 1…${MONITORS}\n`,
);
console.log(
  '| nothing that matters changes | monitors that ever alarm | looks of a feature that reject |\n| --- | --- | --- |',
);
const chosen = process.argv[4]?.split(',').map((index) => cases[Number(index)]) ?? cases;
for (const [name, change] of chosen) {
  let [alarms, rejections] = [0, 0];
  for (let seed = 1; seed <= MONITORS; seed++) {
    const outcome = simulate({ ...base, ...change }, seed);
    if (outcome.firstAlarm !== null) alarms++;
    rejections += outcome.rejections;
  }
  const rate = (100 * alarms) / MONITORS;
  console.log(`| ${name} | ${alarms} of ${MONITORS}: ${rate.toFixed(1)} % | ${rejections} |`);
}

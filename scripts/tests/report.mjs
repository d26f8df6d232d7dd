import { summarise } from './summary.mjs';

/** Prints what was skipped or did not run at all, then the counts, alone on the last line. Returns the exit code. */
export function report(runs, { ci }) {
  const { passed, failed, skipped, faults } = summarise(runs, { ci });
  for (const { name, reason, allowed } of skipped)
    console.log(`${allowed ? 'skipped' : 'FAILED (skipped in CI)'}: ${name} – ${reason}`);
  for (const fault of faults) console.log(`FAILED: ${fault}`);
  const allowed = skipped.filter((skip) => skip.allowed).length;
  if (allowed > 0) console.log(`${allowed} skipped`);
  // The last line has this one form, always: whoever reads it by machine needs no grammar.
  console.log(`${passed} passed, ${failed} failed`);
  return failed > 0 || passed === 0 ? 1 : 0;
}

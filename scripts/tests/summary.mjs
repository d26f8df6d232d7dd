/**
 * Counts over jest's JSON results. A skip names its reason in its title: `[needs kcat]` for a tool that is missing, `[long]` for what only
 * `npm run test:long` runs. In CI any other skip than a long one counts as a failure, as do suites that did not run and a jest that crashed.
 */
export function summarise(runs, { ci }) {
  const tests = runs.flatMap(({ results }) => (results?.testResults ?? []).flatMap((suite) => suite.assertionResults));
  const skipped = tests
    .filter(({ status }) => ['pending', 'skipped', 'disabled', 'todo'].includes(status))
    .map((test) => skip(test, ci));
  const faults = runs.flatMap(faultsOf);
  const failedTests = tests.filter(({ status }) => status === 'failed').length;
  return {
    passed: tests.filter(({ status }) => status === 'passed').length,
    failed: failedTests + faults.length + skipped.filter(({ allowed }) => !allowed).length,
    skipped,
    faults,
  };
}

function skip({ fullName }, ci) {
  const tag = /\[(needs [^\]]+|long)\]/.exec(fullName)?.[1];
  const reason = tag === 'long' ? 'run by npm run test:long' : (tag ?? 'without a reason');
  return { name: fullName, reason, allowed: !ci || tag === 'long' };
}

function faultsOf({ project, code, results }) {
  if (!results) return [`jest ended with ${code} before it could report the ${project} tests`];
  const broken = results.testResults.filter(
    (suite) => suite.status === 'failed' && suite.assertionResults.length === 0,
  );
  const faults = broken.map((suite) => `${suite.name} did not run`);
  // Jest may also fail for a reason outside of any test: a teardown that throws, an unknown option.
  if (code !== 0 && faults.length === 0 && results.numFailedTests === 0)
    faults.push(`jest ended with ${code} on the ${project} tests`);
  return faults;
}

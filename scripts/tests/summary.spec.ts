import { describe, expect, it } from '@jest/globals';
import { summarise } from './summary.mjs';

const test = (status: string, fullName = 'a test') => ({ status, fullName });

function run(assertionResults: object[], more: object = {}) {
  const failed = assertionResults.filter((result) => (result as { status: string }).status === 'failed').length;
  const results = { numFailedTests: failed, testResults: [{ status: 'passed', name: 'a.spec.ts', assertionResults }] };
  return { project: 'unit', code: failed > 0 ? 1 : 0, results, ...more };
}

describe('summarise', () => {
  it('counts over both projects', () => {
    const runs = [run([test('passed'), test('failed')]), run([test('passed')])];
    expect(summarise(runs, { ci: false })).toMatchObject({ passed: 2, failed: 1, skipped: [], faults: [] });
  });

  it('says why a test was skipped', () => {
    const runs = [
      run([test('pending', 'reads with kcat [needs kcat]'), test('pending', 'runs a day [long]'), test('pending')]),
    ];
    const { failed, skipped } = summarise(runs, { ci: false });
    expect(failed).toBe(0);
    expect(skipped.map(({ reason }) => reason)).toEqual(['needs kcat', 'run by npm run test:long', 'without a reason']);
  });

  it('counts a skip as a failure in CI, but for the long ones', () => {
    const runs = [
      run([test('passed'), test('pending', 'x [needs kcat]'), test('pending', 'y [long]'), test('pending', 'z')]),
    ];
    expect(summarise(runs, { ci: true }).failed).toBe(2);
  });

  it('counts a suite that did not run as a failure', () => {
    const results = {
      numFailedTests: 0,
      testResults: [{ status: 'failed', name: 'broken.spec.ts', assertionResults: [] }],
    };
    const { failed, faults } = summarise([run([], { code: 1, results })], { ci: false });
    expect({ failed, faults }).toEqual({ failed: 1, faults: ['broken.spec.ts did not run'] });
  });

  it('counts a jest that crashed as a failure', () => {
    expect(summarise([run([], { code: 139, results: null })], { ci: false }).failed).toBe(1);
    expect(summarise([run([test('passed')], { code: 1 })], { ci: false }).failed).toBe(1);
  });
});

import { describe, expect, it } from '@jest/globals';
import { metricsIn, queriesOf, substitute, variablesOf } from './dashboard-queries.js';

describe('substitute', () => {
  const values = new Map([['deployment', ['flights', 'a.b']]]);

  it('chooses every value of a variable, as a pattern that means these values only', () =>
    expect(substitute('m{d=~"$deployment"}', values, '5s')).toBe('m{d=~"flights|a\\\\.b"}'));

  it('knows a variable in braces, with or without a format', () =>
    expect(substitute('${deployment} ${deployment:regex}', new Map([['deployment', ['x']]]), '5s')).toBe('x x'));

  it("replaces Grafana's own intervals", () =>
    expect(substitute('rate(m[$__rate_interval]) + rate(m[${__interval}])', values, '5s')).toBe(
      'rate(m[5s]) + rate(m[5s])',
    ));

  it('a variable that the dashboard lacks is an error, not an empty pattern', () =>
    expect(() => substitute('m{d=~"$model"}', values, '5s')).toThrow('$model'));
});

describe('variablesOf', () => {
  const dashboard = (query: unknown) => ({ title: 't', templating: { list: [{ name: 'deployment', query }] } });

  it('reads label_values as text or as an object', () => {
    const expected = new Map([['deployment', { metric: 'm', label: 'd' }]]);
    expect(variablesOf(dashboard('label_values(m, d)'))).toEqual(expected);
    expect(variablesOf(dashboard({ query: 'label_values(m,d)' }))).toEqual(expected);
  });

  it('refuses a variable whose values it cannot look up', () =>
    expect(() => variablesOf(dashboard('query_result(m)'))).toThrow('query_result'));
});

it('queriesOf finds the panels inside collapsed rows', () => {
  const inner = { title: 'inner', targets: [{ expr: 'a' }, { expr: 'b' }] };
  const found = queriesOf({
    title: 't',
    panels: [
      { title: 'row', panels: [inner] },
      { title: 'outer', targets: [{ expr: 'c' }] },
    ],
  });
  expect(found.map(({ panel, expr }) => `${panel}: ${expr}`)).toEqual(['inner: a', 'inner: b', 'outer: c']);
});

it('metricsIn names each metric once', () =>
  expect(metricsIn('rate(headrace_a_total{x="headrace"}[5s]) / headrace_a_total + process_b_seconds')).toEqual([
    'headrace_a_total',
    'process_b_seconds',
  ]));

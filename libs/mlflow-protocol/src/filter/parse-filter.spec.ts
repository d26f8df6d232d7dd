import { describe, expect, it } from '@jest/globals';
import type { FilterGrammar } from './filter-grammar.js';
import { parseFilter } from './parse-filter.js';
import { parseOrderBy } from './parse-order-by.js';

const grammar: FilterGrammar = {
  entities: ['metric', 'param', 'tag', 'dataset'],
  attributes: { run_name: 'string', status: 'string', run_id: 'string', start_time: 'number' },
  aliases: { created: 'start_time' },
};
const parse = (filter: string) => parseFilter(filter, grammar);

describe('the filter grammar', () => {
  it('nothing asked is nothing filtered', () => {
    expect(parseFilter(undefined, grammar)).toEqual([]);
    expect(parse('  ')).toEqual([]);
  });

  it('reads comparisons joined by and', () => {
    expect(parse(`metrics.rmse < 1.5e-3 and params.model = "tree" AND tags.team != 'a b'`)).toEqual([
      { entity: 'metric', key: 'rmse', operator: '<', value: 0.0015 },
      { entity: 'param', key: 'model', operator: '=', value: 'tree' },
      { entity: 'tag', key: 'team', operator: '!=', value: 'a b' },
    ]);
  });

  it.each([
    ['tags.`mlflow.source name` = "x"', 'mlflow.source name'],
    ['tags."mlflow.source name" = "x"', 'mlflow.source name'],
    ['tags.mlflow.user = "x"', 'mlflow.user'],
    ['params.learning-rate = "x"', 'learning-rate'],
  ])('reads the key of %s', (filter, key) => {
    expect(parse(filter)[0]?.key).toBe(key);
  });

  it('reads attributes under each of their names', () => {
    for (const name of ['attributes.start_time', 'attribute.created', 'attr.start_time', 'start_time', 'run.created']) {
      expect(parse(`${name} >= -12`)).toEqual([{ entity: 'attribute', key: 'start_time', operator: '>=', value: -12 }]);
    }
  });

  it('reads what may be absent, and datasets', () => {
    expect(parse(`tags.a IS NULL and params.b is not null and datasets.name LIKE 'x%'`)).toEqual([
      { entity: 'tag', key: 'a', operator: 'IS NULL', value: '' },
      { entity: 'param', key: 'b', operator: 'IS NOT NULL', value: '' },
      { entity: 'dataset', key: 'name', operator: 'LIKE', value: 'x%' },
    ]);
  });

  it.each([`metrics.a IS NULL`, `status IS NULL`, `tags.a IS 'x'`, `tags.a IS NOT 'x'`, `datasets.source = 'x'`])(
    'refuses %s',
    (filter) => {
      expect(() => parse(filter)).toThrow(expect.objectContaining({ errorCode: 'INVALID_PARAMETER_VALUE' }));
    },
  );

  it('reads lists and patterns', () => {
    expect(parse(`attributes.run_id NOT IN ('a', "b") and run_name ilike '%x%'`)).toEqual([
      { entity: 'attribute', key: 'run_id', operator: 'NOT IN', value: ['a', 'b'] },
      { entity: 'attribute', key: 'run_name', operator: 'ILIKE', value: '%x%' },
    ]);
  });

  it('keeps quotes and SQL inside a value as text', () => {
    const value = `'; drop table runs; --`;
    expect(parse(`params.x = "${value}"`)[0]?.value).toBe(value);
    expect(parse(`params.x = 'it''s'`)[0]?.value).toBe("it's");
  });

  it.each([
    ['metrics.a = "text"', /numeric value/],
    ['params.a = 3', /quoted string/],
    ['params.a > "3"', /Operator >/],
    ['metrics.a LIKE "3"', /Operator LIKE/],
    ['metrics.a > 1 or metrics.b > 2', /AND/],
    ['metrics.a >', /at the end/],
    ['attributes.nope = "x"', /Invalid attribute key 'nope'/],
    ['attributes.constructor = "x"', /Invalid attribute key/],
    ['models.a = 1', /Invalid entity type/],
    ['1 = 1; drop table runs', /Invalid clause|Invalid attribute|Expected/],
    ["run_name = 'open", /Invalid clause/],
    ['run_id in ("a"', /Expected \)/],
  ])('refuses %s and says why', (filter, reason) => {
    expect(() => parse(filter)).toThrow(reason);
  });

  it('a grammar without an entity refuses it', () => {
    expect(() => parseFilter('metrics.a > 1', { entities: ['tag'], attributes: {} })).toThrow(/Invalid entity type/);
  });
});

describe('order_by', () => {
  it('reads fields with a direction', () => {
    expect(parseOrderBy(['metrics.auc DESC', 'attributes.start_time', 'params.`a b` asc'], grammar)).toEqual([
      { entity: 'metric', key: 'auc', descending: true },
      { entity: 'attribute', key: 'start_time', descending: false },
      { entity: 'param', key: 'a b', descending: false },
    ]);
  });

  it('refuses what is not an order', () => {
    expect(() => parseOrderBy(['metrics.auc DESC; drop'], grammar)).toThrow(/Invalid/);
    expect(() => parseOrderBy(['metrics.auc sideways'], grammar)).toThrow(/Invalid order_by/);
  });
});

import { describe, expect, it } from '@jest/globals';
import { parseCsv } from './csv.js';
import { readTable } from './read-table.js';

const row = (label: string | null, score: number | null, predicted: string | null = null) => ({
  label,
  score,
  predicted,
});
const rowsOf = (name: string, text: string) => {
  const table = readTable(name, text);
  return 'missing' in table ? table : Object.fromEntries(table.rows);
};

describe('a table of predictions', () => {
  const wanted = { a: row('1', 0.9), b: row('0', 0.25) };
  it.each([
    ['p.csv', 'Record ID,Label,Score\r\na,1,0.9\r\nb,0,0.25\r\n'],
    ['p.csv', '\uFEFF"id","y_true","probability"\n"a",true,"0.9"\n"b",False,.25'],
    ['p.json', '{"columns":["id","target","score"],"data":[["a",1,0.9],["b",0,0.25]]}'],
    ['p.json', '[{"id":"a","label":true,"score":0.9},{"id":"b","label":false,"score":0.25}]'],
    ['p.json', '{"id":["a","b"],"label":[1.0,0.0],"score":[0.9,0.25]}'],
    ['p.json', '{"id":{"0":"a","1":"b"},"label":{"0":1,"1":0},"score":{"0":0.9,"1":0.25}}'],
  ])('%s %s', (name, text) => expect(rowsOf(name, text)).toEqual(wanted));

  it('without ids has positions for them', () => {
    const table = readTable('p.csv', 'label,prediction\n1,0.9\n0,cat\n');
    expect(table).toMatchObject({ named: false });
    expect(rowsOf('p.csv', 'label,prediction\n1,0.9\n0,cat\n')).toEqual({
      0: row('1', 0.9, '0.9'),
      1: row('0', null, 'cat'),
    });
  });

  it('takes the first of rows with the same id, and leaves out those without', () => {
    expect(rowsOf('p.csv', 'id,score\na,1\na,2\n,3\n')).toEqual({ a: row(null, 1) });
  });

  it.each([
    ['p.json', '{', /cannot be read as a table/],
    ['p.json', '3', /cannot be read/],
    ['p.json', '[1, 2]', /cannot be read/],
    ['p.csv', '', /cannot be read/],
    ['p.csv', 'id,label\na,1\n', /column score or prediction in p.csv, which has id, label/],
  ])('%s %j says what it lacks', (name, text, missing) => {
    expect(rowsOf(name, text)).toEqual({ missing: expect.stringMatching(missing) });
  });
});

it('CSV keeps what is quoted', () => {
  expect(parseCsv('a,b\n"x,""y""\n1",\n,2\n')).toEqual({ columns: ['a', 'b'], rows: [['x,"y"\n1', ''], ['', '2']] }); // prettier-ignore
  expect(parseCsv('a,b\n1,')?.rows).toEqual([['1', '']]);
});

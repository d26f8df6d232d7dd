import { describe, expect, it } from '@jest/globals';
import { plainOutputFaults } from './plain-output-faults.js';
import { plainSource } from './plain-source.js';

const schema = (...fields: object[]) => JSON.stringify({ type: 'record', name: 'Decision', fields });
const field = (name: string, type: unknown, more: object = {}) => ({ name, type, ...more });
const messages = (text: string, fields: Record<string, string>) =>
  plainOutputFaults(text, fields).map(({ field: name, message }) => `${name}: ${message}`);

describe('a plain output’s mapping', () => {
  it('fits where every field has a source that goes into it, or a default', () => {
    const text = schema(
      field('id', 'string'),
      field('risk', ['null', 'double'], { default: null }),
      field('at', { type: 'long', logicalType: 'timestamp-millis' }),
      field('amount', 'float'),
      field('key', ['null', 'bytes']),
      field('note', 'string', { default: '' }),
    );
    const fields = { id: 'recordId', risk: 'score', at: 'eventTime', amount: 'input.payment.amount', key: 'key' };
    expect(plainOutputFaults(text, fields)).toEqual([]);
  });

  it.each<[string, string, Record<string, string>, RegExp]>([
    ['a field without default or source', schema(field('id', 'string')), {}, /^id: has no default/],
    [
      'a source for a field that is not there',
      schema(field('id', 'string')),
      { id: 'recordId', x: 'score' },
      /^x: is no field/,
    ],
    ['a source that there is not', schema(field('id', 'string')), { id: 'recordID' }, /^id: 'recordID' is none of/],
    [
      'a number into text',
      schema(field('risk', ['null', 'string'])),
      { risk: 'score' },
      /^risk: score goes into float/,
    ],
    ['text into a number', schema(field('id', 'int')), { id: 'recordId' }, /^id: recordId goes into string/],
    [
      'a fact into a record',
      schema(field('id', { type: 'record', name: 'R', fields: [] })),
      { id: 'offset' },
      /record$/,
    ],
    ['no record', JSON.stringify('string'), {}, /is no Avro record/],
    ['no JSON', 'syntax = "proto3"', {}, /is no Avro record/],
  ])('refuses %s', (_what, text, fields, message) => {
    expect(messages(text, fields)).toEqual([expect.stringMatching(message)]);
  });

  it('asks what only the model knows where somebody does', () => {
    const text = schema(field('label', 'string'));
    expect(plainOutputFaults(text, { label: 'outputs.label' })).toEqual([]);
    expect(plainOutputFaults(text, { label: 'outputs.label' }, () => ['int', 'long'])).toHaveLength(1);
  });

  it.each(['outputs', 'outputs.', 'input', 'input.', 'constructor', 'Score', ''])('%j is no source', (text) => {
    expect(plainSource(text)).toBeUndefined();
  });
});

import { describe, expect, it } from '@jest/globals';
import { aliasFault, newAliasFault } from './alias-name.js';

describe('an alias', () => {
  it.each(['champion', 'v12b', 'a-b_C9', '12'])('%s is allowed', (alias) => {
    expect(newAliasFault(alias)).toBeUndefined();
  });
  it.each(['', 'latest', 'LATEST', 'v12', 'V1', 'a b', 'a/b', 'x'.repeat(256)])('%j is not', (alias) => {
    expect(newAliasFault(alias)).toBeDefined();
  });

  it('that is reserved can be asked for all the same', () => {
    expect(aliasFault('latest')).toBeUndefined();
  });
});

import { describe, expect, it } from '@jest/globals';
import { isDatabaseUnavailable, isTransactionConflict, isUniqueViolation, sqlState } from './sql-errors.js';

const withCode = (code: string) => Object.assign(new Error('x'), { code });

describe('what a database error means', () => {
  it('tells an SQLSTATE from a system error code', () => {
    expect(sqlState(withCode('23505'))).toBe('23505');
    expect(sqlState(withCode('ECONNREFUSED'))).toBeUndefined();
    expect(sqlState(null)).toBeUndefined();
  });

  it.each(['ECONNREFUSED', 'ECONNRESET', '57P01', '57P03', '08006', '53300'])('%s: PostgreSQL is away', (code) => {
    expect(isDatabaseUnavailable(withCode(code))).toBe(true);
  });

  it('knows pg’s errors that have no code', () => {
    expect(isDatabaseUnavailable(new Error('Connection terminated unexpectedly'))).toBe(true);
    expect(isDatabaseUnavailable(new Error('something else'))).toBe(false);
  });

  it('a broken constraint or a deadlock is not an absence', () => {
    expect(isDatabaseUnavailable(withCode('23505'))).toBe(false);
    expect(isUniqueViolation(withCode('23505'))).toBe(true);
    expect(isTransactionConflict(withCode('40P01'))).toBe(true);
    expect(isTransactionConflict(withCode('23505'))).toBe(false);
  });
});

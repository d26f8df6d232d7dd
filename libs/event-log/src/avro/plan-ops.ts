/**
 * Instructions of a column plan, integers only: the operation, then its operands. `f` is a feature's column. SUSPECT marks a row that
 * the plan does not judge: it is read again as an object, and that reading decides.
 */
export const Op = {
  END: 0,
  /** n, f: n doubles into f, f + 1, … */
  DOUBLES: 1,
  /** n, f, index of the double's branch: as many unions of null and double */
  NULLABLE_DOUBLES: 2,
  /** f */
  FLOAT: 3,
  /** f */
  INT: 4,
  /** f */
  LONG: 5,
  /** f */
  BOOLEAN: 6,
  /** f: not there, or null */
  MISSING: 7,
  SUSPECT: 8,
  /** bytes */
  SKIP: 9,
  /** n */
  SKIP_INTS: 10,
  /** n: refused beyond 2^53, as avsc does */
  SKIP_LONGS: 11,
  /** n: strings or bytes */
  SKIP_BYTES: 12,
  /** symbols */
  SKIP_ENUM: 13,
  /** n, where it ends, where each branch begins: each ends where the next begins */
  UNION: 14,
  /** where it ends; items follow, up to END */
  ARRAY: 16,
  /** where it ends; values follow, up to END */
  MAP: 17,
  ID_STRING: 18,
  /** 1 for a long */
  ID_INTEGER: 19,
  /** 1 for a long, units a ms */
  TIME_INTEGER: 20,
  TIME_DOUBLE: 21,
  TIME_STRING: 22,
  /** The same value is wanted more than once: remember where it begins. */
  SAVE: 23,
  AGAIN: 24,
  /** f, which constant */
  CONSTANT: 25,
} as const;

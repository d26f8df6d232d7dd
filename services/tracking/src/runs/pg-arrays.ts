/**
 * PostgreSQL's array literals. pg quotes and escapes every element of an array it is given, one by one; for thousands of numbers, and texts that need
 * no escape, joining is ten times faster.
 */
export function numberArray(values: readonly number[]): string {
  return `{${values.join(',')}}`;
}

export function textArray(values: readonly string[]): string {
  return values.length === 0 ? '{}' : `{"${values.map(escape).join('","')}"}`;
}

const SPECIAL = /["\\]/;

function escape(text: string): string {
  return SPECIAL.test(text) ? text.replaceAll('\\', '\\\\').replaceAll('"', '\\"') : text;
}

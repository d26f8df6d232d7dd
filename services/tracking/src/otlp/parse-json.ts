/** JSON.parse, but an integer that a double cannot hold comes as its digits in a text. @throws SyntaxError */
export function parseJson(text: string): unknown {
  // The third argument (ES2025) is not in TypeScript's library yet.
  return JSON.parse(text, keepDigits as (key: string, value: unknown) => unknown);
}

function keepDigits(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || !Number.isInteger(value) || Number.isSafeInteger(value)) return value;
  return context?.source ?? String(value);
}

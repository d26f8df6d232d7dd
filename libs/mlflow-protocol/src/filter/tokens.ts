import { invalidParameter } from '../mlflow-error.js';

export type Token =
  | { readonly kind: 'name'; readonly text: string }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'string'; readonly text: string }
  /** In double quotes: a value, or a key after a dot. */
  | { readonly kind: 'quoted'; readonly text: string }
  | { readonly kind: 'symbol'; readonly text: string };

/** Order matters: two-character symbols before one-character ones, numbers before names (a name may hold digits, - and dots follow apart). */
const RULES: ReadonlyArray<readonly [Token['kind'], RegExp]> = [
  ['string', /'((?:[^'\\]|\\.|'')*)'/y],
  ['quoted', /"((?:[^"\\]|\\.|"")*)"/y],
  ['name', /`([^`]*)`/y],
  ['number', /([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)(?![\w])/y],
  ['symbol', /(!=|<>|<=|>=|==|[=<>(),.])/y],
  ['name', /([A-Za-z_][\w/-]*)/y],
];

/** @throws MlflowError INVALID_PARAMETER_VALUE at the first character that begins no token */
export function tokenize(text: string): Token[] {
  if (text.includes('\0')) throw invalidParameter('Invalid filter string: it holds a NUL character');
  const tokens: Token[] = [];
  let at = skipSpace(text, 0);
  while (at < text.length) {
    const [token, end] = next(text, at);
    tokens.push(token);
    at = skipSpace(text, end);
  }
  return tokens;
}

function next(text: string, at: number): [Token, number] {
  for (const [kind, pattern] of RULES) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match) return [{ kind, text: unquote(kind, match[1]!) }, pattern.lastIndex];
  }
  throw invalidParameter(`Invalid clause(s) in filter string: '${text.slice(at, at + 40)}' at position ${at}`);
}

function unquote(kind: Token['kind'], text: string): string {
  if (kind === 'string') return text.replaceAll("''", "'").replaceAll("\\'", "'");
  return kind === 'quoted' ? text.replaceAll('""', '"').replaceAll('\\"', '"') : text;
}

function skipSpace(text: string, at: number): number {
  while (at < text.length && /\s/.test(text[at]!)) at++;
  return at;
}

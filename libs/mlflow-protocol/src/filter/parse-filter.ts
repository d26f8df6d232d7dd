import {
  NULL_OPERATORS,
  NUMBER_OPERATORS,
  STRING_OPERATORS,
  type Comparison,
  type Field,
  type FilterGrammar,
  type Operator,
  type ValueKind,
} from './filter-grammar.js';
import { TokenReader } from './token-reader.js';
import { tokenize } from './tokens.js';

/**
 * MLflow's search language: comparisons joined by AND. An empty filter is an empty list.
 * Checked against MLflow 3's documentation of search syntax.
 * @throws MlflowError INVALID_PARAMETER_VALUE
 */
export function parseFilter(filter: string | undefined, grammar: FilterGrammar): Comparison[] {
  if (filter === undefined || filter.trim() === '') return [];
  const reader = new TokenReader(tokenize(filter), filter, grammar);
  const comparisons = [takeComparison(reader, grammar)];
  while (!reader.ended) {
    if (!reader.takeKeyword('AND')) throw reader.fault('Comparisons can only be joined by AND');
    comparisons.push(takeComparison(reader, grammar));
  }
  return comparisons;
}

function takeComparison(reader: TokenReader, grammar: FilterGrammar): Comparison {
  const field = reader.takeField();
  const operator = takeOperator(reader);
  const kind = reader.kindOf(field);
  if (!operatorsOf(field, kind, grammar).includes(operator))
    throw reader.fault(`Operator ${operator} does not apply to ${field.entity} '${field.key}'`);
  return { ...field, operator, value: takeValue(reader, field, operator, kind) };
}

const MAY_BE_ABSENT: readonly Field['entity'][] = ['param', 'tag', 'metadata'];

function operatorsOf({ entity }: Field, kind: ValueKind, { patterns }: FilterGrammar): readonly Operator[] {
  if (kind === 'number') return NUMBER_OPERATORS;
  return [
    ...STRING_OPERATORS,
    ...(patterns ? (['RLIKE'] as const) : []),
    ...(MAY_BE_ABSENT.includes(entity) ? NULL_OPERATORS : []),
  ];
}

const SPELLINGS: Record<string, Operator> = { '==': '=', '<>': '!=' };
const SYMBOLS = new Set<string>(NUMBER_OPERATORS);

function takeOperator(reader: TokenReader): Operator {
  for (const word of ['LIKE', 'ILIKE', 'RLIKE', 'IN'] as const) if (reader.takeKeyword(word)) return word;
  if (reader.takeKeyword('NOT')) {
    if (reader.takeKeyword('IN')) return 'NOT IN';
    throw reader.fault('Expected IN after NOT');
  }
  if (reader.takeKeyword('IS')) return takeNull(reader);
  const token = reader.take('an operator');
  const operator = SPELLINGS[token.text] ?? token.text;
  if (token.kind === 'symbol' && SYMBOLS.has(operator)) return operator as Operator;
  throw reader.fault(`Expected an operator, found '${token.text}'`);
}

function takeNull(reader: TokenReader): Operator {
  const operator = reader.takeKeyword('NOT') ? 'IS NOT NULL' : 'IS NULL';
  if (reader.takeKeyword('NULL')) return operator;
  throw reader.fault('Expected NULL or NOT NULL after IS');
}

function takeValue(reader: TokenReader, field: Field, operator: Operator, kind: ValueKind): Comparison['value'] {
  if (NULL_OPERATORS.includes(operator)) return '';
  if (operator === 'IN' || operator === 'NOT IN') return takeList(reader, field);
  const token = reader.take('a value');
  if (kind === 'number') {
    if (token.kind === 'number') return Number(token.text);
    throw reader.fault(`Expected a numeric value for ${field.entity} '${field.key}', found '${token.text}'`);
  }
  if (token.kind === 'string' || token.kind === 'quoted') return token.text;
  throw reader.fault(`Expected a quoted string value for ${field.entity} '${field.key}', found '${token.text}'`);
}

function takeList(reader: TokenReader, field: Field): string[] {
  if (!reader.takeSymbol('(')) throw reader.fault(`Expected a list in parentheses for '${field.key}'`);
  const values: string[] = [];
  do {
    const token = reader.take('a quoted value');
    if (token.kind !== 'string' && token.kind !== 'quoted')
      throw reader.fault(`Expected a quoted value, found '${token.text}'`);
    values.push(token.text);
  } while (reader.takeSymbol(','));
  if (!reader.takeSymbol(')')) throw reader.fault('Expected )');
  return values;
}

import type { FilterGrammar, Ordering } from './filter-grammar.js';
import { TokenReader } from './token-reader.js';
import { tokenize } from './tokens.js';

/**
 * MLflow's order_by entries: a field, then ASC (default) or DESC.
 * @throws MlflowError INVALID_PARAMETER_VALUE
 */
export function parseOrderBy(entries: readonly string[], grammar: FilterGrammar): Ordering[] {
  return entries.map((entry) => {
    const reader = new TokenReader(tokenize(entry), entry, grammar);
    const field = reader.takeField();
    const descending = reader.takeKeyword('DESC');
    if (!descending) reader.takeKeyword('ASC');
    if (!reader.ended) throw reader.fault('Invalid order_by clause');
    return { ...field, descending };
  });
}

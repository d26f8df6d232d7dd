import { invalidParameter, type MlflowError } from '../mlflow-error.js';
import { DATASET_KEYS, ENTITY_NAMES, type Field, type FilterGrammar, type ValueKind } from './filter-grammar.js';
import type { Token } from './tokens.js';

/** Reads a clause from left to right; every fault names the clause. */
export class TokenReader {
  private at = 0;

  constructor(
    private readonly tokens: readonly Token[],
    private readonly clause: string,
    private readonly grammar: FilterGrammar,
  ) {}

  get ended(): boolean {
    return this.at >= this.tokens.length;
  }

  fault(what: string): MlflowError {
    return invalidParameter(`${what} in '${this.clause.slice(0, 300)}'`);
  }

  take(what: string): Token {
    const token = this.tokens[this.at++];
    if (token === undefined) throw this.fault(`Expected ${what} at the end`);
    return token;
  }

  takeSymbol(symbol: string): boolean {
    return this.takeIf((token) => token.kind === 'symbol' && token.text === symbol);
  }

  takeKeyword(word: string): boolean {
    return this.takeIf((token) => token.kind === 'name' && token.text.toUpperCase() === word);
  }

  /** `metrics.key`, `tags."a key"`, `tags.mlflow.user`, or an attribute's name with or without its prefix. */
  takeField(): Field {
    const names = [this.takeName()];
    while (this.takeSymbol('.')) names.push(this.takeName());
    const entity = names.length > 1 ? ENTITY_NAMES[names[0]!.toLowerCase()] : 'attribute';
    if (entity === undefined) throw this.fault(`Invalid entity type '${names[0]}'`);
    const key = (names.length > 1 ? names.slice(1) : names).join('.');
    return entity === 'attribute' ? { entity, key: this.attribute(key) } : this.keyed(entity, key);
  }

  kindOf(field: Field): ValueKind {
    if (field.entity === 'attribute') return this.grammar.attributes[field.key]!;
    return field.entity === 'metric' ? 'number' : 'string';
  }

  private takeName(): string {
    const token = this.take('a name');
    if (token.kind === 'symbol' || token.kind === 'string') throw this.fault(`Expected a name, found '${token.text}'`);
    return token.text;
  }

  private attribute(name: string): string {
    const key = this.grammar.aliases?.[name] ?? name;
    if (Object.hasOwn(this.grammar.attributes, key)) return key;
    const known = Object.keys(this.grammar.attributes).join(', ');
    throw this.fault(`Invalid attribute key '${name}' (valid: ${known})`);
  }

  private keyed(entity: Exclude<Field['entity'], 'attribute'>, key: string): Field {
    if (entity === 'dataset' && !DATASET_KEYS.includes(key)) {
      throw this.fault(`Invalid dataset key '${key}' (valid: ${DATASET_KEYS.join(', ')})`);
    }
    if (this.grammar.entities.includes(entity)) return { entity, key };
    throw this.fault(`Invalid entity type '${entity}'`);
  }

  private takeIf(matches: (token: Token) => boolean): boolean {
    const token = this.tokens[this.at];
    if (token === undefined || !matches(token)) return false;
    this.at++;
    return true;
  }
}

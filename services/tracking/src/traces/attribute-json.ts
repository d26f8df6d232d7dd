import type { AnyValue } from '../otlp/otlp-message.js';

/** An attribute as MLflow keeps it: JSON in a text. 64-bit integers keep their digits, and a double stays one (1.0). */
export function toJsonText(value: AnyValue): string {
  if ('intValue' in value) return value.intValue!;
  if ('doubleValue' in value) return doubleText(value.doubleValue!);
  if ('arrayValue' in value) return `[${value.arrayValue!.values.map(toJsonText).join(', ')}]`;
  if ('kvlistValue' in value) {
    const entries = value.kvlistValue!.values.map((entry) => `${storableJson(entry.key)}: ${toJsonText(entry.value)}`);
    return `{${entries.join(', ')}}`;
  }
  if ('boolValue' in value) return String(value.boolValue);
  const text = 'stringValue' in value ? value.stringValue : 'bytesValue' in value ? value.bytesValue : undefined;
  return text === undefined ? 'null' : storableJson(text);
}

/** JSON has no NaN and no infinity: their names. */
function doubleText(value: number): string {
  if (!Number.isFinite(value)) return `"${value}"`;
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? `${value}.0` : String(value);
}

/** PostgreSQL's jsonb holds neither NUL nor half of a surrogate pair. */
export function storable(text: string): string {
  return text.replaceAll('\0', '\uFFFD').toWellFormed();
}

const storableJson = (text: string) => JSON.stringify(storable(text));

/** protobuf's JSON of an AnyValue, under MLflow's names. */
export type ValueMessage =
  | { string_value: string }
  | { bool_value: boolean }
  | { int_value: string }
  | { double_value: number }
  | { array_value: { values: ValueMessage[] } }
  | { kvlist_value: { values: Array<{ key: string; value: ValueMessage }> } }
  | Record<string, never>;

/** What toJsonText wrote; a text that is no JSON is itself. */
export function toValueMessage(text: string): ValueMessage {
  try {
    return JSON.parse(text, asMessage as never) as ValueMessage;
  } catch {
    return { string_value: text };
  }
}

function asMessage(_key: string, value: unknown, context?: { source?: string }): ValueMessage {
  if (typeof value === 'string') return { string_value: value };
  if (typeof value === 'boolean') return { bool_value: value };
  if (typeof value === 'number') {
    const source = context?.source ?? String(value);
    return /[.eE]/.test(source) ? { double_value: value } : { int_value: source };
  }
  if (value === null) return {};
  if (Array.isArray(value)) return { array_value: { values: value as ValueMessage[] } };
  const entries = Object.entries(value as Record<string, ValueMessage>);
  return { kvlist_value: { values: entries.map(([key, each]) => ({ key, value: each })) } };
}

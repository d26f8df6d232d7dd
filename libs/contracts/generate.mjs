// Generates src/generated/{events,topics}.ts from schemas/. `--check` fails when they are stale.
import { globSync, readFileSync, writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '../..');
const out = join(import.meta.dirname, 'src/generated');
const banner = '// Generated from schemas/ by libs/contracts/generate.mjs. Do not edit.\n';

const named = new Map();
for (const file of globSync('schemas/**/*.avsc', { cwd: root }).sort()) {
  const parsed = JSON.parse(readFileSync(join(root, file), 'utf8'));
  for (const schema of Array.isArray(parsed) ? parsed : [parsed]) collect(schema, schema.namespace, file);
}

function fullName(name, namespace) {
  return name.includes('.') ? name : `${namespace}.${name}`;
}

function collect(schema, namespace, file) {
  if (Array.isArray(schema)) return schema.forEach((branch) => collect(branch, namespace, file));
  if (typeof schema !== 'object') return;
  if (['record', 'enum', 'fixed'].includes(schema.type)) {
    const ns = schema.namespace ?? namespace;
    const name = fullName(schema.name, ns);
    if (named.has(name)) throw new Error(`${file}: ${name} is defined twice`);
    named.set(name, { ...schema, namespace: ns });
    schema.fields?.forEach((field) => collect(field.type, ns, file));
  } else if (typeof schema.type === 'object') collect(schema.type, namespace, file);
  else {
    if (schema.items) collect(schema.items, namespace, file);
    if (schema.values) collect(schema.values, namespace, file);
  }
}

const primitives = {
  null: 'null',
  boolean: 'boolean',
  int: 'number',
  long: 'number',
  float: 'number',
  double: 'number',
  string: 'string',
  bytes: 'Uint8Array',
};

function lookUp(reference, namespace) {
  const name = fullName(reference, namespace);
  if (!named.has(name)) throw new Error(`unknown type ${reference} (looked for ${name})`);
  return named.get(name);
}

function tsType(schema, namespace) {
  if (typeof schema === 'string') return primitives[schema] ?? lookUp(schema, namespace).name;
  if (Array.isArray(schema)) return schema.map((branch) => tsType(branch, namespace)).join(' | ');
  if (schema.type === 'array') return `Array<${tsType(schema.items, namespace)}>`;
  if (schema.type === 'map') return `Record<string, ${tsType(schema.values, namespace)}>`;
  if (schema.name) return schema.name;
  return tsType(schema.type, namespace);
}

const comment = (text, indent = '') => (text ? `${indent}/** ${text} */\n` : '');

function declaration(schema) {
  if (schema.type === 'enum')
    return `${comment(schema.doc)}export type ${schema.name} = ${schema.symbols.map((s) => `'${s}'`).join(' | ')};\n`;
  const fields = schema.fields.map(
    (f) => `${comment(f.doc, '  ')}  ${f.name}${'default' in f ? '?' : ''}: ${tsType(f.type, schema.namespace)};\n`,
  );
  return `${comment(schema.doc)}export interface ${schema.name} {\n${fields.join('')}}\n`;
}

/** The schema with every named type written out at its first use, so that it stands alone in a schema registry. */
function selfContained(schema, namespace, seen) {
  if (typeof schema === 'string')
    return schema in primitives ? schema : selfContained(lookUp(schema, namespace), namespace, seen);
  if (Array.isArray(schema)) return schema.map((branch) => selfContained(branch, namespace, seen));
  if (schema.type === 'array') return { ...schema, items: selfContained(schema.items, namespace, seen) };
  if (schema.type === 'map') return { ...schema, values: selfContained(schema.values, namespace, seen) };
  if (!schema.name)
    return typeof schema.type === 'string' ? schema : { ...schema, type: selfContained(schema.type, namespace, seen) };
  const ns = schema.namespace ?? namespace;
  const name = fullName(schema.name, ns);
  if (seen.has(name)) return name;
  seen.add(name);
  if (schema.type === 'enum') return { ...schema, namespace: ns };
  return {
    ...schema,
    namespace: ns,
    fields: schema.fields.map((f) => ({ ...f, type: selfContained(f.type, ns, seen) })),
  };
}

const catalogue = parse(readFileSync(join(root, 'schemas/topics.yaml'), 'utf8')).topics;
const events = banner + [...named.values()].map(declaration).join('\n');

const used = [...new Set(catalogue.filter((t) => t.schema !== 'none').map((t) => lookUp(t.schema, '').name))].sort();
const topicLines = catalogue.map((t) => {
  const schema =
    t.schema === 'none' ? 'null' : JSON.stringify(JSON.stringify(selfContained(lookUp(t.schema, ''), '', new Set())));
  const type = t.schema === 'none' ? 'Uint8Array' : lookUp(t.schema, '').name;
  return `  /** Key: ${t.key}. Owner: ${t.owner}. */
  ${t.const}: {
    name: '${t.name}', partitions: ${t.partitions}, cleanup: '${t.cleanup}', retentionMs: ${t.retentionMs ?? -1}, owner: '${t.owner}',
    schema: ${schema},
  } as Topic<${type}>,`;
});
const topics = `${banner}import type { Topic } from '../topic.js';
import type { ${used.join(', ')} } from './events.js';

/** The platform's topics, by name in code. */
export const topics = {
${topicLines.join('\n')}
} as const;
`;

let stale = false;
for (const [name, text] of Object.entries({ 'events.ts': events, 'topics.ts': topics })) {
  const path = join(out, name);
  let current = '';
  try {
    current = readFileSync(path, 'utf8');
  } catch {
    /* first generation */
  }
  if (current === text) continue;
  if (process.argv.includes('--check')) {
    console.error(`libs/contracts/src/generated/${name} is stale: run npm run generate`);
    stale = true;
  } else {
    mkdirSync(out, { recursive: true });
    writeFileSync(path, text);
    console.log(`wrote libs/contracts/src/generated/${name}`);
  }
}
process.exit(stale ? 1 : 0);

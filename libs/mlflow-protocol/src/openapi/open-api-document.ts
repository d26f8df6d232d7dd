import { z } from 'zod';
import type { Checked } from '../asked.js';
import type { Route } from './describe-routes.js';

type JsonSchema = Record<string, unknown> & { properties?: Record<string, JsonSchema>; required?: string[] };

const ANSWERS = {
  '200': { description: 'Done', content: { 'application/json': { schema: { type: 'object' } } } },
  '4XX': {
    description: 'Refused; the message says why',
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
  },
};

const ERROR = {
  type: 'object',
  properties: { error_code: { type: 'string' }, message: { type: 'string' } },
};

/** The routes as an OpenAPI 3.1 document. */
export function openApiDocument(title: string, version: string, routes: readonly Route[]) {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    paths[route.path] ??= {};
    paths[route.path]![route.method] ??= operation(route);
  }
  return { openapi: '3.1.0', info: { title, version }, paths, components: { schemas: { Error: ERROR } } };
}

function operation({ method, path, name, checked }: Route) {
  const body = checked.find(({ source }) => source !== 'query');
  return {
    operationId: `${name} ${method} ${path}`,
    tags: [name.split('.')[0]],
    parameters: [...inPath(path), ...checked.filter(({ source }) => source === 'query').flatMap(inQuery)],
    ...(body ? { requestBody: { required: body.source === 'body', content: json(schemaOf(body)) } } : {}),
    responses: ANSWERS,
  };
}

const json = (schema: JsonSchema) => ({ 'application/json': { schema } });

function inPath(path: string) {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

function inQuery(check: Checked) {
  const { properties = {}, required = [] } = schemaOf(check);
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema: shortened(schema),
  }));
}

/** Node takes 16 KiB of address and headers, and a character may be nine bytes of an address (%E0%A0%80). */
const MOST_IN_QUERY = 500;

function shortened(schema: JsonSchema): JsonSchema {
  const { maxLength, items, anyOf } = schema as { maxLength?: number; items?: JsonSchema; anyOf?: JsonSchema[] };
  return {
    ...schema,
    ...(maxLength === undefined ? {} : { maxLength: Math.min(maxLength, MOST_IN_QUERY) }),
    ...(items === undefined ? {} : { items: shortened(items), maxItems: 5 }),
    ...(anyOf === undefined ? {} : { anyOf: anyOf.map(shortened) }),
  };
}

/** What may be sent, before it is read; what JSON Schema cannot say (a refinement, a transformation) is left to the answer. */
function schemaOf({ schema }: Checked): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  return rest;
}

import { RequestMethod, type Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { Checked } from '../asked.js';

export interface Route {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** /api/2.0/mlflow/logged-models/{id} */
  readonly path: string;
  /** RunsController.create */
  readonly name: string;
  /** What checks the request, as far as something does. */
  readonly checked: readonly Checked[];
}

const METHODS: Partial<Record<RequestMethod, Route['method']>> = {
  [RequestMethod.GET]: 'get',
  [RequestMethod.POST]: 'post',
  [RequestMethod.PUT]: 'put',
  [RequestMethod.PATCH]: 'patch',
  [RequestMethod.DELETE]: 'delete',
};

/** What a controller answers, read from its decorators. Paths under ajax-api are MLflow's web page's spelling of others and left out. */
export function describeRoutes(controller: Type): Route[] {
  const bases = pathsOf(controller);
  const { prototype } = controller as { prototype: Record<string, unknown> };
  return Object.getOwnPropertyNames(prototype)
    .map((name) => [name, Object.getOwnPropertyDescriptor(prototype, name)?.value] as const)
    .flatMap(([name, handler]) => (typeof handler === 'function' ? ofHandler(controller, bases, name, handler) : []));
}

function ofHandler(controller: Type, bases: readonly string[], name: string, handler: object): Route[] {
  const method = METHODS[Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod];
  if (method === undefined) return [];
  const checked = checksOf(controller, name);
  return bases
    .flatMap((base) => pathsOf(handler).map((path) => join(base, path)))
    .filter((path) => !path.startsWith('/ajax-api/'))
    .map((path) => ({ method, path, name: `${controller.name}.${name}`, checked }));
}

function pathsOf(target: object): string[] {
  const paths = Reflect.getMetadata(PATH_METADATA, target) as string | string[] | undefined;
  return Array.isArray(paths) ? paths : [paths ?? ''];
}

/** Express's `:id` and `*path` as OpenAPI's `{id}` and `{path}`. */
function join(base: string, path: string): string {
  const segments = `${base}/${path}`.split('/').filter((segment) => segment !== '');
  return `/${segments.map((segment) => segment.replace(/^[:*](.+)$/, '{$1}')).join('/')}`;
}

function checksOf(controller: Type, name: string): Checked[] {
  const parameters = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, name) ?? {}) as Record<
    string,
    { pipes?: unknown[] }
  >;
  return Object.values(parameters).flatMap(({ pipes = [] }) => pipes.filter((pipe) => pipe instanceof Checked));
}

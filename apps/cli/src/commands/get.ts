import type { GatewayClient } from '../gateway/gateway-client.js';
import { document, type Format } from '../output/document.js';
import { table } from '../output/table.js';
import { resources, type Resource } from './resources.js';

/** The text that `headrace get` prints. @throws NotFound when a name is given that no item has */
export async function getText(
  gateway: GatewayClient,
  kind: string,
  name: string | undefined,
  format: Format,
  now: number,
): Promise<string> {
  const resource = resources[kind]!;
  const items = await itemsOf(resource, gateway, name);
  if (name !== undefined && items.length === 0) throw new NotFound(kind, name);
  if (format !== 'table') return document(name === undefined ? items : items[0], format);
  if (items.length === 0) return `no ${kind}`;
  return table(
    resource.header,
    items.map((item) => resource.row(item, now)),
  );
}

async function itemsOf(resource: Resource, gateway: GatewayClient, name: string | undefined): Promise<unknown[]> {
  if (name !== undefined && resource.one) return [await resource.one(gateway, name)];
  const all = await resource.list(gateway);
  return name === undefined ? all : all.filter((item) => resource.nameOf(item) === name);
}

export class NotFound extends Error {
  constructor(kind: string, name: string) {
    super(`there is no ${kind.replace(/s$/, '')} named ${name}: \`headrace get ${kind}\` lists them`);
    this.name = 'NotFound';
  }
}

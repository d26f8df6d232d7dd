import type { GatewayClient } from '../gateway/gateway-client.js';
import { document, type Format } from '../output/document.js';
import { table } from '../output/table.js';
import { resources } from './resources.js';

/** The text that `headrace get` prints. @throws NotFound when a name is given that no item has */
export async function getText(
  gateway: GatewayClient,
  kind: string,
  name: string | undefined,
  format: Format,
  now: number,
): Promise<string> {
  const resource = resources[kind]!;
  const all = await resource.list(gateway);
  const items = name === undefined ? all : all.filter((item) => resource.nameOf(item) === name);
  if (name !== undefined && items.length === 0) throw new NotFound(kind, name);
  if (format !== 'table') return document(name === undefined ? items : items[0], format);
  if (items.length === 0) return `no ${kind}`;
  return table(
    resource.header,
    items.map((item) => resource.row(item, now)),
  );
}

export class NotFound extends Error {
  constructor(kind: string, name: string) {
    super(`there is no ${kind.replace(/s$/, '')} named ${name}: \`headrace get ${kind}\` lists them`);
    this.name = 'NotFound';
  }
}

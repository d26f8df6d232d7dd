import { applyDeployment, readManifests, type GatewayClient } from '@headrace/cli';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Applies every YAML file of the folder, as `headrace apply -f` would; what is already so stays so. */
export async function applyDeployments(
  gateway: GatewayClient,
  folder: string,
  say: (line: string) => void,
): Promise<void> {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort();
  for (const manifest of files.flatMap((file) => readManifests(join(folder, file)))) {
    for (const line of await applyDeployment(gateway, manifest)) say(line);
  }
}

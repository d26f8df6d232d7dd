import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { repositoryRoot } from './repository-root.js';

export interface ComposeService {
  image: string;
  build?: { context: string; dockerfile: string };
  command?: string[];
  depends_on?: Record<string, { condition: string }>;
  environment?: Record<string, string>;
  healthcheck?: { test: string[] };
  ports?: string[];
  restart?: string;
  volumes?: string[];
}

export interface ComposeFile {
  services: Record<string, ComposeService>;
  volumes: Record<string, unknown>;
}

/** The compose file with anchors merged and `${VAR:-default}` replaced by the default, as on a machine that sets nothing. */
export function readComposeFile(): ComposeFile {
  const text = readFileSync(join(repositoryRoot, 'docker-compose.yml'), 'utf8');
  return parse(interpolate(text), { merge: true }) as ComposeFile;
}

/** Innermost first, because a default may contain a variable itself. */
function interpolate(text: string): string {
  const replaced = text.replace(/\$\{\w+:-([^${}]*)\}/g, '$1');
  return replaced === text ? text : interpolate(replaced);
}

import { repositoryRoot } from '@headrace/dev';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The ```sh blocks of README.md below a heading, up to the next heading of its level or above, in order. @throws Error when there are none */
export function readmeCommands(heading: string): string[] {
  const lines = readFileSync(join(repositoryRoot, 'README.md'), 'utf8').split('\n');
  const start = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, '') === heading);
  const level = lines[start]?.indexOf(' ') ?? 0;
  const blocks: string[] = [];
  let block: string[] | null = null;
  for (const line of start < 0 ? [] : lines.slice(start + 1)) {
    if (block && line === '```') {
      blocks.push(block.join('\n'));
      block = null;
    } else if (block) block.push(line);
    else if (line === '```sh') block = [];
    else if (/^#+ /.test(line) && line.indexOf(' ') <= level) break;
  }
  if (blocks.length === 0) throw new Error(`README.md has no commands under "${heading}"`);
  return blocks;
}

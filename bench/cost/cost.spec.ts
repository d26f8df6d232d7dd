import { describe, expect, it } from '@jest/globals';

const { sumOf } = (await import('./metrics-text.mjs' as string)) as {
  sumOf(text: string, name: string, accept?: (labels: string) => boolean): number;
};
const { nameOf, processTree } = (await import('./process-tree.mjs' as string)) as {
  nameOf(command: string[]): string;
  processTree(root: number): { pid: number; rssBytes: number; pssBytes: number | null }[];
};

describe('sumOf', () => {
  const text = '# TYPE a counter\na{t="x"} 2\na{t="y"} 3\na_total 7\nb 1\n';

  it('adds the samples of one metric, not of those whose name begins alike', () => expect(sumOf(text, 'a')).toBe(5));
  it('can leave out labels', () => expect(sumOf(text, 'a', (labels) => labels !== 't="x"')).toBe(3));
  it('is 0 for a metric that is not there', () => expect(sumOf(text, 'c')).toBe(0));
});

describe('nameOf', () => {
  it.each([
    [['/x/node', '/r/services/drift/dist/main.js'], 'drift'],
    [['/x/node', '/r/apps/cli/dist/supervisor/main.js'], 'supervisor'],
    [['java', '-Xmx1g', '-cp', '/jars/*', 'kafka.Kafka', 'server.properties'], 'kafka'],
    [['postgres: checkpointer '], 'postgres'],
    [['/bin/sh', '-c', 'x'], 'sh'],
    [[], '(ended)'],
  ])('%j is %s', (command, name) => expect(nameOf(command)).toBe(name));
});

(process.platform === 'linux' ? it : it.skip)(
  'processTree begins with the process itself and knows its memory (Linux)',
  () => {
    const [own] = processTree(process.pid);
    expect(own).toMatchObject({ pid: process.pid });
    expect(own!.rssBytes).toBeGreaterThan(10_000_000);
    expect(own!.pssBytes).toBeGreaterThan(0);
  },
);

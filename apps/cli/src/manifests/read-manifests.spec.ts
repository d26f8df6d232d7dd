import { describe, expect, it } from '@jest/globals';
import { ManifestError, parseManifests } from './read-manifests.js';

const manifest = (name: string) =>
  `apiVersion: headrace.dev/v1\nkind: Deployment\nmetadata:\n  name: ${name}\nspec:\n  model:\n    name: m\n`;

function faultsOf(text: string): readonly string[] {
  try {
    parseManifests(text, 'd.yaml');
  } catch (error) {
    if (error instanceof ManifestError) return error.faults;
    throw error;
  }
  return [];
}

describe('parseManifests', () => {
  it('reads every document of a file, and leaves empty ones out', () => {
    const names = parseManifests(`${manifest('a')}---\n---\n${manifest('b')}`, 'd.yaml').map(
      ({ metadata }) => metadata.name,
    );
    expect(names).toEqual(['a', 'b']);
  });

  it('reads JSON, which is YAML', () => {
    const [one] = parseManifests(JSON.stringify(parseManifests(manifest('a'), 'd.yaml')[0]), 'd.json');
    expect(one!.metadata.name).toBe('a');
  });

  it('lists the faults of all documents with their places', () => {
    expect(faultsOf(`${manifest('a').replace('/v1', '/v9')}---\nkind: Pod\n`)).toEqual([
      'd.yaml, document 1: apiVersion: expected headrace.dev/v1',
      'd.yaml, document 2: apiVersion: expected headrace.dev/v1',
      'd.yaml, document 2: kind: expected Deployment',
      'd.yaml, document 2: metadata.name: expected a name',
      'd.yaml, document 2: spec: expected a mapping',
    ]);
  });

  it('says where the YAML itself is wrong', () => {
    expect(faultsOf('a: [1, 2')[0]).toMatch(/^d\.yaml: .*line 1/);
  });

  it('refuses a file without a document', () => {
    expect(faultsOf('# nothing\n')).toEqual(['d.yaml: holds no document']);
  });
});

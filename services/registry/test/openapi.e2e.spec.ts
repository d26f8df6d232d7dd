import { longRunning, needing, testPython } from '@headrace/dev';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { RegistryWorld } from './registry-world.js';

const world = new RegistryWorld();
beforeAll(() => world.start(), 120_000);
afterAll(() => world.stop());

/** What schemathesis makes of a service's own description: whatever it sends, valid or not, is never answered 5xx. `coverage` is about 50 requests an operation. */
async function fuzzed(service: string, phases: string, examples: number): Promise<string> {
  const args = [
    ...['-m', 'schemathesis.cli', '--no-color', 'run', `${world.urlOf(service)}/openapi.json`],
    ...['--url', world.urlOf(service), '--checks', 'not_a_server_error', '--max-examples', String(examples)],
    ...['--phases', phases, '--continue-on-failure', '--generation-database', 'none'],
    // With a folder as the store these answer 501: MLflow's client knows by it that it must send the file through the proxy.
    ...['--exclude-path-regex', 'mlflow-artifacts/(mpu|presigned)'],
    ...['--suppress-health-check', 'all', '--warnings', 'off', '--request-timeout', '30'],
  ];
  const child = spawn(testPython(), args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (said += text.toString()));
  const code = await new Promise((resolve) => child.once('close', resolve));
  return code === 0 ? 'no 5xx' : said.slice(-6000);
}

describe.each(['tracking', 'registry'])('the OpenAPI document of %s', (service) => {
  it('describes each of its paths, and what their requests are checked by', async () => {
    const answer = await fetch(`${world.urlOf(service)}/openapi.json`);
    const document = (await answer.json()) as { openapi: string; paths: Record<string, Record<string, any>> };
    expect(document.openapi).toBe('3.1.0');
    const [path, property] = {
      tracking: ['/api/2.0/mlflow/runs/log-batch', 'metrics'],
      registry: ['/api/2.0/mlflow/model-versions/create', 'source'],
    }[service]!;
    const { schema } = document.paths[path!]!.post.requestBody.content['application/json'];
    expect(Object.keys(schema.properties)).toContain(property);
    expect(Object.keys(document.paths).length).toBeGreaterThan(20);
  });

  needing(it, 'python')(
    'is fuzzed without a 5xx',
    async () => {
      expect(await fuzzed(service, 'fuzzing', 5)).toBe('no 5xx');
    },
    300_000,
  );

  longRunning(it)(
    'is fuzzed for long without a 5xx',
    async () => {
      expect(await fuzzed(service, 'coverage,fuzzing', 200)).toBe('no 5xx');
    },
    3_600_000,
  );
});

import { repositoryRoot, testPython, waitFor } from '@headrace/dev';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { delimiter, dirname } from 'node:path';
import type { TestHome } from './test-home.js';

const commandMs = 120_000;
const venv = '.headrace/python';

/** Runs the README's commands as they stand, in the root of the checkout, with the addresses of a platform on other ports. */
export class ReadmeShell {
  constructor(private readonly home: TestHome) {}

  /** What the commands printed. @throws Error with all their output when one of them, or a part of a pipe, fails */
  async run(block: string): Promise<string> {
    const shell = spawn('bash', ['-euo', 'pipefail', '-c', this.#here(block)], {
      cwd: repositoryRoot,
      env: this.#env(),
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: what hangs is ended with all its pipes.
      detached: true,
    });
    const output: [out: string, all: string] = ['', ''];
    shell.stdout.on('data', (chunk: Buffer) => ((output[0] += chunk.toString()), (output[1] += chunk.toString())));
    shell.stderr.on('data', (chunk: Buffer) => (output[1] += chunk.toString()));
    const timer = setTimeout(() => process.kill(-shell.pid!, 'SIGKILL'), commandMs);
    const [code, signal] = (await once(shell, 'close')) as [number | null, NodeJS.Signals | null];
    clearTimeout(timer);
    if (code !== 0) throw new Error(`${signal ?? `exit code ${code}`} of\n${block}\nwhich wrote\n${output[1]}`);
    return output[0];
  }

  /** For commands that read what may be on its way still: runs them until they succeed and have printed `expected`. */
  async runUntil(block: string, expected: string): Promise<string> {
    const attempt = async () => {
      const printed = await this.run(block);
      if (printed.includes(expected)) return printed;
      throw new Error(`${block}\nprinted ${JSON.stringify(printed.slice(-2000))}`);
    };
    return waitFor(attempt, { what: `${JSON.stringify(expected)} to be read`, timeoutMs: 60_000, pollMs: 500 });
  }

  /** Addresses apart, only the environment for Python is another: the tests' own has the packages already. */
  #here(block: string): string {
    const text = block.replaceAll('127.0.0.1:9092', this.home.brokers);
    if (!text.includes(venv)) return text;
    return text.replace(`python3 -m venv ${venv}\n`, '').replaceAll(`${venv}/`, `${dirname(dirname(testPython()))}/`);
  }

  #env(): NodeJS.ProcessEnv {
    const gateway = this.home.url('gateway');
    return {
      ...this.home.env,
      PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
      HEADRACE_GATEWAY_URL: gateway,
      SCHEMA_REGISTRY_URL: gateway,
      KAFKA_BROKERS: this.home.brokers,
      // pip finds what is installed and fetches nothing: a version that scripts/python-requirements.txt lacks is an error.
      PIP_NO_INDEX: '1',
    };
  }
}

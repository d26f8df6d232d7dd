import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A process to scrape: the label it gets, and its base URL. */
export interface ScrapeTarget {
  service: string;
  /** http://host:port; /metrics below it is read. */
  url: string;
}

/** One series of an answer: its labels and [time, value] pairs. */
export interface Series {
  metric: Record<string, string>;
  values: [number, string][];
}

export type Answer = { series: Series[] } | { invalid: string };

/** A real Prometheus on a free port, with its data in a temporary folder, scraping once a second. */
export class LocalPrometheus {
  // Fields written out, not parameter properties: Node runs this file by stripping its types (run-typescript.mjs).
  readonly url: string;
  private readonly child: ChildProcess;
  private readonly folder: string;
  private readonly output: string[];

  private constructor(url: string, child: ChildProcess, folder: string, output: string[]) {
    this.url = url;
    this.child = child;
    this.folder = folder;
    this.output = output;
  }

  /** Resolves when it is ready; rejects with its output when it ends before, or after startTimeoutMs. */
  static async start(
    binary: string,
    targets: readonly ScrapeTarget[],
    startTimeoutMs = 30_000,
  ): Promise<LocalPrometheus> {
    const folder = await mkdtemp(join(tmpdir(), 'headrace-prometheus-'));
    await writeFile(join(folder, 'prometheus.yml'), scrapeConfig(targets));
    const address = `127.0.0.1:${await freePort()}`;
    const child = spawn(
      binary,
      [
        `--config.file=${folder}/prometheus.yml`,
        `--storage.tsdb.path=${folder}/data`,
        `--web.listen-address=${address}`,
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const output: string[] = [];
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (bytes: Buffer) => output.push(bytes.toString()));
    const prometheus = new LocalPrometheus(`http://${address}`, child, folder, output);
    try {
      await once(child, 'spawn'); // rejects when there is no such program
      await prometheus.untilReady(Date.now() + startTimeoutMs);
    } catch (error) {
      await prometheus.stop();
      throw error;
    }
    return prometheus;
  }

  /** Samples of the last `seconds`, one a second. */
  async queryRange(expr: string, seconds: number): Promise<Answer> {
    const end = Date.now() / 1000;
    const parameters = { query: expr, start: `${end - seconds}`, end: `${end}`, step: '1' };
    const body = await this.get('/api/v1/query_range', parameters);
    if (body.status === 'error') return { invalid: body.error ?? 'no reason given' };
    return { series: (body.data as { result: Series[] }).result };
  }

  async labelValues(label: string, selector?: string): Promise<string[]> {
    const body = await this.get(`/api/v1/label/${label}/values`, selector ? { 'match[]': selector } : {});
    return (body.data ?? []) as string[];
  }

  /** Waits until every target has been scraped once, whether or not it answered; returns the services that did not. */
  async firstScrapes(timeoutMs = 30_000): Promise<string[]> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const { activeTargets } = (await this.get('/api/v1/targets', {})).data as { activeTargets: Target[] };
      const settled = activeTargets.length > 0 && activeTargets.every(({ health }) => health !== 'unknown');
      if (settled || Date.now() > deadline) {
        return activeTargets.filter(({ health }) => health !== 'up').map(({ labels }) => labels.service);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async stop(): Promise<void> {
    if (this.child.pid !== undefined && this.child.exitCode === null && this.child.signalCode === null) {
      const ended = once(this.child, 'exit');
      this.child.kill('SIGTERM');
      await ended;
    }
    await rm(this.folder, { recursive: true, force: true });
  }

  private async get(path: string, parameters: Record<string, string>): Promise<PrometheusBody> {
    const response = await fetch(`${this.url}${path}?${new URLSearchParams(parameters).toString()}`);
    return (await response.json()) as PrometheusBody;
  }

  private async untilReady(deadline: number): Promise<void> {
    while (Date.now() < deadline) {
      if (this.child.exitCode !== null) break;
      const ready = await fetch(`${this.url}/-/ready`).then(
        (response) => response.ok,
        () => false,
      );
      if (ready) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`prometheus did not become ready:\n${this.output.join('')}`);
  }
}

interface Target {
  health: 'up' | 'down' | 'unknown';
  labels: { service: string };
}

interface PrometheusBody {
  status: 'success' | 'error';
  error?: string;
  data?: unknown;
}

/** The labels are those of deploy/prometheus/prometheus.yml. JSON is YAML. */
function scrapeConfig(targets: readonly ScrapeTarget[]): string {
  const job = {
    job_name: 'headrace',
    static_configs: targets.map(({ service, url }) => ({ targets: [new URL(url).host], labels: { service } })),
  };
  return JSON.stringify({ global: { scrape_interval: '1s', scrape_timeout: '1s' }, scrape_configs: [job] });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

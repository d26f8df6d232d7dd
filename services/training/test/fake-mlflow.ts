import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Run {
  info: { run_id: string; artifact_uri: string; status: string; experiment_id: string };
  params: Map<string, string>;
  metrics: Map<string, number>;
  tags: Map<string, string>;
  datasets: Map<string, unknown>;
}

interface Version {
  name: string;
  version: string;
  source: string;
  run_id: string;
  tags: Pair[];
}

type Pair = { key: string; value: string };
type Body = Record<string, any>;

/** The part of MLflow's REST API that training calls, in memory, with MLflow's error codes. Its own state is the test's window. */
export class FakeMlflow {
  readonly experiments = new Map<string, string>();
  readonly runs: Run[] = [];
  readonly models = new Set<string>();
  readonly versions: Version[] = [];
  readonly artifacts = new Map<string, Buffer>();
  /** A route whose effect happens and whose answer never comes: where a caller that is killed cannot know. */
  silentRoute: string | undefined;
  private server: Server | undefined;

  private readonly routes: Readonly<Record<string, (body: Body) => object>> = {
    'GET experiments/get-by-name': ({ experiment_name }) => {
      const id = this.experiments.get(experiment_name as string);
      return id ? { experiment: { experiment_id: id } } : refuse(404, 'RESOURCE_DOES_NOT_EXIST');
    },
    'POST experiments/create': ({ name }) => {
      if (this.experiments.has(name as string)) refuse(400, 'RESOURCE_ALREADY_EXISTS');
      this.experiments.set(name as string, String(this.experiments.size + 1));
      return { experiment_id: String(this.experiments.size) };
    },
    'POST runs/search': ({ filter }) => {
      const jobId = /^tags\.`headrace\.job_id` = '([^']*)'$/.exec(filter as string)?.[1];
      return {
        runs: this.runs.filter((run) => run.tags.get('headrace.job_id') === jobId).map(({ info }) => ({ info })),
      };
    },
    'POST runs/create': ({ experiment_id, tags }) => {
      const run_id = `run${this.runs.length + 1}`;
      const artifact_uri = `mlflow-artifacts:/${experiment_id}/${run_id}/artifacts`;
      const info = { run_id, artifact_uri, status: 'RUNNING', experiment_id: experiment_id as string };
      this.runs.push({ info, params: new Map(), metrics: new Map(), tags: pairs(tags), datasets: new Map() });
      return { run: { info } };
    },
    'POST runs/log-batch': ({ run_id, params, metrics, tags }) => {
      const run = this.run(run_id);
      for (const [key, value] of pairs(params)) {
        if ((run.params.get(key) ?? value) !== value) refuse(400, 'INVALID_PARAMETER_VALUE');
        run.params.set(key, value);
      }
      for (const { key, value } of metrics ?? []) run.metrics.set(key, value);
      for (const [key, value] of pairs(tags)) run.tags.set(key, value);
      return {};
    },
    'POST runs/log-inputs': ({ run_id, datasets }) => {
      for (const { dataset } of datasets) this.run(run_id).datasets.set(`${dataset.name} ${dataset.digest}`, dataset);
      return {};
    },
    'POST runs/update': ({ run_id, status }) => {
      this.run(run_id).info.status = status;
      return {};
    },
    'POST registered-models/create': ({ name }) => {
      if (this.models.has(name)) refuse(400, 'RESOURCE_ALREADY_EXISTS');
      this.models.add(name);
      return { registered_model: { name } };
    },
    'GET model-versions/search': ({ filter }) => {
      const [, name, runId] = /^name = '([^']*)' AND run_id = '([^']*)'$/.exec(filter) ?? [];
      return { model_versions: this.versions.filter((each) => each.name === name && each.run_id === runId) };
    },
    'POST model-versions/create': ({ name, source, run_id, tags }) => {
      const version = String(this.versions.filter((each) => each.name === name).length + 1);
      this.versions.push({ name, version, source, run_id, tags });
      return { model_version: { name, version } };
    },
  };

  /** @returns the base URL */
  async start(): Promise<string> {
    this.server = createServer((request, response) => {
      this.answer(request).then(
        (body) => response.setHeader('content-type', 'application/json').end(JSON.stringify(body)),
        (error: { status?: number; error_code?: string }) => {
          response.statusCode = error.status ?? 500;
          response.end(JSON.stringify({ error_code: error.error_code ?? 'INTERNAL_ERROR', message: String(error) }));
        },
      );
    });
    await new Promise<void>((resolve) => this.server!.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve) ?? resolve(undefined));
  }

  private async answer(request: IncomingMessage): Promise<object> {
    const url = new URL(request.url!, 'http://fake');
    const body = Buffer.concat(await request.toArray());
    const artifact = /^\/api\/2\.0\/mlflow-artifacts\/artifacts\/(.*)$/.exec(url.pathname)?.[1];
    if (artifact !== undefined) {
      this.artifacts.set(artifact, body);
      return {};
    }
    const name = `${request.method} ${url.pathname.replace('/api/2.0/mlflow/', '')}`;
    const route = this.routes[name];
    if (!route) return refuse(404, 'ENDPOINT_NOT_FOUND');
    const silent = name === this.silentRoute;
    const input =
      request.method === 'GET' ? Object.fromEntries(url.searchParams) : (JSON.parse(body.toString()) as Body);
    const answer = route(input);
    return silent ? new Promise(() => {}) : answer;
  }

  private run(runId: string): Run {
    return this.runs.find((run) => run.info.run_id === runId) ?? refuse(404, 'RESOURCE_DOES_NOT_EXIST');
  }
}

function pairs(list: Pair[] | undefined): Map<string, string> {
  return new Map((list ?? []).map(({ key, value }) => [key, value]));
}

function refuse(status: number, error_code: string): never {
  throw Object.assign(new Error(error_code), { status, error_code });
}

import type { GatewayClient } from '../gateway/gateway-client.js';
import type {
  ArtifactFile,
  Experiment,
  LoggedModel,
  Metric,
  ModelVersion,
  RegisteredModel,
  Run,
} from './mlflow-messages.js';

const API = '/api/2.0/mlflow';
const PAGE = 500;
const POINTS = 20_000;
/** Prompts are registered models that searches leave out unless they are asked for. */
const PROMPTS = "tags.`mlflow.prompt.is_prompt` = 'true'";

/** Whose files are meant. */
export type ArtifactOwner = { readonly runId: string } | { readonly modelId: string };

interface Listing {
  readonly files?: ReadonlyArray<{
    readonly path: string;
    readonly is_dir?: boolean;
    readonly file_size?: number | string;
  }>;
  readonly next_page_token?: string;
}

/** What an MLflow server holds, page by page, nothing kept. Only what is not deleted. */
export class MlflowServer {
  constructor(private readonly client: GatewayClient) {}

  async *experiments(): AsyncGenerator<Experiment> {
    yield* this.pages('experiments/search', { max_results: PAGE, view_type: 'ACTIVE_ONLY' }, 'experiments');
  }

  async *runs(experimentId: string, filter?: string): AsyncGenerator<Run> {
    const asked = { experiment_ids: [experimentId], run_view_type: 'ACTIVE_ONLY', max_results: PAGE, filter };
    yield* this.pages('runs/search', asked, 'runs');
  }

  async *loggedModels(experimentId: string): AsyncGenerator<LoggedModel> {
    yield* this.pages('logged-models/search', { experiment_ids: [experimentId], max_results: 50 }, 'models');
  }

  async *history(runId: string, key: string): AsyncGenerator<Metric[]> {
    let token: string | undefined;
    do {
      const query = search({ run_id: runId, metric_key: key, max_results: String(POINTS), page_token: token });
      const page = await this.client.get<{ metrics?: Metric[]; next_page_token?: string }>(
        `${API}/metrics/get-history?${query}`,
      );
      yield page.metrics ?? [];
      token = page.next_page_token || undefined;
    } while (token !== undefined);
  }

  async *registeredModels(): AsyncGenerator<RegisteredModel> {
    const seen = new Set<string>();
    for (const filter of [undefined, PROMPTS]) {
      const asked = { filter, max_results: '100' };
      for await (const model of this.queried<RegisteredModel>('registered-models/search', asked, 'registered_models')) {
        if (!seen.has(model.name)) yield model;
        seen.add(model.name);
      }
    }
  }

  /** In the order in which they were made, so that a copy comes after its original. */
  async versions(models: readonly RegisteredModel[]): Promise<ModelVersion[]> {
    const found = new Map<string, ModelVersion>();
    for (const { name, tags = [] } of models) {
      const quote = name.includes("'") ? '"' : "'";
      const isPrompt = tags.some(({ key }) => key === 'mlflow.prompt.is_prompt');
      const filter = `name = ${quote}${name}${quote}${isPrompt ? ` and ${PROMPTS}` : ''}`;
      const asked = { filter, max_results: '1000' };
      for await (const version of this.queried<ModelVersion>('model-versions/search', asked, 'model_versions'))
        found.set(`${version.name}/${version.version}`, version);
    }
    const age = (version: ModelVersion) => Number(version.creation_timestamp);
    return [...found.values()].sort((a, b) => age(a) - age(b) || Number(a.version) - Number(b.version));
  }

  async run(runId: string): Promise<Run> {
    return (await this.client.get<{ run: Run }>(`${API}/runs/get?${search({ run_id: runId })}`)).run;
  }

  async loggedModel(modelId: string): Promise<LoggedModel> {
    return (await this.client.get<{ model: LoggedModel }>(`${API}/logged-models/${encodeURIComponent(modelId)}`)).model;
  }

  /** All files below the owner's root, however its store is reached: the server reads it. */
  async *files(owner: ArtifactOwner, folder = ''): AsyncGenerator<ArtifactFile> {
    let token: string | undefined;
    do {
      const page = await this.client.get<Listing>(listPath(owner, folder, token));
      for (const { path, is_dir, file_size } of page.files ?? []) {
        if (is_dir) yield* this.files(owner, path);
        else yield { path, sizeBytes: Number(file_size ?? 0) };
      }
      token = page.next_page_token || undefined;
    } while (token !== undefined);
  }

  open(owner: ArtifactOwner, path: string): Promise<ReadableStream<Uint8Array>> {
    if ('runId' in owner) return this.client.open(`/get-artifact?${search({ run_uuid: owner.runId, path })}`);
    const id = encodeURIComponent(owner.modelId);
    const query = search({ artifact_file_path: path });
    return this.client.open(`/ajax-api/2.0/mlflow/logged-models/${id}/artifacts/files?${query}`);
  }

  private async *pages<T>(path: string, asked: object, field: string): AsyncGenerator<T> {
    yield* follow((page_token) => this.client.post<Page>(`${API}/${path}`, { ...asked, page_token }), field);
  }

  private async *queried<T>(
    path: string,
    asked: Readonly<Record<string, string | undefined>>,
    field: string,
  ): AsyncGenerator<T> {
    yield* follow((page_token) => this.client.get<Page>(`${API}/${path}?${search({ ...asked, page_token })}`), field);
  }
}

type Page = Readonly<Record<string, unknown>> & { readonly next_page_token?: string };

async function* follow<T>(fetchPage: (token?: string) => Promise<Page>, field: string): AsyncGenerator<T> {
  let token: string | undefined;
  do {
    const page = await fetchPage(token);
    yield* (page[field] as T[] | undefined) ?? [];
    token = page.next_page_token || undefined;
  } while (token !== undefined);
}

function listPath(owner: ArtifactOwner, folder: string, page_token?: string): string {
  const path = folder || undefined;
  if ('runId' in owner) return `${API}/artifacts/list?${search({ run_id: owner.runId, path, page_token })}`;
  const query = search({ artifact_directory_path: path, page_token });
  return `${API}/logged-models/${encodeURIComponent(owner.modelId)}/artifacts/directories?${query}`;
}

function search(fields: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return new URLSearchParams(given).toString();
}

import { invalidParameter } from '@headrace/mlflow-protocol';
import { Inject, Injectable } from '@nestjs/common';
import { ModelArtifacts, type ArtifactOwner, type ModelArtifact } from '../artifacts/model-artifacts.js';
import type { Signature } from '../artifacts/signature.js';
import type { ModelVersion } from './load-versions.js';
import type { CreateVersion } from './model-messages.js';
import { isPrompt, PROMPT_SOURCES } from './prompts.js';
import { liesWithin, notOwned, readSource, type Source } from './source.js';

/** Where a new version's files come from, checked. */
export interface VersionSource {
  readonly source: string;
  readonly runId: string | null;
  readonly modelId: string | null;
  /** Of a copy, its original's. */
  readonly downloadUri: string;
  /** The ONNX file; null for a version that cannot be deployed. */
  readonly artifact: ModelArtifact | null;
}

/** How a source that names another version is looked up. */
export interface VersionLookup {
  byNumber(name: string, version: string): Promise<ModelVersion>;
  byAlias(name: string, alias: string): Promise<ModelVersion>;
}

type Asked = Pick<CreateVersion, 'source' | 'run_id' | 'model_id' | 'tags'>;

/** Finds out what a version's source stands for, and that who names it owns it (MLflow 3.17's rules). */
@Injectable()
export class VersionSources {
  constructor(@Inject(ModelArtifacts) private readonly artifacts: ModelArtifacts) {}

  /** @throws MlflowError INVALID_PARAMETER_VALUE for a source that is not allowed, HeadraceError UNAVAILABLE when tracking cannot be asked */
  async resolve(asked: Asked, versions: VersionLookup): Promise<VersionSource> {
    if (isPrompt(asked.tags)) return ofPrompt(asked);
    const source = readSource(asked.source);
    if (source.kind === 'version') return this.copy(asked, source, versions);
    if (source.kind === 'artifacts') return this.stored(asked, source.uri);
    if (source.kind === 'run') return this.ofRun(asked, source);
    if (source.kind === 'logged-model') return this.ofModel(asked, source.modelId);
    return { ...named(asked), downloadUri: asked.source, artifact: null };
  }

  private async ofRun(asked: Asked, { runId, path }: Source & { kind: 'run' }): Promise<VersionSource> {
    if (asked.model_id !== undefined) throw notOwned(asked.source, 'model_id');
    if (asked.run_id !== runId) throw notOwned(asked.source, 'run_id');
    const owned = await this.artifacts.owned({ runId });
    const artifact = owned && (await this.onnxAt(below(owned.root, path)));
    return { ...named(asked), downloadUri: asked.source, artifact: artifact ?? null };
  }

  private async ofModel(asked: Asked, modelId: string): Promise<VersionSource> {
    if (asked.model_id !== modelId) throw notOwned(asked.source, 'model_id');
    const owned = await this.artifacts.owned({ modelId });
    if (!owned) throw invalidParameter(`Unable to fetch model from model URI source '${asked.source}': not found`);
    const runId = asked.run_id ?? owned.runId ?? null;
    const artifact = (await this.onnxAt(owned.root)) ?? null;
    return { ...named(asked), runId, downloadUri: owned.root, artifact };
  }

  private async stored(asked: Asked, uri: string): Promise<VersionSource> {
    const owner: ArtifactOwner | undefined =
      asked.model_id !== undefined
        ? { modelId: asked.model_id }
        : asked.run_id === undefined
          ? undefined
          : { runId: asked.run_id };
    const owned = owner && (await this.artifacts.owned(owner));
    if (!owned || !liesWithin(uri, owned.root))
      throw notOwned(asked.source, asked.model_id === undefined ? 'run_id' : 'model_id');
    const runId = asked.run_id ?? owned.runId ?? null;
    return { ...named(asked), runId, downloadUri: uri, artifact: (await this.onnxAt(uri)) ?? null };
  }

  /** A copy is its original's equal: same files, same run. */
  private async copy(
    asked: Asked,
    { name, suffix, isAlias }: Source & { kind: 'version' },
    versions: VersionLookup,
  ): Promise<VersionSource> {
    const original = await (isAlias || !/^\d+$/.test(suffix)
      ? versions.byAlias(name, suffix)
      : versions.byNumber(name, suffix));
    const differs = (given: string | undefined, its: string | null) => given !== undefined && given !== (its ?? '');
    if (differs(asked.run_id, original.run_id) || differs(asked.model_id, original.model_id)) {
      throw invalidParameter(
        `Invalid model version source: '${asked.source}'. The run_id and model_id request parameters must match the referenced model version.`,
      );
    }
    const { artifact_uri: uri, sha256 } = original;
    const signature = original.signature === null ? null : (JSON.parse(original.signature) as Signature);
    return {
      source: `models:/${name}/${original.version}`,
      runId: original.run_id,
      modelId: original.model_id,
      downloadUri: original.download_uri,
      artifact: uri === null || sha256 === null ? null : { uri, sha256, signature },
    };
  }

  private async onnxAt(uri: string): Promise<ModelArtifact | undefined> {
    return uri.startsWith('mlflow-artifacts:') ? this.artifacts.findOnnx(uri) : undefined;
  }
}

function ofPrompt(asked: Asked): VersionSource {
  if (PROMPT_SOURCES.includes(asked.source)) return { ...named(asked), downloadUri: asked.source, artifact: null };
  throw invalidParameter(`Invalid prompt source: '${asked.source}'. Prompt sources must use an MLflow placeholder.`);
}

const named = ({ source, run_id, model_id }: Asked) => ({
  source,
  runId: run_id ?? null,
  modelId: model_id ?? null,
});

const below = (root: string, path: string): string => (path === '' ? root : `${root.replace(/\/+$/, '')}/${path}`);

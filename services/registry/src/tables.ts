import type { Database } from '@headrace/persistence';
import type { Generated, Kysely, Selectable, Transaction } from 'kysely';

interface RegisteredModelTable {
  name: string;
  description: string;
  next_version: Generated<number>;
  creation_timestamp: number;
  last_updated_timestamp: number;
}

interface ModelVersionTable {
  name: string;
  version: number;
  source: string;
  artifact_uri: string;
  sha256: string;
  run_id: string | null;
  run_link: string;
  description: string;
  user_id: string;
  creation_timestamp: number;
  last_updated_timestamp: number;
}

interface AliasTable {
  name: string;
  alias: string;
  version: number;
}

interface DeploymentTable {
  name: string;
  deleted: boolean;
  generation: number;
  model_name: string;
  spec: string;
  model: string | null;
  previous_version: number | null;
  cause: string;
  changed_at: number;
}

interface GenerationTable {
  name: string;
  generation: number;
  spec: string | null;
  model: string | null;
  previous_version: number | null;
  cause: string;
  changed_at: number;
}

interface PromotionTable {
  promotion_id: string;
  model: string;
  version: number;
  alias: string;
  previous_version: number | null;
  decision: 'PROMOTED' | 'REFUSED';
  reason: string;
  requested_by: string;
  verdict_id: string | null;
  deployments: string[];
  decided_at: number;
}

/** migrations/ as types. */
export interface RegistryTables {
  registered_models: RegisteredModelTable;
  model_tags: { name: string; key: string; value: string };
  model_versions: ModelVersionTable;
  version_tags: { name: string; version: number; key: string; value: string };
  model_aliases: AliasTable;
  deployments: DeploymentTable;
  deployment_generations: GenerationTable;
  promotions: PromotionTable;
}

export type RegistryDatabase = Database<RegistryTables>;
export type RegistryDb = Kysely<RegistryTables>;
export type RegistryTransaction = Transaction<RegistryTables>;
export type ModelRow = Selectable<RegisteredModelTable>;
export type VersionRow = Selectable<ModelVersionTable>;
export type DeploymentRow = Selectable<DeploymentTable>;
export type PromotionRow = Selectable<PromotionTable>;

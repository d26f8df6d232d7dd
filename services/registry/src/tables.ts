import type { Database } from '@headrace/persistence';
import type { Rule } from './policies/policy.js';
import type { Stage } from './models/stages.js';
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
  /** Of the ONNX file; both null for a version that cannot be deployed. */
  artifact_uri: string | null;
  sha256: string | null;
  run_id: string | null;
  model_id: string | null;
  download_uri: string;
  /** JSON: what the ONNX file takes and gives. */
  signature: string | null;
  current_stage: Generated<Stage>;
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

interface ChangeTable {
  sequence: Generated<number>;
  change_id: string;
  action: string;
  model: string | null;
  principal: string;
  address: string | null;
  reason: string | null;
  at: number;
}

interface WebhookTable {
  webhook_id: string;
  name: string;
  url: string;
  description: string | null;
  /** registered_model.created, … */
  events: string[];
  /** Encrypted. */
  secret: string | null;
  status: 'ACTIVE' | 'DISABLED';
  creation_timestamp: number;
  last_updated_timestamp: number;
}

interface DeliveryTable {
  delivery_id: string;
  webhook_id: string;
  event: string;
  /** JSON, as it is sent. */
  body: string;
  status: Generated<'pending' | 'dead'>;
  attempts: Generated<number>;
  next_attempt_at: number;
  last_error: string | null;
  created_at: number;
}

interface PolicyTable {
  model: string;
  /** jsonb. */
  rules: Rule[];
  owners: string[];
  last_updated_timestamp: number;
}

interface PromotionRequestTable {
  request_id: string;
  model: string;
  version: number;
  /** alias:champion or stage:Production. */
  target: string;
  reason: string;
  requested_by: string;
  status: 'OPEN' | 'PROMOTED' | 'REJECTED' | 'WITHDRAWN';
  created_at: number;
  closed_at: number | null;
  closed_by: string | null;
  closing_reason: string | null;
}

interface ApprovalTable {
  request_id: string;
  principal: string;
  reason: string;
  approved_at: number;
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
  changes: ChangeTable;
  policies: PolicyTable;
  promotion_requests: PromotionRequestTable;
  promotion_approvals: ApprovalTable;
  webhooks: WebhookTable;
  webhook_deliveries: DeliveryTable;
}

export type RegistryDatabase = Database<RegistryTables>;
export type RegistryDb = Kysely<RegistryTables>;
export type RegistryTransaction = Transaction<RegistryTables>;
export type ModelRow = Selectable<RegisteredModelTable>;
export type VersionRow = Selectable<ModelVersionTable>;
export type DeploymentRow = Selectable<DeploymentTable>;
export type PolicyRow = Selectable<PolicyTable>;
export type PromotionRequestRow = Selectable<PromotionRequestTable>;
export type WebhookRow = Selectable<WebhookTable>;
export type DeliveryRow = Selectable<DeliveryTable>;
export type ChangeRow = Selectable<ChangeTable>;
export type PromotionRow = Selectable<PromotionTable>;

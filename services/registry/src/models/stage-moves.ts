import { Inject, Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { ChangeLog } from '../changes/change-log.js';
import type { Caller } from '@headrace/service-kit/identity';
import { PolicyGate } from '../policies/policy-gate.js';
import type { RegistryTransaction } from '../tables.js';
import { lockVersion } from './model-versions.js';
import { touchModel } from './registered-models.js';
import { checkArchiving, readStage } from './stages.js';

export interface StageMove {
  readonly name: string;
  readonly version: number;
  /** In any case. */
  readonly stage: string;
  /** The versions that are in that stage now go to Archived. */
  readonly archive: boolean;
}

/** MLflow's stages. They deploy nothing: deployments follow aliases. */
@Injectable()
export class StageMoves {
  constructor(
    @Inject(ChangeLog) private readonly changes: ChangeLog,
    @Inject(PolicyGate) private readonly gate: PolicyGate,
  ) {}

  /** @throws HeadraceError FORBIDDEN when the model's policy asks for more */
  async move(by: Caller, asked: StageMove): Promise<void> {
    const { name: model, version, archive } = asked;
    const stage = readStage(asked.stage);
    if (archive) checkArchiving(stage);
    await this.changes.run({ action: 'stage.moved', model, by }, async (trx) => {
      await lockVersion(trx, model, version);
      await this.gate.pass(trx, { model, version, target: `stage:${stage}`, principal: by.principal });
      await this.moveIn(trx, { ...asked, stage });
    });
  }

  /** What the policy lets pass. The caller holds the model's lock, and the version is there. */
  async moveIn(trx: RegistryTransaction, { name, version, stage, archive }: StageMove): Promise<void> {
    const now = Date.now();
    if (archive) {
      await sql`update model_versions set current_stage = 'Archived', last_updated_timestamp = ${now}
                where name = ${name} and current_stage = ${stage} and version <> ${version}`.execute(trx);
    }
    await sql`update model_versions set current_stage = ${stage}, last_updated_timestamp = ${now}
              where name = ${name} and version = ${version}`.execute(trx);
    await touchModel(trx, name);
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { ChangeLog } from '../changes/change-log.js';
import type { Caller } from '../identity/caller.js';
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
  constructor(@Inject(ChangeLog) private readonly changes: ChangeLog) {}

  async move(by: Caller, { name, version, stage: asked, archive }: StageMove): Promise<void> {
    const stage = readStage(asked);
    if (archive) checkArchiving(stage);
    await this.changes.run({ action: 'stage.moved', model: name, by }, async (trx) => {
      await lockVersion(trx, name, version);
      const now = Date.now();
      if (archive) {
        await sql`update model_versions set current_stage = 'Archived', last_updated_timestamp = ${now}
                  where name = ${name} and current_stage = ${stage} and version <> ${version}`.execute(trx);
      }
      await sql`update model_versions set current_stage = ${stage}, last_updated_timestamp = ${now}
                where name = ${name} and version = ${version}`.execute(trx);
      await touchModel(trx, name);
    });
  }
}

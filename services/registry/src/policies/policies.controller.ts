import { FromBody, type Asked } from '@headrace/mlflow-protocol';
import { DATABASE } from '@headrace/persistence';
import { HeadraceError, readAs } from '@headrace/service-kit';
import { Controller, Delete, Get, HttpCode, Inject, Param, Put } from '@nestjs/common';
import { sql } from 'kysely';
import { ChangeLog } from '../changes/change-log.js';
import { By, type Caller } from '@headrace/service-kit/identity';
import { lockModel } from '../locks.js';
import { modelName } from '../models/model-messages.js';
import type { RegistryDatabase } from '../tables.js';
import { policyDocument } from './policy.js';
import { PolicyGate } from './policy-gate.js';

/** Who may promote a model, and what must have happened first. A model without a policy is open, as MLflow's are. */
@Controller('api/headrace/v1/policies')
export class PoliciesController {
  constructor(
    @Inject(DATABASE) private readonly database: RegistryDatabase,
    @Inject(ChangeLog) private readonly changes: ChangeLog,
    @Inject(PolicyGate) private readonly gate: PolicyGate,
  ) {}

  @Get()
  async list() {
    const policies = await this.database.db.selectFrom('policies').selectAll().orderBy('model').execute();
    return { policies: policies.map(({ model, rules, owners }) => ({ model, rules, owners })) };
  }

  @Get(':model')
  async get(@Param('model') model: string) {
    const found = await this.database.db
      .selectFrom('policies')
      .selectAll()
      .where('model', '=', model)
      .executeTakeFirst();
    if (!found) throw noSuchPolicy(model);
    return { model, rules: found.rules, owners: found.owners };
  }

  @Put(':model')
  async put(
    @Param('model') name: string,
    @FromBody(policyDocument, 'The policy') { rules, owners: named }: Asked<typeof policyDocument>,
    @By() by: Caller,
  ) {
    const model = readAs(modelName, 'The model', name);
    const owners = named ?? [by.principal];
    await this.changes.run({ action: 'policy.set', model, by }, async (trx) => {
      await lockModel(trx, model);
      await this.gate.mayOwn(trx, model, by.principal);
      await sql`
        insert into policies (model, rules, owners, last_updated_timestamp)
        values (${model}, ${JSON.stringify(rules)}::jsonb, ${owners}, ${Date.now()})
        on conflict (model) do update set rules = excluded.rules, owners = excluded.owners,
          last_updated_timestamp = excluded.last_updated_timestamp`.execute(trx);
    });
    return this.get(model);
  }

  @Delete(':model')
  @HttpCode(204)
  async delete(@Param('model') model: string, @By() by: Caller): Promise<void> {
    await this.changes.run({ action: 'policy.deleted', model, by }, async (trx) => {
      await lockModel(trx, model);
      await this.gate.mayOwn(trx, model, by.principal);
      const result = await trx.deleteFrom('policies').where('model', '=', model).executeTakeFirst();
      if (result.numDeletedRows === 0n) throw noSuchPolicy(model);
    });
  }
}

function noSuchPolicy(model: string): HeadraceError {
  return new HeadraceError('NOT_FOUND', `'${model.slice(0, 300)}' has no policy: everybody may promote it`);
}

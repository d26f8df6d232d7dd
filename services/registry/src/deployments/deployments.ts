import { topics, type DeploymentSpec } from '@headrace/contracts';
import { DATABASE, Outbox } from '@headrace/persistence';
import { HeadraceError } from '@headrace/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { ChangeLog } from '../changes/change-log.js';
import type { Caller } from '@headrace/service-kit/identity';
import { lockDeployment, lockModel } from '../locks.js';
import { PolicyGate } from '../policies/policy-gate.js';
import type { DeploymentRow, RegistryDatabase, RegistryDb, RegistryTransaction } from '../tables.js';
import { stateOf, storeGeneration } from './next-generation.js';
import { refuseCycle } from './refuse-cycle.js';
import { resolveModel } from './resolve-model.js';
import { specChanges, type SpecChange } from './spec-changes.js';

export interface Applied {
  readonly action: 'created' | 'changed' | 'unchanged';
  readonly changes: SpecChange[];
  /** As stored, or as it would be stored. */
  readonly row: DeploymentRow;
}

/** Undoes a dry run's transaction and carries what it found. */
class DryRun extends Error {
  constructor(readonly applied: Applied) {
    super('dry run');
  }
}

/** Deployments in PostgreSQL; each change is a generation, and leaves with its event in one transaction. */
@Injectable()
export class Deployments {
  private readonly db: RegistryDb;
  private readonly outbox = new Outbox();

  constructor(
    @Inject(DATABASE) database: RegistryDatabase,
    @Inject(ChangeLog) private readonly changes: ChangeLog,
    @Inject(PolicyGate) private readonly gate: PolicyGate,
  ) {
    this.db = database.db;
  }

  /** Idempotent: the same spec again changes nothing and emits nothing. */
  apply(by: Caller, name: string, spec: DeploymentSpec): Promise<Applied> {
    const head = { action: 'deployment.applied', model: spec.model.name, by };
    return this.changes.run(head, (trx) => this.applyIn(trx, by, name, spec));
  }

  /** What apply would do and store: done, looked at, and rolled back. */
  async dryRun(by: Caller, name: string, spec: DeploymentSpec): Promise<Applied> {
    const head = { action: 'deployment.applied', model: spec.model.name, by };
    try {
      return await this.changes.run(head, async (trx) => {
        throw new DryRun(await this.applyIn(trx, by, name, spec));
      });
    } catch (error) {
      if (error instanceof DryRun) return error.applied;
      throw error;
    }
  }

  list(): Promise<DeploymentRow[]> {
    return this.db.selectFrom('deployments').selectAll().where('deleted', '=', false).orderBy('name').execute();
  }

  async get(name: string): Promise<DeploymentRow> {
    const row = await this.db
      .selectFrom('deployments')
      .selectAll()
      .where('name', '=', name)
      .where('deleted', '=', false)
      .executeTakeFirst();
    if (row) return row;
    throw noSuchDeployment(name);
  }

  /** Newest first. */
  history(name: string) {
    return this.db
      .selectFrom('deployment_generations')
      .selectAll()
      .where('name', '=', name)
      .orderBy('generation', 'desc')
      .execute();
  }

  /** A tombstone on the topic; its generations stay. */
  async delete(by: Caller, name: string): Promise<void> {
    const { model_name: model } = await this.get(name);
    await this.changes.run({ action: 'deployment.deleted', model, by }, async (trx) => {
      await lockDeployment(trx, name);
      const now = Date.now();
      const { rows } = await sql<{ generation: number }>`
        update deployments set deleted = true, generation = generation + 1, changed_at = ${now}, cause = 'delete'
        where name = ${name} and not deleted returning generation`.execute(trx);
      if (!rows[0]) throw noSuchDeployment(name);
      await sql`insert into deployment_generations (name, generation, cause, changed_at)
                values (${name}, ${rows[0].generation}, 'delete', ${now})`.execute(trx);
      await this.outbox.enqueue(trx, [{ topic: topics.deployments, key: name, value: null, eventTime: now }]);
    });
  }

  private async applyIn(trx: RegistryTransaction, by: Caller, name: string, spec: DeploymentSpec): Promise<Applied> {
    await lockModel(trx, spec.model.name);
    await lockDeployment(trx, name);
    const { rows } = await sql<DeploymentRow>`select * from deployments where name = ${name} for update`.execute(trx);
    const [before] = rows;
    const known = before && !before.deleted ? stateOf(before) : undefined;
    const changes = specChanges(known?.spec, spec);
    if (known && before && changes.length === 0) return { action: 'unchanged', changes, row: before };
    await refuseCycle(trx, name, spec);
    if (isNewlyPinned(known?.spec, spec)) {
      const { name: model, version } = spec.model;
      const target = `deployment:${name}`;
      await this.gate.passPinned(trx, { model, version: version!, target, principal: by.principal });
    }
    const model = await resolveModel(trx, spec.model);
    const row = await storeGeneration(trx, this.outbox, before, name, { spec, model }, 'apply');
    return { action: known ? 'changed' : 'created', changes: known ? changes : [], row };
  }
}

/** Names a version that it did not name before: that is a promotion, whatever else changes is none. */
function isNewlyPinned(before: DeploymentSpec | undefined, { model }: DeploymentSpec): boolean {
  return model.version !== undefined && (before?.model.name !== model.name || before.model.version !== model.version);
}

function noSuchDeployment(name: string): HeadraceError {
  return new HeadraceError('NOT_FOUND', `There is no deployment '${name}'`, { context: { name } });
}

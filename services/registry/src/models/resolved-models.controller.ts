import type { ResolvedModel } from '@headrace/contracts';
import { DATABASE, type Database } from '@headrace/persistence';
import { HeadraceError, readAs } from '@headrace/service-kit';
import { Controller, Get, Inject, Param } from '@nestjs/common';
import { topicSchema, type Signature } from '../artifacts/signature.js';
import { resolveModel } from '../deployments/resolve-model.js';
import type { RegistryTables } from '../tables.js';
import { modelName, versionNumber } from './model-messages.js';

/** Where a registered version's file is, and what its digest must be. */
@Controller('api/headrace/v1/models')
export class ResolvedModelsController {
  constructor(@Inject(DATABASE) private readonly database: Database<RegistryTables>) {}

  @Get(':name/versions/:version')
  async resolve(@Param('name') name: string, @Param('version') version: string): Promise<ResolvedModel> {
    const model = {
      name: readAs(modelName, 'The model', name),
      version: readAs(versionNumber, 'The version', version),
    };
    const resolved = await resolveModel(this.database.db, model);
    if (!resolved) throw new HeadraceError('NOT_FOUND', `There is no version ${model.version} of model ${model.name}`);
    return resolved;
  }

  /** What it takes and gives, and the schema of a topic that it can be deployed on; null where it names no features. */
  @Get(':name/versions/:version/signature')
  async signature(@Param('name') name: string, @Param('version') version: string) {
    const { db } = this.database;
    const number = readAs(versionNumber, 'The version', version);
    const row = await db
      .selectFrom('model_versions')
      .select('signature')
      .where('name', '=', name)
      .where('version', '=', number)
      .executeTakeFirst();
    if (!row?.signature)
      throw new HeadraceError('NOT_FOUND', `Version ${version} of model ${name} has no signature: it is no ONNX file`);
    const signature = JSON.parse(row.signature) as Signature;
    return { ...signature, topicSchema: topicSchema(name, signature) };
  }
}

import type { ResolvedModel } from '@headrace/contracts';
import { DATABASE, type Database } from '@headrace/persistence';
import { HeadraceError } from '@headrace/service-kit';
import { Controller, Get, Inject, Param } from '@nestjs/common';
import { resolveModel } from '../deployments/resolve-model.js';
import { readAs } from '../faults.js';
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
}

import { MlflowErrorFilter, parseRequest } from '@headrace/mlflow-protocol';
import { Body, Controller, Inject, Param, Put, UseFilters } from '@nestjs/common';
import { By, type Caller } from '@headrace/service-kit/identity';
import { toModelVersion } from './model-answers.js';
import { importVersion } from './model-messages.js';
import { ModelVersions } from './model-versions.js';

/**
 * A version that keeps the number and creation time it has in another registry, which MLflow's API cannot say; else as model-versions/create. Numbers only
 * rise: those that are left out are gaps for ever.
 */
@Controller('api/headrace/v1/models')
@UseFilters(MlflowErrorFilter)
export class ImportedVersionsController {
  constructor(@Inject(ModelVersions) private readonly versions: ModelVersions) {}

  @Put(':name/versions/:version')
  async put(@Param('name') name: string, @Param('version') version: string, @Body() body: unknown, @By() by: Caller) {
    const asked = parseRequest(importVersion, { ...(body as object), name, version });
    return { model_version: toModelVersion(await this.versions.create(by, asked, asked)) };
  }
}

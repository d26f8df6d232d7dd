import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Put, Query } from '@nestjs/common';
import { By, type Caller } from '@headrace/service-kit/identity';
import type { DeploymentRow } from '../tables.js';
import { Deployments } from './deployments.js';
import { stateOf } from './next-generation.js';
import { PlainOutputs } from './plain-outputs.js';
import { readDeployment } from './read-deployment.js';

/** Deployments as documents: what was declared with every default, and what it stands for now. */
@Controller('api/headrace/v1/deployments')
export class DeploymentsController {
  constructor(
    @Inject(Deployments) private readonly deployments: Deployments,
    @Inject(PlainOutputs) private readonly plainOutputs: PlainOutputs,
  ) {}

  @Get()
  async list() {
    return { deployments: (await this.deployments.list()).map(toDocument) };
  }

  @Get(':name')
  async get(@Param('name') name: string) {
    const row = await this.deployments.get(name);
    const history = (await this.deployments.history(name)).map((generation) => ({
      generation: generation.generation,
      model: parsed(generation.model),
      previousVersion: generation.previous_version,
      cause: generation.cause,
      changedAt: generation.changed_at,
      spec: parsed(generation.spec),
    }));
    return { ...toDocument(row), history };
  }

  @Put(':name')
  async apply(
    @Param('name') name: string,
    @Body() document: unknown,
    @By() by: Caller,
    @Query('dryRun') dryRun?: string,
  ) {
    const spec = readDeployment(name, document);
    await this.plainOutputs.check(name, spec);
    const dry = dryRun === 'true' || dryRun === '1' || dryRun === '';
    const { action, changes, row } = await (dry
      ? this.deployments.dryRun(by, name, spec)
      : this.deployments.apply(by, name, spec));
    return { ...toDocument(row), action, changes, dryRun: dry };
  }

  @Delete(':name')
  @HttpCode(204)
  async delete(@Param('name') name: string, @By() by: Caller): Promise<void> {
    await this.deployments.delete(by, name);
  }
}

function toDocument(row: DeploymentRow) {
  const { spec, model } = stateOf(row);
  const { generation, previous_version: previousVersion, cause, changed_at: changedAt } = row;
  const phase = model === null ? 'waiting' : 'resolved';
  return {
    apiVersion: 'headrace.dev/v1',
    kind: 'Deployment',
    metadata: { name: row.name },
    spec,
    status: { phase, generation, model, previousVersion, cause, changedAt },
  };
}

function parsed(json: string | null): unknown {
  return json === null ? null : JSON.parse(json);
}

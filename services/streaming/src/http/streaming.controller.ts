import { Controller, Get, Inject, NotFoundException, Param } from '@nestjs/common';
import { DeploymentManager, type DeploymentState } from '../deployments/deployment-manager.js';

/** What this worker runs. */
@Controller('api/headrace/v1/streaming')
export class StreamingController {
  constructor(@Inject(DeploymentManager) private readonly manager: DeploymentManager) {}

  @Get('deployments')
  all(): DeploymentState[] {
    return this.manager.states();
  }

  @Get('deployments/:name')
  one(@Param('name') name: string): DeploymentState {
    const state = this.manager.states().find((each) => each.name === name);
    if (!state) throw new NotFoundException(`No deployment ${name} on topic headrace.deployments`);
    return state;
  }
}

import { Controller, Get, Inject, NotFoundException, Param } from '@nestjs/common';
import type { PoolState } from '../pool/merge-states.js';
import { WorkerPool, type WorkerView } from '../pool/worker-pool.js';

/** What the workers of this process run. */
@Controller('api/headrace/v1/streaming')
export class StreamingController {
  constructor(@Inject(WorkerPool) private readonly pool: WorkerPool) {}

  @Get('deployments')
  all(): Promise<PoolState[]> {
    return this.pool.states();
  }

  @Get('deployments/:name')
  async one(@Param('name') name: string): Promise<PoolState> {
    const state = (await this.pool.states()).find((each) => each.name === name);
    if (!state) throw new NotFoundException(`No deployment ${name} on topic headrace.deployments`);
    return state;
  }

  @Get('workers')
  workers(): WorkerView[] {
    return this.pool.workers();
  }
}

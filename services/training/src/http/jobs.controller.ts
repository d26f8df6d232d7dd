import { HeadraceError, readAs } from '@headrace/service-kit';
import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { z } from 'zod';
import { JobStore } from '../jobs/job-store.js';
import { jobView, type JobView } from './job-view.js';

const listQuery = z.object({
  deployment: z.string().min(1).optional(),
  state: z.enum(['QUEUED', 'RUNNING', 'WAITING', 'DONE', 'FAILED']).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

@Controller('api/headrace/v1/training/jobs')
export class JobsController {
  constructor(@Inject(JobStore) private readonly store: JobStore) {}

  /** Newest first. */
  @Get()
  async list(@Query() query: Record<string, unknown>): Promise<{ jobs: JobView[] }> {
    return { jobs: (await this.store.list(readAs(listQuery, 'The query', query))).map(jobView) };
  }

  @Get(':id')
  async get(@Param('id') id: string): Promise<JobView> {
    const job = await this.store.get(id);
    if (!job) throw new HeadraceError('NOT_FOUND', `There is no training job ${id}`);
    return jobView(job);
  }
}

import { topics } from '@headrace/contracts';
import { readAs } from '@headrace/service-kit';
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { z } from 'zod';
import { Replays } from '../replay/replays.js';

/** A consumer group and the deployment of predictions are named after it. */
const replayId = z.string().regex(/^[A-Za-z0-9._-]{1,100}$/, 'letters, digits, . _ - alone, at most 100');
const name = z.string().min(1);
/** Texts are for Replays to read. */
const when = z.union([z.string().min(1), z.number().int().min(0).transform(String)]);

const asked = z.strictObject({
  replayId: replayId.optional(),
  deployment: name,
  model: name,
  version: z.number().int().min(1),
  from: when,
  to: when,
  outputTopic: name.default(topics.replays.name),
  recordsPerSecond: z.number().positive().nullable().default(null),
});
const listed = z.strictObject({ limit: z.coerce.number().int().min(1).max(1000).default(100) });

/** Recorded ranges scored with another version. */
@Controller('api/headrace/v1/replays')
export class ReplaysController {
  constructor(@Inject(Replays) private readonly replays: Replays) {}

  @Post()
  @HttpCode(202)
  async request(@Body() body: unknown) {
    const { replayId, ranges } = await this.replays.request(readAs(asked, 'The request', body));
    return { replayId, ranges };
  }

  /** Newest first. */
  @Get()
  async list(@Query() query: unknown) {
    return { replays: await this.replays.list(readAs(listed, 'The request', query).limit) };
  }

  /** Asked for; the answer shows whether it has ended yet. */
  @Post(':id/cancel')
  @HttpCode(202)
  cancel(@Param('id') id: string) {
    return this.replays.cancel(id);
  }

  @Get(':id')
  one(@Param('id') id: string) {
    return this.replays.find(id);
  }
}

import { topics } from '@headrace/contracts';
import { readAs } from '@headrace/service-kit';
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import { DeadLetters } from '../dead-letters/dead-letters.js';
import { letterSummary, letterView } from './letter-view.js';

/** Ms since the epoch, or ISO 8601. */
const time = z
  .union([z.number(), z.string().min(1)])
  .transform((value) => (typeof value === 'number' ? value : /^\d+$/.test(value) ? Number(value) : Date.parse(value)))
  .refine(Number.isFinite, 'must be ms since the epoch or ISO 8601')
  .optional();
const name = z.string().min(1).optional();
const which = { deployment: name, group: name, code: name, topic: name, since: time, until: time };
const state = z.enum(['open', 'redriven']).optional();
const limit = z.coerce.number().int().min(1).max(1000);
const offset = z.number().int().min(0);
const range = z.strictObject({
  topic: z.literal(topics.deadLetters.name),
  partition: offset,
  from: offset,
  to: offset,
});
const filter = z.strictObject({ ...which, state });

const listed = z.strictObject({ ...which, state, limit: limit.default(50) });
const redrive = z
  .strictObject({
    letters: z.array(z.string()).min(1).max(1000).optional(),
    filter: filter.optional(),
    ranges: z.array(range).optional(),
    limit: limit.default(500),
    dryRun: z.boolean().default(false),
    again: z.boolean().default(false),
  })
  .refine(({ letters, filter }) => (letters === undefined) !== (filter === undefined), 'name letters, or a filter');

/** Records that could not be processed: what there is, why, and their way back. Times are ms since the epoch. */
@Controller('api/headrace/v1/dead-letters')
export class DeadLettersController {
  constructor(@Inject(DeadLetters) private readonly letters: DeadLetters) {}

  /** Newest first. */
  @Get()
  async list(@Query() query: unknown) {
    const { limit, ...filter } = readAs(listed, 'The request', query);
    return { deadLetters: (await this.letters.list(filter, limit)).map(letterSummary) };
  }

  @Get(':place')
  async one(@Param('place') place: string, @Query() query: unknown) {
    return letterView(await this.letters.find(place, readAs(filter, 'The request', query)));
  }

  @Get(':place/value')
  async value(@Param('place') place: string, @Query() query: unknown, @Res() response: Response) {
    const { letter } = await this.letters.find(place, readAs(filter, 'The request', query));
    const bytes = await this.letters.valueOf(letter);
    response.type('application/octet-stream').send(bytes ?? Buffer.alloc(0));
  }

  @Post('redrive')
  @HttpCode(200)
  async redrive(@Body() body: unknown) {
    const { letters: places, filter, ranges, limit, ...options } = readAs(redrive, 'The request', body);
    if (filter) return this.letters.redriveMatching(filter, limit, options, ranges);
    const found = [];
    for (const place of new Set(places)) found.push((await this.letters.find(place)).letter);
    return { ...(await this.letters.redrive(found, options)), remaining: [] };
  }
}

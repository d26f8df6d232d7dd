import { FromBody, FromQuery, int64, type Asked } from '@headrace/mlflow-protocol';
import { HeadraceError } from '@headrace/service-kit';
import { Controller, Get, HttpCode, Inject, Post } from '@nestjs/common';
import { z } from 'zod';
import { By, type Caller } from '@headrace/service-kit/identity';
import { newAliasName, modelName, versionNumber } from '../models/model-messages.js';
import { Promotions, toPromotionDecided } from './promotions.js';

const reason = z.string().min(1).max(1000);
const promotionRequest = z.strictObject({ model: modelName, version: versionNumber, alias: newAliasName, reason });
const listed = z.object({ model: modelName.optional(), limit: int64.pipe(z.number().min(1).max(1000)).default(100) });

/** Decisions about promotions: asking for one, and reading what was decided and why. */
@Controller('api/headrace/v1/promotions')
export class PromotionsController {
  constructor(@Inject(Promotions) private readonly promotions: Promotions) {}

  @Post()
  @HttpCode(201)
  async promote(@FromBody(promotionRequest, 'The promotion') asked: Asked<typeof promotionRequest>, @By() by: Caller) {
    const decided = await this.promotions.move(by, asked);
    if (decided) return toPromotionDecided(decided);
    throw new HeadraceError(
      'CONFLICT',
      `'${asked.alias}' of ${asked.model} is version ${asked.version} already; nothing was changed`,
    );
  }

  /** Newest first. */
  @Get()
  async list(@FromQuery(listed, 'The query') query: Asked<typeof listed>) {
    const rows = await this.promotions.list(query);
    return { promotions: rows.map(toPromotionDecided) };
  }
}

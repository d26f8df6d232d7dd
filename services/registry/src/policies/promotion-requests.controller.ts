import { FromBody, FromQuery, type Asked } from '@headrace/mlflow-protocol';
import { readAs } from '@headrace/service-kit';
import { Controller, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { z } from 'zod';
import { deploymentName } from '../deployments/deployment-schema.js';
import { By, type Caller } from '@headrace/service-kit/identity';
import { modelName, newAliasName, versionNumber } from '../models/model-messages.js';
import { readStage } from '../models/stages.js';
import { PromotionRequests, type RequestState } from './promotion-requests.js';

const reason = z.string().min(1).max(1000);
const asked = z
  .strictObject({
    model: modelName,
    version: versionNumber,
    alias: newAliasName.optional(),
    stage: z.string().max(100).optional(),
    deployment: deploymentName.optional(),
    reason,
  })
  .refine(
    ({ alias, stage, deployment }) => [alias, stage, deployment].filter((each) => each !== undefined).length === 1,
    'expected an alias, a stage or a deployment',
  );
const listed = z.strictObject({
  model: z.string().min(1).max(256).optional(),
  status: z.enum(['OPEN', 'PROMOTED', 'REJECTED', 'WITHDRAWN']).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});
const said = z.strictObject({ reason });

/** Promotions as requests, with what they still lack, who approved, and how they ended. */
@Controller('api/headrace/v1/promotion-requests')
export class PromotionRequestsController {
  constructor(@Inject(PromotionRequests) private readonly requests: PromotionRequests) {}

  @Post()
  @HttpCode(201)
  async open(@FromBody(asked, 'The request') request: Asked<typeof asked>, @By() by: Caller) {
    const { alias, stage, deployment, ...rest } = request;
    const target =
      alias !== undefined
        ? `alias:${alias}`
        : deployment !== undefined
          ? `deployment:${deployment}`
          : `stage:${readStageOf(stage!)}`;
    return this.answer(await this.requests.open(by, { ...rest, target }));
  }

  @Get()
  async list(@FromQuery(listed, 'The query') query: Asked<typeof listed>) {
    const states = await this.requests.list(query);
    return { requests: await Promise.all(states.map((state) => this.answer(state))) };
  }

  @Get(':id')
  async get(@Param('id') id: string) {
    return this.answer(await this.requests.get(uuid(id)));
  }

  @Post(':id/approvals')
  @HttpCode(200)
  async approve(
    @Param('id') id: string,
    @FromBody(said, 'The approval') { reason }: Asked<typeof said>,
    @By() by: Caller,
  ) {
    return this.answer(await this.requests.approve(by, uuid(id), reason));
  }

  @Post(':id/rejections')
  @HttpCode(200)
  async reject(
    @Param('id') id: string,
    @FromBody(said, 'The rejection') { reason }: Asked<typeof said>,
    @By() by: Caller,
  ) {
    return this.answer(await this.requests.reject(by, uuid(id), reason));
  }

  private async answer({ request, missing }: RequestState) {
    const { request_id: requestId, model, version, target, status, requested_by: requestedBy } = request;
    const approvals = (await this.requests.approvalsOf(requestId)).map((each) => ({
      principal: each.principal,
      reason: each.reason,
      approvedAt: each.approved_at,
    }));
    const { closed_at: closedAt, closed_by: closedBy, closing_reason: closingReason } = request;
    const asking = { requestedBy, reason: request.reason, createdAt: request.created_at };
    const state = { status, missing: missing.map(({ message }) => message), approvals };
    return { requestId, model, version, target, ...asking, ...state, closedAt, closedBy, closingReason };
  }
}

const uuid = (id: string) => readAs(z.uuid(), 'The request', id);

/** As readAs tells faults, and not as MLflow's doors do. */
function readStageOf(text: string) {
  const stage = z.string().transform((word, context) => {
    try {
      return readStage(word);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
      return z.NEVER;
    }
  });
  return readAs(stage, 'The stage', text);
}

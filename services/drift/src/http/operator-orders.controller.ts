import { Body, Controller, Delete, Inject, Param, Post } from '@nestjs/common';
import { readAs } from '@headrace/service-kit';
import { z } from 'zod';
import { OperatorOrders, type Order } from '../operator/operator-orders.js';

const order = z.strictObject({
  reason: z.string().min(1).max(1000),
  requestedBy: z.string().min(1).max(200).default('unknown'),
});

/** What operators order; it is on the topics as well. */
@Controller('api/headrace/v1/monitors/:deployment')
export class OperatorOrdersController {
  constructor(@Inject(OperatorOrders) private readonly orders: OperatorOrders) {}

  /** Asks for a retrain that no verdict asked for. */
  @Post('commands')
  force(@Param('deployment') deployment: string, @Body() body: unknown) {
    return this.orders.force(deployment, read(body));
  }

  /** From now on (event time) no verdict asks for a retrain. */
  @Post('vetoes')
  veto(@Param('deployment') deployment: string, @Body() body: unknown) {
    return this.orders.veto(deployment, read(body));
  }

  @Delete('vetoes/:veto')
  lift(@Param('deployment') deployment: string, @Param('veto') veto: string) {
    return this.orders.lift(deployment, veto);
  }
}

function read(body: unknown): Order {
  return readAs(order, 'The order', body);
}

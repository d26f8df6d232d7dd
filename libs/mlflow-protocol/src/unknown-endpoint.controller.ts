import { All, Req } from '@nestjs/common';
import type { Request } from 'express';
import { MlflowError } from './mlflow-error.js';
import { MlflowController } from './mlflow-routes.js';

/** What of MLflow's API is not there, told in MLflow's own words. List it last among a module's controllers. */
@MlflowController('')
export class UnknownEndpointController {
  @All('*path')
  refuse(@Req() request: Request): never {
    throw new MlflowError(
      'ENDPOINT_NOT_FOUND',
      `${request.method} ${request.path} is not part of what this server offers`,
    );
  }
}

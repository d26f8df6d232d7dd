import { All, Req } from '@nestjs/common';
import type { Request } from 'express';
import { MlflowError } from './mlflow-error.js';
import { MlflowController } from './mlflow-routes.js';

function refuse({ method, path }: Request): never {
  throw new MlflowError('ENDPOINT_NOT_FOUND', `${method} ${path} is not part of what this server offers`);
}

/** What of MLflow's API is not there, told in MLflow's own words. List it last among a module's controllers. */
@MlflowController('')
export class UnknownEndpointController {
  @All('*path')
  refuse(@Req() request: Request): never {
    return refuse(request);
  }
}

/** The same for its API 3.0. */
@MlflowController('', 3)
export class UnknownEndpoint3Controller {
  @All('*path')
  refuse(@Req() request: Request): never {
    return refuse(request);
  }
}

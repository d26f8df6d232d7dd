import { Controller, Get, Inject, type Type } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { describeRoutes } from './describe-routes.js';
import { openApiDocument } from './open-api-document.js';

/**
 * A controller that describes the service it is in: every route, with the schemas that check its requests.
 * @param service also the last part of the address that the gateway passes on
 */
export function openApiController(service: string, version: string): Type {
  @Controller(['openapi.json', `api/headrace/v1/openapi/${service}`])
  class OpenApiController {
    constructor(@Inject(ModulesContainer) private readonly modules: ModulesContainer) {}

    @Get()
    document() {
      const controllers = [...this.modules.values()].flatMap((each) => [...each.controllers.values()]);
      const routes = controllers.flatMap(({ metatype }) => (metatype ? describeRoutes(metatype as Type) : []));
      return openApiDocument(`Headrace ${service}`, version, routes);
    }
  }
  return OpenApiController;
}

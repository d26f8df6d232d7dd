import { EventLogModule } from '@headrace/event-log/nest';
import { Module, type DynamicModule, type MiddlewareConsumer, type NestModule } from '@nestjs/common';
import { GATEWAY_CONFIG, type GatewayConfig } from './config.js';
import { DashboardsController } from './dashboards/dashboards.controller.js';
import { IndexController } from './index.controller.js';
import { ProxyMiddleware } from './proxy/proxy.middleware.js';
import { SchemaRegistryModule } from './schema-registry/schema-registry.module.js';

@Module({})
export class GatewayModule implements NestModule {
  static forRoot(config: GatewayConfig): DynamicModule {
    return {
      module: GatewayModule,
      imports: [EventLogModule.forRoot('gateway', config), SchemaRegistryModule],
      controllers: [IndexController, DashboardsController],
      global: true,
      providers: [{ provide: GATEWAY_CONFIG, useValue: config }],
      exports: [GATEWAY_CONFIG],
    };
  }

  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(ProxyMiddleware).forRoutes('{*path}');
  }
}

import type { CustomTransportStrategy } from '@nestjs/microservices';

/** Where modules leave the Nest transports that runService starts beside HTTP. */
export class Transports {
  readonly all: CustomTransportStrategy[] = [];

  register(strategy: CustomTransportStrategy): void {
    this.all.push(strategy);
  }
}

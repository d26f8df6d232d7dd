import {
  applyDecorators,
  Catch,
  Controller,
  Injectable,
  UseFilters,
  UseInterceptors,
  type ArgumentsHost,
  type CallHandler,
  type ExceptionFilter,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { toProblem } from '@headrace/service-kit';
import type { Response } from 'express';
import { RegistryError } from './registry-error.js';

const CONTENT_TYPE = 'application/vnd.schemaregistry.v1+json';

/** Errors in the registry's own shape: {error_code, message}. */
@Catch()
export class RegistryErrorFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    const { code, message } = errorBody(error);
    response.status(Number(String(code).slice(0, 3))).type(CONTENT_TYPE);
    response.send(JSON.stringify({ error_code: code, message }));
  }
}

function errorBody(error: unknown): { code: number; message: string } {
  if (error instanceof RegistryError) return { code: error.errorCode, message: error.message };
  const { status, detail } = toProblem(error);
  return { code: status, message: detail };
}

@Injectable()
export class RegistryContentType implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler) {
    context.switchToHttp().getResponse<Response>().type(CONTENT_TYPE);
    return next.handle();
  }
}

/** A controller that speaks the Schema Registry's dialect. */
export const RegistryController = (path: string): ClassDecorator =>
  applyDecorators(Controller(path), UseFilters(new RegistryErrorFilter()), UseInterceptors(new RegistryContentType()));

/** Clients write true, True, or leave the parameter out. */
export function flag(text: string | undefined): boolean {
  return text?.toLowerCase() === 'true';
}

/** `:*:` asks for all contexts; this registry has the default one only. */
export function prefixOf(text: string | undefined): string {
  return text === undefined || text === ':*:' ? '' : text;
}

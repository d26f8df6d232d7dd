import { HeadraceError, type ErrorCode } from '@headrace/service-kit';

const KIND: Readonly<Record<number, ErrorCode>> = {
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  422: 'INPUT_INVALID',
  500: 'UNAVAILABLE',
};

/** A failure in Confluent's numbering: the first three digits of errorCode are the HTTP status. */
export class RegistryError extends HeadraceError {
  constructor(
    readonly errorCode: number,
    message: string,
    cause?: unknown,
  ) {
    super(KIND[Number(String(errorCode).slice(0, 3))] ?? 'INTERNAL', message, { cause });
    this.name = 'RegistryError';
  }
}

/** Codes and wording as Confluent's registry has them: clients match on the code, people search for the text. */
export const registryErrors = {
  subjectNotFound: (subject: string) => new RegistryError(40401, `Subject '${subject}' not found.`),
  versionNotFound: (version: number | 'latest') => new RegistryError(40402, `Version ${version} not found.`),
  schemaNotFound: (which: string) => new RegistryError(40403, `Schema ${which} not found.`),
  schemaNotInSubject: (subject: string) => new RegistryError(40403, `Schema not found in subject '${subject}'.`),
  subjectSoftDeleted: (subject: string) =>
    new RegistryError(40404, `Subject '${subject}' was soft deleted. Set permanent=true to delete permanently`),
  subjectNotSoftDeleted: (subject: string) =>
    new RegistryError(40405, `Subject '${subject}' was not deleted first before being permanently deleted`),
  versionSoftDeleted: (subject: string, version: number) =>
    new RegistryError(
      40406,
      `Subject '${subject}' Version ${version} was soft deleted. Set permanent=true to delete permanently`,
    ),
  versionNotSoftDeleted: (subject: string, version: number) =>
    new RegistryError(
      40407,
      `Subject '${subject}' Version ${version} was not deleted first before being permanently deleted`,
    ),
  noSubjectConfig: (subject: string) =>
    new RegistryError(40408, `Subject '${subject}' does not have subject-level compatibility configured`),
  noSubjectMode: (subject: string) =>
    new RegistryError(40409, `Subject '${subject}' does not have subject-level mode configured`),
  invalidSchema: (why: string, cause?: unknown) => new RegistryError(42201, `Invalid schema: ${why}`, cause),
  invalidVersion: (text: string) =>
    new RegistryError(
      42202,
      `The specified version '${text}' is not a valid version id. Allowed values are between [1, 2^31-1] and the string "latest"`,
    ),
  invalidLevel: () =>
    new RegistryError(
      42203,
      'Invalid compatibility level. Valid values are none, backward, forward, full, backward_transitive, forward_transitive, and full_transitive',
    ),
  notPermitted: (why: string) => new RegistryError(42205, why),
  incompatible: (subject: string, details: readonly string[]) =>
    new RegistryError(
      409,
      `Schema being registered is incompatible with an earlier schema for subject "${subject}", details: [${details.join('; ')}]`,
    ),
  storeFailed: (cause: unknown) =>
    new RegistryError(
      50001,
      'The schema log did not acknowledge the write; repeat the request (it is idempotent)',
      cause,
    ),
  fenced: () =>
    new RegistryError(50003, 'Another gateway process has become the one writer of the schema log; send writes to it'),
};

import { invalid, type Fault } from '@headrace/service-kit';
import { plainOutputFaults, type DeploymentSpec } from '@headrace/contracts';
import { EventLog } from '@headrace/event-log';
import { Inject, Injectable } from '@nestjs/common';

const SUBJECT = 'spec.output.plain.subject';

/** Holds plain outputs against the schemas that they are to fill. */
@Injectable()
export class PlainOutputs {
  constructor(@Inject(EventLog) private readonly eventLog: EventLog) {}

  /** @throws HeadraceError INPUT_INVALID with every fault, UNAVAILABLE without the schema registry */
  async check(name: string, { output: { plain } }: DeploymentSpec): Promise<void> {
    if (!plain) return;
    const subject = plain.subject ?? `${plain.topic}-value`;
    const latest = await this.eventLog.latestSchema(subject);
    const faults: Fault[] = [];
    if (!latest) faults.push({ path: SUBJECT, message: `there is no subject '${subject}': register its schema first` });
    else if (latest.schemaType !== 'AVRO')
      faults.push({
        path: SUBJECT,
        message: `'${subject}' is ${latest.schemaType}; a plain output is written as Avro`,
      });
    else
      for (const { field, message } of plainOutputFaults(latest.schema, plain.fields))
        faults.push({ path: field === undefined ? SUBJECT : `spec.output.plain.fields.${field}`, message });
    if (faults.length > 0) throw invalid(`Deployment '${name}'`, faults);
  }
}

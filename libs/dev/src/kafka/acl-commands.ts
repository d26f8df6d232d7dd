import kafkajs, { type AclEntry, type AclOperationTypes } from 'kafkajs';
import { parseArgs } from 'node:util';

/**
 * What the `kafka-acls --add` commands of a text (a guide's) ask the broker for. Understood: --allow-principal, --operation,
 * --topic, --group, --transactional-id (each as often as wanted), --resource-pattern-type, and backslashes at line ends.
 * @param user stands in for the principal that the commands name
 * @throws Error at an option that is not among these
 */
export function bindingsOf(text: string, user?: string): AclEntry[] {
  const lines = text.replaceAll(/\\\n\s*/g, ' ').split('\n');
  const commands = lines.filter((line) => /^\s*kafka-acls(\.sh)?\s.*--add/.test(line));
  if (commands.length === 0) throw new Error('the text has no kafka-acls --add command');
  return commands.flatMap((command) => bindingsOfOne(command, user));
}

const list = { type: 'string', multiple: true, default: [] as string[] } as const;

function bindingsOfOne(command: string, user: string | undefined): AclEntry[] {
  const args = command.trim().split(/\s+/).slice(1).map(unquoted);
  const { values } = parseArgs({
    args,
    options: {
      'bootstrap-server': { type: 'string' },
      'command-config': { type: 'string' },
      add: { type: 'boolean' },
      'allow-principal': { type: 'string' },
      'resource-pattern-type': { type: 'string', default: 'literal' },
      operation: list,
      topic: list,
      group: list,
      'transactional-id': list,
    },
  });
  const principal = user === undefined ? values['allow-principal']! : `User:${user}`;
  const prefixed = values['resource-pattern-type'] === 'prefixed';
  const resources = [
    ...values.topic.map((name) => ({ resourceType: kafkajs.AclResourceTypes.TOPIC, resourceName: name })),
    ...values.group.map((name) => ({ resourceType: kafkajs.AclResourceTypes.GROUP, resourceName: name })),
    ...values['transactional-id'].map((name) => ({
      resourceType: kafkajs.AclResourceTypes.TRANSACTIONAL_ID,
      resourceName: name,
    })),
  ];
  return resources.flatMap((resource) =>
    values.operation.map((operation) => ({
      ...resource,
      resourcePatternType: prefixed ? kafkajs.ResourcePatternTypes.PREFIXED : kafkajs.ResourcePatternTypes.LITERAL,
      principal,
      host: '*',
      operation: operationOf(operation),
      permissionType: kafkajs.AclPermissionTypes.ALLOW,
    })),
  );
}

const unquoted = (word: string) => word.replace(/^(['"])(.*)\1$/, '$2');

function operationOf(name: string): AclOperationTypes {
  const key = name.replaceAll(/([a-z])([A-Z])/g, '$1_$2').toUpperCase();
  const operation = kafkajs.AclOperationTypes[key as keyof typeof AclOperationTypes];
  if (operation === undefined) throw new Error(`Kafka has no operation ${name}`);
  return operation;
}

import { describe, expect, it } from '@jest/globals';
import { bindingsOf } from './acl-commands.js';

const guide = `
Give the user what it needs:

    kafka-acls --bootstrap-server broker:9093 --add --allow-principal User:headrace \\
      --operation Read --operation DescribeConfigs --topic 'headrace.' --resource-pattern-type prefixed
    kafka-acls --add --allow-principal User:headrace --operation Write --transactional-id one
    kafka-acls --list
`;

describe('the kafka-acls commands of a text', () => {
  it('are one binding for each operation on each resource', () => {
    const all = { principal: 'User:headrace', host: '*', permissionType: 3 };
    expect(bindingsOf(guide)).toEqual([
      { ...all, resourceType: 2, resourceName: 'headrace.', resourcePatternType: 4, operation: 3 },
      { ...all, resourceType: 2, resourceName: 'headrace.', resourcePatternType: 4, operation: 10 },
      { ...all, resourceType: 5, resourceName: 'one', resourcePatternType: 3, operation: 4 },
    ]);
  });

  it('can be for another user', () => {
    expect(new Set(bindingsOf(guide, 'other').map(({ principal }) => principal))).toEqual(new Set(['User:other']));
  });

  it('must be there, and hold nothing that is not understood', () => {
    expect(() => bindingsOf('no command')).toThrow('no kafka-acls');
    expect(() => bindingsOf('kafka-acls --add --deny-principal User:x --operation Read --topic t')).toThrow('deny');
    expect(() => bindingsOf('kafka-acls --add --allow-principal User:x --operation Raed --topic t')).toThrow('Raed');
  });
});

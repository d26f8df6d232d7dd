export * from './deployment-spec.js';
export * from './generated/events.js';
export * from './generated/topics.js';
export * from './topic.js';
export { PLAIN_SOURCES, plainSource, typesOf, type PlainFact, type PlainSource } from './plain-source.js';
export { plainOutputFaults, type PlainFault } from './plain-output-faults.js';

export * from './deployment-spec.js';
export * from './generated/events.js';
export * from './generated/topics.js';
export * from './topic.js';

export * from './budget.js';
export * from './figure-change.js';
export * from './pane-error.js';
export * from './persistence.js';
export * from './rare-share.js';
export * from './share-change.js';

export * from './decide-gate.js';

#!/usr/bin/env node
// npm links this file before anything is built, so it uses Node's built-ins alone until it has found the build.
import { existsSync } from 'node:fs';

const main = new URL('../dist/main.js', import.meta.url);
if (existsSync(main)) await import(main.href);
else {
  console.error('headrace is not built yet: run `npm start`, or `npm run build`, in the checkout first');
  process.exitCode = 1;
}

// Starts the service named by SERVICE as this process, so that signals reach its graceful shutdown.
import { existsSync, readdirSync } from 'node:fs';

const services = new URL('../../services/', import.meta.url);
const name = process.env.SERVICE ?? '';
const main = new URL(`${name}/dist/main.js`, services);

if (!/^[a-z][a-z-]*$/.test(name) || !existsSync(main)) {
  console.error(`SERVICE=${name || '(not set)'} is none of ${readdirSync(services).join(', ')}`);
  process.exit(64);
}
await import(main.href);

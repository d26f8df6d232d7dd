import './check-node.mjs';
import { bootstrap } from './bootstrap.mjs';
import { main } from './run.mjs';

// Packages, build and jars alone, for CI's static checks.
await main(() => {
  bootstrap();
  return 0;
});

import './bootstrap/check-node.mjs';
import { bootstrap } from './bootstrap/bootstrap.mjs';
import { inRoot } from './bootstrap/paths.mjs';
import { main, runInForeground } from './bootstrap/run.mjs';

// npm start [-- options]: installs and builds what is missing, then hands over to the supervisor with the same options.
await main(() => {
  const { node, env } = bootstrap();
  const supervisor = inRoot('apps', 'cli', 'dist', 'supervisor', 'main.js');
  // kafkajs sets timers for moments that have passed, of which Node 24 warns.
  return runInForeground(node, ['--disable-warning=TimeoutNegativeWarning', supervisor, ...process.argv.slice(2)], env);
});

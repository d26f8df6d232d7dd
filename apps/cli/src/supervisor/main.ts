import { upCommand } from '../up.js';

// What npm start runs; `headrace up` is the same command.
await upCommand().parseAsync();
process.exit();

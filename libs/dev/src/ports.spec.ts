import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { freePort, isPortFree } from './ports.js';

describe('ports', () => {
  it('a port is busy while something listens on it, and free before and after', async () => {
    const port = await freePort();
    expect(await isPortFree(port)).toBe(true);

    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    expect(await isPortFree(port)).toBe(false);

    server.close();
    await once(server, 'close');
    expect(await isPortFree(port)).toBe(true);
  });
});

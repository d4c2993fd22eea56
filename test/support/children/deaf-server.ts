import { createServer } from 'node:net';

// Listens, and never again does anything: the system takes the first few connections for it, and passes over all others.
const [address = '', port = ''] = process.argv.slice(2);
const server = createServer();
server.listen({ host: address, port: Number(port), backlog: 1 }, () => {
  process.stdout.write('listening\n', () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
});

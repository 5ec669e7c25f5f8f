/** node:net with many idle connections. */
import { createServer } from 'node:net';
import { settleOnSignal } from './settle.ts';

const port = Number(process.argv[2] ?? '8080');
settleOnSignal();

const server = createServer((socket) => {
  socket.on('data', (data) => socket.write(data));
  socket.on('error', () => socket.destroy());
});

server.listen(port, '127.0.0.1', () => console.log(`listening ${port}`));

/** node:net as an echo server, on whichever Node runs this file. A second argument: noDelay. */
import { createServer } from 'node:net';

const port = Number(process.argv[2] ?? '8080');
const noDelay = process.argv[3] === 'nodelay';

const server = createServer({ noDelay }, (socket) => {
  socket.on('data', (data) => socket.write(data));
  socket.on('error', () => socket.destroy());
});

server.listen(port, '127.0.0.1', () => console.log(`listening ${port}`));

/** node:dgram as a relay of datagrams, on whichever Node runs this file. */
import { createSocket } from 'node:dgram';

const port = Number(process.argv[2] ?? '8080');

const socket = createSocket('udp4');
socket.on('message', (data) => socket.send(data, port, '127.0.0.2'));
socket.on('error', () => {});
socket.bind(port, '127.0.0.1', () => console.log(`listening ${port}`));

/**
 * Websockets by the package ws: netfd hands it the connection when a client asks for the upgrade.
 *
 *   node dist/examples/websocket.js 127.0.0.1:8080
 */
import { WebSocketServer } from 'ws';
import { handleFunc, listenAndServe } from '../src/http.ts';
import { upgradeToNode } from '../src/node.ts';

const sockets = new WebSocketServer({ noServer: true });
sockets.on('connection', (socket) => {
  socket.on('message', (data, binary) => {
    for (const client of sockets.clients) client.send(data as Buffer, { binary });
  });
});

handleFunc('GET /chat', (w, r) => {
  const { req, socket, head } = upgradeToNode(w, r);
  sockets.handleUpgrade(req, socket, head, (client) => sockets.emit('connection', client, req));
});

await listenAndServe(process.argv[2] ?? '127.0.0.1:8080', undefined, {
  onListen: ({ addr }) => console.log(`serving ws://${String(addr)}/chat`),
});

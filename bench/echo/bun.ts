/** Bun.listen as an echo server. Short writes are not handled: no reply here can fill a buffer. */
interface BunSocket {
  write(data: Uint8Array): number;
}
declare const Bun: {
  listen(options: {
    hostname: string;
    port: number;
    socket: { data: (socket: BunSocket, data: Uint8Array) => void };
  }): unknown;
};

const port = Number(process.argv[2] ?? '8080');

Bun.listen({
  hostname: '127.0.0.1',
  port,
  socket: {
    data(socket, data) {
      socket.write(data);
    },
  },
});
console.log(`listening ${port}`);

export {};

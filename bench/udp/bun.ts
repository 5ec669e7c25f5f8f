/** Bun.udpSocket as an echo server. */
interface UdpSocket {
  send(data: Uint8Array, port: number, address: string): boolean;
}

interface UdpOptions {
  readonly hostname: string;
  readonly port: number;
  readonly socket: {
    data(socket: UdpSocket, data: Uint8Array, port: number, address: string): void;
    error(socket: UdpSocket, error: Error): void;
  };
}

declare const Bun: { udpSocket(options: UdpOptions): Promise<UdpSocket> };

const port = Number(process.argv[2] ?? '8080');

await Bun.udpSocket({
  hostname: '127.0.0.1',
  port,
  socket: {
    data(socket, data, to, address) {
      socket.send(data, to, address);
    },
    error() {}, // a client that is gone
  },
});
console.log(`listening ${port}`);

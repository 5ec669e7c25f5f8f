/**
 * The connection suite over connections that have gone through Node's streams: a Conn as a NodeSocket as
 * a Conn again, over each kind of connection; a net.Socket as a Conn; and TLS over both.
 */
import { once } from 'node:events';
import { after } from 'node:test';
import { connect, createServer, type Socket } from 'node:net';
import { linux } from '../../src/kernel/linux.ts';
import type { Conn } from '../../src/net/conn.ts';
import { pipe } from '../../src/net/pipe.ts';
import { Stack } from '../../src/net/stack.ts';
import { fromNodeSocket, toNodeSocket } from '../../src/node.ts';
import { ErrClosed } from '../../src/poll/errors.ts';
import { type Creator, socketCreators } from '../net/creators.ts';
import { nettest } from '../net/nettest.ts';

function creator(name: string, network: string, connect: () => Promise<[Conn, Conn]>): Creator {
  return {
    name,
    network,
    differences: {},
    closedCause: ErrClosed,
    listen: null,
    connect,
    dial: () => Promise.reject(new Error(`${name} is not dialled`)),
  };
}

function throughStreams(conn: Conn): Conn {
  return fromNodeSocket(toNodeSocket(conn));
}

for (const base of socketCreators(new Stack(linux))) {
  nettest(
    creator(`${base.name} as a stream`, base.network, async () => {
      const [one, other] = await base.connect();
      return [throughStreams(one), throughStreams(other)];
    }),
  );
}

// Nothing else does while an end of a pipe waits.
const alive = setInterval(() => {}, 60_000);
after(() => clearInterval(alive));

nettest(
  creator('pipe as a stream', 'pipe', async () => {
    const [one, other] = pipe(linux.clock);
    return [throughStreams(one), throughStreams(other)];
  }),
);

nettest(
  creator('net.Socket', 'tcp', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const accepting = once(server, 'connection') as Promise<[Socket]>;
    const dialled = connect(port, '127.0.0.1');
    await once(dialled, 'connect');
    const [accepted] = await accepting;
    server.close();
    return [fromNodeSocket(dialled), fromNodeSocket(accepted)];
  }),
);

/**
 * What the stream suites run over: each Creator makes pairs of connections of one kind. Where a kind
 * behaves otherwise than a socket does, that is written down here as data, with its reason; the suites
 * look it up and nothing else tells the kinds apart.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linux } from '../../src/kernel/linux.ts';
import type { Conn, Listener } from '../../src/net/conn.ts';
import { ErrClosedPipe, pipe } from '../../src/net/pipe.ts';
import type { Stack } from '../../src/net/stack.ts';
import { ErrClosed } from '../../src/poll/errors.ts';

/** What a kind of connection may do otherwise than a socket; the value is the reason. */
export interface Differences {
  /** No address, no system call and no code in the error of a closed connection. */
  readonly closedErrorIsBare?: string;
  /** Closing a closed connection, or half of it, is no error. */
  readonly closingTwiceIsNoError?: string;
  /** A write waits for its reader, and nothing is on its way in between. */
  readonly unbuffered?: string;
  /** Its deadlines cannot be set any more once the peer has closed. */
  readonly deadlinesEndWithPeer?: string;
}

export interface Creator {
  readonly name: string;
  readonly differences: Differences;
  /** The cause of what fails because the connection was closed here. */
  readonly closedCause: Error;
  /** The network in the texts of errors. */
  readonly network: string;
  /** A new connection: its two ends. */
  connect(): Promise<[Conn, Conn]>;
  /** A new listener; null where connections do not come from one. */
  readonly listen: (() => Promise<Listener>) | null;
  /** A connection to a listener of {@link Creator.listen}. */
  dial(listener: Listener): Promise<Conn>;
}

/** Connections of a stream network. `address` gives one to listen on, a new one each time. */
export function socketCreator(
  stack: Stack,
  name: string,
  network: string,
  address: () => string,
): Creator {
  const listen = (): Promise<Listener> => stack.listen(network, address());
  const dial = (listener: Listener): Promise<Conn> => stack.dial(network, String(listener.addr));
  return {
    name,
    network,
    differences: {},
    closedCause: ErrClosed,
    listen,
    dial,
    async connect() {
      const listener = await listen();
      try {
        const [dialled, accepted] = await Promise.all([dial(listener), listener.accept()]);
        return [dialled, accepted];
      } finally {
        listener.close();
      }
    },
  };
}

export const pipeCreator: Creator = {
  name: 'pipe',
  network: 'pipe',
  differences: {
    closedErrorIsBare: 'Go’s net.Pipe fails with io.ErrClosedPipe, which names no connection',
    closingTwiceIsNoError: 'Go’s net.Pipe may be closed twice',
    unbuffered: 'as Go’s net.Pipe: a write is handed over to the reads of the peer',
    deadlinesEndWithPeer: 'as Go’s net.Pipe, whose SetDeadline then fails with io.ErrClosedPipe',
  },
  closedCause: ErrClosedPipe,
  listen: null,
  connect: () => Promise.resolve(pipe(linux.clock)),
  dial: () => Promise.reject(new Error('a pipe is not dialled')),
};

let folder: string | null = null;
let names = 0;

/** A path where nothing is yet, in a folder that is removed at the end of the process. */
export function unixPath(): string {
  if (folder === null) {
    const made = mkdtempSync(join(tmpdir(), 'netfd-test-'));
    process.once('exit', () => rmSync(made, { recursive: true, force: true }));
    folder = made;
  }
  return join(folder, `socket-${names++}`);
}

/** An abstract name that nobody else uses. */
export function abstractName(): string {
  return `@netfd-test-${process.pid}-${names++}`;
}

/** All kinds of sockets that a Stack has streams of. */
export function socketCreators(stack: Stack): Creator[] {
  return [
    socketCreator(stack, 'tcp', 'tcp', () => '127.0.0.1:0'),
    socketCreator(stack, 'tcp6', 'tcp6', () => '[::1]:0'),
    socketCreator(stack, 'unix', 'unix', unixPath),
    socketCreator(stack, 'unix abstract', 'unix', abstractName),
  ];
}

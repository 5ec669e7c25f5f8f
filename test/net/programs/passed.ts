/**
 * Was given descriptors by its parent; what it makes of them it says in one line. Then each listener
 * greets one connection, by name. `passed.js fd N` takes descriptor N, `passed.js` those of LISTEN_FDS. See
 * socket-file.test.ts and activation.test.ts.
 */
import {
  activationListeners,
  fileListener,
  linux,
  listenFds,
  OpError,
  sdNotify,
  type TCPListener,
  type UnixListener,
} from '../../../src/index.ts';
import { F_GETFD, F_GETFL, O_NONBLOCK } from '../../../src/syscall/fcntl.ts';
import { print } from './output.ts';

type AnyListener = TCPListener | UnixListener;

async function greet(listener: AnyListener, text: string): Promise<void> {
  await using conn = await listener.accept();
  await conn.write(text);
}

function take(fd: number): void {
  const listener = fileListener(fd);
  const flags = linux.kernel.fcntl(fd, F_GETFL, 0);
  linux.kernel.close(fd);
  print({ addr: String(listener.addr), nonBlocking: (flags & O_NONBLOCK) !== 0 });
  void greet(listener, 'from a child').then(() => listener.close());
}

async function activated(): Promise<void> {
  try {
    const sockets = activationListeners();
    const told = await sdNotify('READY=1\nSTATUS=greeting');
    print({
      told,
      names: sockets.map(({ name, listener, packetConn }) => {
        return `${name} ${(listener ?? packetConn)?.network ?? 'neither'}`;
      }),
      closedOnExec: sockets.map(({ file }) =>
        file === null ? true : linux.kernel.fcntl(file.fd, F_GETFD, 0) === 1,
      ),
      left: Object.keys(process.env).filter((name) => name.startsWith('LISTEN_')),
      again: listenFds().length,
    });
    for (const { name, listener, packetConn, file } of sockets) {
      file?.close();
      packetConn?.close();
      if (listener === null) continue;
      await greet(listener, `from ${name}`);
      listener.close();
    }
    await sdNotify('STOPPING=1');
  } catch (error) {
    if (!(error instanceof OpError)) throw error;
    print({ error: error.message });
  }
}

const [, , how, fd] = process.argv;
if (how === 'fd') take(Number(fd));
else await activated();

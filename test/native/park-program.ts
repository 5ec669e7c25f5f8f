/**
 * Programs whose end is what is tested: run by park.test.ts as `park-program.js CASE uv|thread`. Each
 * prints what it saw as one line of JSON.
 */
import { EPOLL_CTL_ADD, EPOLLIN } from '../../src/syscall/epoll.ts';
import { O_CLOEXEC, O_NONBLOCK } from '../../src/syscall/fcntl.ts';
import { addon, callOf } from './addon.ts';

const [, , scene = '', way = ''] = process.argv;
const threaded = way === 'thread';

/** An epoll descriptor that watches the read end of a pipe. */
function watchedPipe(): { epfd: number; reader: number; writer: number } {
  const ends = new Int32Array(2);
  callOf('pipe2')(ends, O_CLOEXEC | O_NONBLOCK);
  const [reader = -1, writer = -1] = ends;
  const epfd = callOf('epoll_create1')(O_CLOEXEC);
  callOf('epoll_ctl')(epfd, EPOLL_CTL_ADD, reader, new Uint32Array([EPOLLIN, reader, 0]));
  return { epfd, reader, writer };
}

function print(what: object): void {
  console.log(JSON.stringify(what));
}

const { epfd, reader, writer } = watchedPipe();

const scenes: Readonly<Record<string, () => void>> = {
  /** Nothing refers to the wait: the process ends by itself. */
  unref() {
    addon.park(epfd, () => false, threaded);
    print({ parked: true });
  },

  /** A referenced wait keeps the process alive, which a timer without reference sees. */
  ref() {
    const handle = addon.park(epfd, () => false, threaded);
    addon.parkRef(handle);
    setTimeout(() => {
      print({ alive: true });
      addon.parkUnref(handle);
    }, 100).unref();
  },

  /** The same, ended by closing. */
  close() {
    const handle = addon.park(epfd, () => false, threaded);
    addon.parkRef(handle);
    setTimeout(() => {
      print({ alive: true });
      addon.parkClose(handle);
    }, 100).unref();
  },

  /** What `ready` throws is an uncaught exception, and the wait goes on after it. */
  throw() {
    const seen: string[] = [];
    const handle = addon.park(
      epfd,
      () => {
        callOf('read')(reader, new Uint8Array(8), 8);
        if (seen.length === 0) throw new Error('from ready');
        print({ seen });
        addon.parkClose(handle);
        return false;
      },
      threaded,
    );
    process.on('uncaughtException', (error) => {
      seen.push(error.message);
      callOf('write')(writer, Buffer.from('b'), 1);
    });
    addon.parkRef(handle);
    callOf('write')(writer, Buffer.from('a'), 1);
  },

  /** Without a listener for it, that ends the process as any exception does. */
  die() {
    const fail = (): boolean => {
      throw new Error('from ready');
    };
    addon.parkRef(addon.park(epfd, fail, threaded));
    callOf('write')(writer, Buffer.from('a'), 1);
  },

  /** An exit in the midst of `ready`. */
  exit() {
    const leave = (): boolean => process.exit(7);
    addon.parkRef(addon.park(epfd, leave, threaded));
    callOf('write')(writer, Buffer.from('a'), 1);
  },
};

scenes[scene]?.();

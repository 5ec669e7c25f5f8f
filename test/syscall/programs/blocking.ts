/** A worker that makes one blocking call, says before which thread it is, and afterwards what came of it. */
import { readlinkSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import {
  accept,
  connect,
  EPOLL_CTL_ADD,
  epoll_create1,
  epoll_ctl,
  epoll_wait,
  EPOLLIN,
  FdSet,
  MSG_WAITALL,
  poll,
  POLLIN,
  read,
  recv,
  recvmmsg,
  recvmsg,
  select,
  send,
  type Sockaddr,
  write,
} from '../../../src/syscall.ts';

export interface Scene {
  readonly name: string;
  readonly fd: number;
  readonly addr?: Sockaddr;
}

export interface Before {
  readonly task: string;
}

const { name, fd, addr } = workerData as Scene;
const large = new Uint8Array(8 << 20);

function room(): { iov: Uint8Array } {
  return { iov: new Uint8Array(4) };
}

const scenes: Readonly<Record<string, () => unknown>> = {
  accept: () => accept(fd).fd,
  connect: () => connect(fd, addr!),
  read: () => read(fd, new Uint8Array(16)),
  write: () => write(fd, large),
  recv: () => recv(fd, new Uint8Array(16)),
  waitall: () => recv(fd, new Uint8Array(10), MSG_WAITALL),
  recvmsg: () => recvmsg(fd, room()).size,
  recvmmsg: () => recvmmsg(fd, [room(), room()]).map(({ size }) => size),
  send: () => send(fd, large),
  select: () => select(fd + 1, new FdSet([fd]), null, null, null),
  poll: () => poll(Array.from({ length: 37 }, () => ({ fd, events: POLLIN, revents: 0 }))),
  epoll_wait: () => {
    const ep = epoll_create1();
    epoll_ctl(ep, EPOLL_CTL_ADD, fd, { events: EPOLLIN });
    return epoll_wait(ep, 37).map(({ data }) => data);
  },
};

const before: Before = { task: readlinkSync('/proc/thread-self') };
parentPort!.postMessage(before);
parentPort!.postMessage(scenes[name]!());

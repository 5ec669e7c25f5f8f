/** The arguments of every function of the addon, as the tests of argument checking and the fuzz need them. */

export type Kind =
  | 'int'
  | 'bytes' // Uint8Array or null
  | 'path' // Uint8Array with a NUL byte, or null
  | 'socklen' // a length within the bytes before it
  | 'socklenPointer' // a Uint32Array whose first element lies within the bytes before it
  | 'words2' // Int32Array or Uint32Array of at least 2 elements
  | 'words3'
  | 'events' // records of three words, as many as the argument after it says
  | 'count' // what is left of the bytes before it
  | 'offset' // optional
  | 'command'; // of fcntl, with a number as its argument

export type Signature = readonly (readonly [name: string, kind: Kind])[];

const SOCKADDR: Signature = [
  ['sockfd', 'int'],
  ['addr', 'bytes'],
  ['addrlen', 'socklen'],
];

const SOCKADDR_OUT: Signature = [
  ['sockfd', 'int'],
  ['addr', 'bytes'],
  ['addrlen', 'socklenPointer'],
];

const TRANSFER: Signature = [
  ['fd', 'int'],
  ['buf', 'bytes'],
  ['count', 'count'],
  ['offset', 'offset'],
];

export const signatures: Readonly<Record<string, Signature>> = {
  socket: [
    ['domain', 'int'],
    ['type', 'int'],
    ['protocol', 'int'],
  ],
  socketpair: [
    ['domain', 'int'],
    ['type', 'int'],
    ['protocol', 'int'],
    ['sv', 'words2'],
  ],
  bind: SOCKADDR,
  listen: [
    ['sockfd', 'int'],
    ['backlog', 'int'],
  ],
  accept4: [...SOCKADDR_OUT, ['flags', 'int']],
  connect: SOCKADDR,
  shutdown: [
    ['sockfd', 'int'],
    ['how', 'int'],
  ],
  getsockname: SOCKADDR_OUT,
  getpeername: SOCKADDR_OUT,
  setsockopt: [
    ['sockfd', 'int'],
    ['level', 'int'],
    ['optname', 'int'],
    ['optval', 'bytes'],
    ['optlen', 'socklen'],
  ],
  getsockopt: [
    ['sockfd', 'int'],
    ['level', 'int'],
    ['optname', 'int'],
    ['optval', 'bytes'],
    ['optlen', 'socklenPointer'],
  ],
  read: TRANSFER,
  write: TRANSFER,
  close: [['fd', 'int']],
  fcntl: [
    ['fd', 'int'],
    ['cmd', 'command'],
    ['arg', 'int'],
  ],
  openat: [
    ['dirfd', 'int'],
    ['path', 'path'],
    ['flags', 'int'],
    ['mode', 'int'],
  ],
  unlinkat: [
    ['dirfd', 'int'],
    ['path', 'path'],
    ['flags', 'int'],
  ],
  statx: [
    ['dirfd', 'int'],
    ['path', 'path'],
    ['flags', 'int'],
    ['mask', 'int'],
    ['statxbuf', 'bytes'],
  ],
  pipe2: [
    ['pipefd', 'words2'],
    ['flags', 'int'],
  ],
  epoll_create1: [['flags', 'int']],
  epoll_ctl: [
    ['epfd', 'int'],
    ['op', 'int'],
    ['fd', 'int'],
    ['event', 'words3'],
  ],
  epoll_wait: [
    ['epfd', 'int'],
    ['events', 'events'],
    ['maxevents', 'int'],
    ['timeout', 'int'],
  ],
};

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
  | 'length' // that belongs to no buffer
  | 'time' // 16 bytes, or null
  | 'sigmask' // 8 bytes, or null
  | 'fileOffset' // 8 bytes, or null
  | 'fdset' // as long as nfds says, or null
  | 'pollfds' // two words for each of nfds
  | 'iov' // a Uint8Array or an array of them
  | 'lengths' // a Uint32Array of three
  | 'msgvec' // records of eight words
  | 'request' // of ioctl, known to hold no address
  | 'argument' // bytes, a number or null, as the request says
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

const DATAGRAM: Signature = [
  ['sockfd', 'int'],
  ['buf', 'bytes'],
  ['size', 'count'],
  ['flags', 'int'],
  ['addr', 'bytes'],
];

const MESSAGE: Signature = [
  ['sockfd', 'int'],
  ['name', 'bytes'],
  ['iov', 'iov'],
  ['control', 'bytes'],
  ['lengths', 'lengths'],
  ['flags', 'int'],
];

const MESSAGES: Signature = [
  ['sockfd', 'int'],
  ['memory', 'bytes'],
  ['msgvec', 'msgvec'],
  ['vlen', 'int'],
  ['flags', 'int'],
];

const VECTOR: Signature = [
  ['fd', 'int'],
  ['iov', 'iov'],
];

const SETS: Signature = [
  ['nfds', 'int'],
  ['readfds', 'fdset'],
  ['writefds', 'fdset'],
  ['exceptfds', 'fdset'],
  ['timeout', 'time'],
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
  accept: SOCKADDR_OUT,
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
  pread64: [
    ['fd', 'int'],
    ['buf', 'bytes'],
    ['count', 'count'],
    ['offset', 'length'],
  ],
  readv: VECTOR,
  writev: VECTOR,
  recvfrom: [...DATAGRAM, ['addrlen', 'socklenPointer']],
  sendto: [...DATAGRAM, ['addrlen', 'socklen']],
  recvmsg: MESSAGE,
  sendmsg: MESSAGE,
  recvmmsg: [...MESSAGES, ['timeout', 'time']],
  sendmmsg: MESSAGES,
  sendfile: [
    ['out_fd', 'int'],
    ['in_fd', 'int'],
    ['offset', 'fileOffset'],
    ['count', 'length'],
  ],
  splice: [
    ['fd_in', 'int'],
    ['off_in', 'fileOffset'],
    ['fd_out', 'int'],
    ['off_out', 'fileOffset'],
    ['size', 'length'],
    ['flags', 'int'],
  ],
  close: [['fd', 'int']],
  dup: [['oldfd', 'int']],
  dup3: [
    ['oldfd', 'int'],
    ['newfd', 'int'],
    ['flags', 'int'],
  ],
  fcntl: [
    ['fd', 'int'],
    ['cmd', 'command'],
    ['arg', 'int'],
  ],
  ioctl: [
    ['fd', 'int'],
    ['request', 'request'],
    ['arg', 'argument'],
  ],
  openat: [
    ['dirfd', 'int'],
    ['path', 'path'],
    ['flags', 'int'],
    ['mode', 'int'],
  ],
  openat2: [
    ['dirfd', 'int'],
    ['path', 'path'],
    ['how', 'bytes'],
    ['size', 'count'],
  ],
  unlinkat: [
    ['dirfd', 'int'],
    ['path', 'path'],
    ['flags', 'int'],
  ],
  readlinkat: [
    ['dirfd', 'int'],
    ['path', 'path'],
    ['buf', 'bytes'],
    ['bufsiz', 'count'],
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
  eventfd2: [
    ['initval', 'int'],
    ['flags', 'int'],
  ],
  select: SETS,
  pselect6: [...SETS, ['sigmask', 'sigmask']],
  poll: [
    ['fds', 'pollfds'],
    ['nfds', 'int'],
    ['timeout', 'int'],
  ],
  ppoll: [
    ['fds', 'pollfds'],
    ['nfds', 'int'],
    ['timeout', 'time'],
    ['sigmask', 'sigmask'],
  ],
  epoll_create: [['size', 'int']],
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

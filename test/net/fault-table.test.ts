/**
 * What is done about each errno of each call: the exact error, or nothing that anybody notices. In every row
 * nothing is lost, no descriptor stays open, and what comes after the faults works as ever (fault-scenes.ts).
 *
 *   SCENE | what stands before the call in the error's text: of what operation, on what
 *     RULE of strace's -e inject          the call that is named, and why; "(2)": it came so often
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { play, type Scene } from './faulted.ts';
import { type SceneName, scenes } from './fault-scenes.ts';

const TABLE = `
listening | listen tcp4 127.0.0.1:0
  socket:error=EMFILE:when=1         socket: too many open files
  socket:error=ENFILE:when=1         socket: too many open files in system
  socket:error=ENOBUFS:when=1        socket: no buffer space available
  socket:error=ENOMEM:when=1         socket: cannot allocate memory
  socket:error=EAFNOSUPPORT:when=1   socket: address family not supported by protocol
  socket:error=EACCES:when=1         socket: permission denied
  setsockopt:error=ENOMEM:when=1     setsockopt: cannot allocate memory
  bind:error=EADDRINUSE:when=1       bind: address already in use
  bind:error=EACCES:when=1           bind: permission denied
  bind:error=EADDRNOTAVAIL:when=1    bind: cannot assign requested address
  bind:error=EINVAL:when=1           bind: invalid argument
  bind:error=EADDRINUSE:when=1..2    bind: address already in use (2)
  listen:error=EADDRINUSE:when=1     listen: address already in use
  listen:error=EOPNOTSUPP:when=1     listen: operation not supported
  epoll_create1:error=EMFILE:when=1  epoll_create1: too many open files
  epoll_create1:error=ENFILE:when=1  epoll_create1: too many open files in system
  epoll_create1:error=ENOMEM:when=1  epoll_create1: cannot allocate memory
  epoll_ctl:error=ENOSPC:when=1      epoll_ctl: no space left on device
  epoll_ctl:error=ENOMEM:when=1      epoll_ctl: cannot allocate memory
listening | nobody notices
  getsockname:error=ENOBUFS:when=1
  openat:error=EMFILE:when=1
  read:error=EIO:when=1
  close:error=EINTR
  close:error=EIO
accepting | accept tcp4 127.0.0.1:*
  accept4:error=EMFILE:when=1        accept4: too many open files
  accept4:error=ENFILE:when=1        accept4: too many open files in system
  accept4:error=ENOBUFS:when=1       accept4: no buffer space available
  accept4:error=ENOMEM:when=1        accept4: cannot allocate memory
  accept4:error=EPROTO:when=1        accept4: protocol error
  accept4:error=EPERM:when=1         accept4: operation not permitted
  accept4:error=ENETDOWN:when=1      accept4: network is down
  accept4:error=ENOPROTOOPT:when=1   accept4: protocol not available
  accept4:error=EHOSTDOWN:when=1     accept4: host is down
  accept4:error=ENONET:when=1        accept4: machine is not on the network
  accept4:error=EHOSTUNREACH:when=1  accept4: no route to host
  accept4:error=EOPNOTSUPP:when=1    accept4: operation not supported
  accept4:error=ENETUNREACH:when=1   accept4: network is unreachable
  accept4:error=EINVAL:when=1        accept4: invalid argument
  accept4:error=ECONNRESET:when=1    accept4: connection reset by peer
  accept4:error=EMFILE:when=1..2     accept4: too many open files (2)
accepting | nobody notices
  accept4:error=ECONNABORTED:when=1..3
  accept4:error=EINTR:when=1..3
  accept4:error=EAGAIN:when=1
  epoll_ctl:error=ENOSPC:when=2
  getsockname:error=ENOBUFS
  setsockopt:error=ENOMEM:when=2+
  epoll_wait:error=EINTR:when=1..2
iterating | nobody notices
  accept4:error=EMFILE:when=1..2
  accept4:error=ENFILE:when=1..2
  accept4:error=EINTR:when=1..2
iterating | accept tcp4 127.0.0.1:*
  accept4:error=ENOMEM:when=1        accept4: cannot allocate memory
dialling | dial tcp4 127.0.0.1:*
  socket:error=EMFILE:when=1         socket: too many open files
  socket:error=ENFILE:when=1         socket: too many open files in system
  socket:error=ENOBUFS:when=1        socket: no buffer space available
  socket:error=ENOMEM:when=1         socket: cannot allocate memory
  socket:error=EAFNOSUPPORT:when=1   socket: address family not supported by protocol
  socket:error=EACCES:when=1         socket: permission denied
  connect:error=ECONNREFUSED:when=1  connect: connection refused
  connect:error=ETIMEDOUT:when=1     connect: connection timed out
  connect:error=ENETUNREACH:when=1   connect: network is unreachable
  connect:error=EHOSTUNREACH:when=1  connect: no route to host
  connect:error=EACCES:when=1        connect: permission denied
  connect:error=EPERM:when=1         connect: operation not permitted
  connect:error=EADDRINUSE:when=1    connect: address already in use
  connect:error=EAFNOSUPPORT:when=1  connect: address family not supported by protocol
  connect:error=EAGAIN:when=1        connect: resource temporarily unavailable
  connect:error=ENOBUFS:when=1       connect: no buffer space available
  connect:error=EBADF:when=1         connect: bad file descriptor
  epoll_create1:error=EMFILE:when=1  epoll_create1: too many open files
  epoll_ctl:error=ENOSPC:when=1      epoll_ctl: no space left on device
  getsockopt:error=ENOBUFS:when=1    connect: no buffer space available
dialling | nobody notices
  connect:error=EADDRNOTAVAIL:when=1
  connect:error=EINTR:when=1
  connect:error=EALREADY:when=1
  connect:error=EINPROGRESS:when=1
  connect:error=EISCONN:when=1
  getsockname:error=ENOBUFS
  getpeername:error=ENOBUFS:when=1..2
  setsockopt:error=ENOMEM
  epoll_wait:error=EINTR:when=1..3
  epoll_wait:error=EBADF:when=1
  close:error=EINTR
  close:error=EIO
resolving | nobody notices
  openat:error=EMFILE:when=1
  statx:error=EIO
  close:error=EIO
unix | listen unix SOCKET
  socket:error=EMFILE:when=1         socket: too many open files
  bind:error=EADDRINUSE:when=1       bind: address already in use
  bind:error=ENOSPC:when=1           bind: no space left on device
unix | dial unix SOCKET
  connect:error=ENOENT:when=1        connect: no such file or directory
  connect:error=EAGAIN:when=1        connect: resource temporarily unavailable
  connect:error=ECONNREFUSED:when=1  connect: connection refused
unix | nobody notices
  unlinkat:error=EACCES
  sendmsg:error=EINTR:when=1
  recvmsg:error=EINTR:when=1
  close:error=EIO
unix | file unix @->SOCKET
  fcntl:error=EMFILE:when=1          fcntl: too many open files
unix | write unix @->SOCKET
  sendmsg:error=ETOOMANYREFS:when=1  sendmsg: too many references: cannot splice
  sendmsg:error=ENOBUFS:when=1       sendmsg: no buffer space available
  sendmsg:error=EPIPE:when=1         sendmsg: broken pipe
unix | read unix SOCKET->@
  recvmsg:error=ECONNRESET:when=1    recvmsg: connection reset by peer
  recvmsg:error=ENOMEM:when=1        recvmsg: cannot allocate memory
unix | accept unix SOCKET
  accept4:error=EMFILE:when=1        accept4: too many open files
reading | read tcp4 127.0.0.1:*->127.0.0.1:*
  read:error=ECONNRESET:when=1       read: connection reset by peer
  read:error=ETIMEDOUT:when=1        read: connection timed out
  read:error=EIO:when=1              read: input/output error
  read:error=ENOBUFS:when=1          read: no buffer space available
  read:error=ENOMEM:when=1           read: cannot allocate memory
  read:error=EHOSTUNREACH:when=1     read: no route to host
  read:error=ECONNRESET:when=3       read: connection reset by peer
reading | nobody notices
  read:error=EINTR:when=1+2
  read:error=EAGAIN:when=1
  write:error=EINTR:when=1+2
  write:retval=0:when=1
  epoll_wait:error=EINTR:when=1..5
  close:error=EINTR
  close:error=EIO
  epoll_ctl:error=ENOENT:when=2
reading | write tcp4 127.0.0.1:*->127.0.0.1:*
  write:error=ECONNRESET:when=1      write: connection reset by peer
  write:error=EPIPE:when=1           write: broken pipe
  write:error=ETIMEDOUT:when=1       write: connection timed out
  write:error=EIO:when=1             write: input/output error
  write:error=ENOBUFS:when=1         write: no buffer space available
  write:error=ENOMEM:when=1          write: cannot allocate memory
  write:error=ENETDOWN:when=1        write: network is down
  write:error=EPIPE:when=2..3        write: broken pipe (2)
  write:retval=0:when=2              write: input/output error
reading | close tcp4 127.0.0.1:*->127.0.0.1:*
  shutdown:error=ENOTCONN:when=1     shutdown: transport endpoint is not connected
  shutdown:error=ENOBUFS:when=1      shutdown: no buffer space available
vectors | read tcp4 127.0.0.1:*->127.0.0.1:*
  readv:error=ECONNRESET:when=1      readv: connection reset by peer
  readv:error=ETIMEDOUT:when=1       readv: connection timed out
  readv:error=EIO:when=1             readv: input/output error
  readv:error=ENOBUFS:when=1         readv: no buffer space available
  readv:error=ECONNRESET:when=3      readv: connection reset by peer
vectors | writev tcp4 127.0.0.1:*->127.0.0.1:*
  writev:error=ECONNRESET:when=1     writev: connection reset by peer
  writev:error=EPIPE:when=1          writev: broken pipe
  writev:error=ETIMEDOUT:when=1      writev: connection timed out
  writev:error=EIO:when=1            writev: input/output error
  writev:error=ENOBUFS:when=1        writev: no buffer space available
  writev:error=EPIPE:when=2          writev: broken pipe
  writev:retval=0:when=2             writev: input/output error
vectors | nobody notices
  readv:error=EINTR:when=1+2
  writev:error=EINTR:when=1+2
trying | read tcp4 127.0.0.1:*->127.0.0.1:*
  read:error=ECONNRESET:when=1       read: connection reset by peer
  read:error=EIO:when=4              read: input/output error
trying | nobody notices
  read:error=EINTR:when=1+2
  write:error=EINTR:when=1+2
trying | write tcp4 127.0.0.1:*->127.0.0.1:*
  write:error=EPIPE:when=1           write: broken pipe
  write:error=ENOBUFS:when=3         write: no buffer space available
settings | nobody notices
  setsockopt:error=ENOPROTOOPT:when=4
settings | set tcp4 127.0.0.1:*->127.0.0.1:*
  setsockopt:error=EINVAL:when=5..6  setsockopt: invalid argument (2)
  setsockopt:error=EDOM:when=7..9    setsockopt: numerical argument out of domain (3)
settings | get tcp4 127.0.0.1:*->127.0.0.1:*
  getsockopt:error=ENOPROTOOPT:when=2 getsockopt: protocol not available
  getsockopt:error=ENOBUFS:when=2..4 getsockopt: no buffer space available (3)
copied | file tcp4 127.0.0.1:*->127.0.0.1:*
  fcntl:error=EMFILE:when=1          fcntl: too many open files
  fcntl:error=ENFILE:when=1          fcntl: too many open files in system
  fcntl:error=EBADF:when=1           fcntl: bad file descriptor
  fcntl:error=EINVAL:when=1..2       fcntl: invalid argument (2)
copied | nobody notices
  close:error=EIO
files | bare
  openat:error=EMFILE:when=1         openat: too many open files
  openat:error=ENFILE:when=1         openat: too many open files in system
  openat:error=ENOENT:when=1         openat: no such file or directory
  openat:error=EACCES:when=1         openat: permission denied
  statx:error=EIO:when=1             statx: input/output error
  statx:error=ENOMEM:when=1          statx: cannot allocate memory
  pread64:error=EIO:when=1           pread64: input/output error
files | nobody notices
  openat:error=EINTR:when=1..3
  sendfile:error=EINTR:when=1..3
  pread64:error=EINTR:when=1
  close:error=EIO
files | readfrom tcp4 127.0.0.1:*->127.0.0.1:*
  sendfile:error=EIO:when=1          sendfile: input/output error
  sendfile:error=ENOMEM:when=1       sendfile: cannot allocate memory
  sendfile:error=EPIPE:when=1        sendfile: broken pipe
  sendfile:error=ECONNRESET:when=1   sendfile: connection reset by peer
  sendfile:error=EINVAL:when=1       sendfile: invalid argument
  sendfile:error=EOVERFLOW:when=1    sendfile: value too large for defined data type
proxying | nobody notices
  pipe2:error=EMFILE
  pipe2:error=ENFILE:when=1
  splice:error=EINVAL:when=1
  splice:error=EINTR:when=1..3
  splice:error=EINTR:when=2
proxying | readfrom tcp4 127.0.0.1:*->127.0.0.1:*
  splice:error=ECONNRESET:when=1     splice: connection reset by peer
  splice:error=ENOMEM:when=1         splice: cannot allocate memory
  splice:error=EPIPE:when=2          splice: broken pipe
  splice:error=ECONNRESET:when=2     splice: connection reset by peer
  splice:retval=0:when=2             splice: input/output error
  splice:error=ECONNRESET:when=3     splice: connection reset by peer
packets | listen udp4 127.0.0.1:0
  socket:error=EMFILE:when=1         socket: too many open files
  bind:error=EADDRINUSE:when=1       bind: address already in use
  setsockopt:error=ENOMEM:when=1     setsockopt: cannot allocate memory
  epoll_ctl:error=ENOSPC:when=1      epoll_ctl: no space left on device
packets | nobody notices
  sendto:error=EINTR:when=1
  sendto:error=EAGAIN:when=1
  recvfrom:error=EINTR:when=1
  recvfrom:error=EAGAIN:when=1
  close:error=EIO
  getsockname:error=ENOBUFS
packets | write udp4 127.0.0.1:*->127.0.0.1:*
  sendto:error=ENOBUFS:when=1        sendto: no buffer space available
  sendto:error=ENOMEM:when=1         sendto: cannot allocate memory
  sendto:error=EPERM:when=1          sendto: operation not permitted
  sendto:error=ENETUNREACH:when=1    sendto: network is unreachable
  sendto:error=EHOSTUNREACH:when=1   sendto: no route to host
  sendto:error=ECONNREFUSED:when=1   sendto: connection refused
  sendto:error=EMSGSIZE:when=1       sendto: message too long
  sendto:error=EINVAL:when=1         sendto: invalid argument
packets | read udp4 127.0.0.1:*
  recvfrom:error=ECONNREFUSED:when=1 recvfrom: connection refused
  recvfrom:error=ENOMEM:when=1       recvfrom: cannot allocate memory
  recvfrom:error=EIO:when=1          recvfrom: input/output error
messages | nobody notices
  sendmsg:error=EINTR:when=1
  sendmsg:error=EAGAIN:when=1
  recvmsg:error=EINTR:when=1
  recvmsg:error=EAGAIN:when=1
messages | write udp4 127.0.0.1:*->127.0.0.1:*
  sendmsg:error=ENOBUFS:when=1       sendmsg: no buffer space available
  sendmsg:error=ENOMEM:when=1        sendmsg: cannot allocate memory
  sendmsg:error=EPERM:when=1         sendmsg: operation not permitted
  sendmsg:error=EHOSTUNREACH:when=1  sendmsg: no route to host
  sendmsg:error=EMSGSIZE:when=1      sendmsg: message too long
messages | read udp4 127.0.0.1:*
  recvmsg:error=ECONNREFUSED:when=1  recvmsg: connection refused
  recvmsg:error=ENOMEM:when=1        recvmsg: cannot allocate memory
batches | nobody notices
  sendmmsg:error=EINTR:when=1
  sendmmsg:error=EAGAIN:when=1
  recvmmsg:error=EINTR:when=1
  recvmmsg:error=EAGAIN:when=1
batches | write udp4 127.0.0.1:*->127.0.0.1:*
  sendmmsg:error=ENOBUFS:when=1      sendmmsg: no buffer space available
  sendmmsg:error=ENOMEM:when=1       sendmmsg: cannot allocate memory
  sendmmsg:error=EPERM:when=1        sendmmsg: operation not permitted
  sendmmsg:error=EHOSTUNREACH:when=1 sendmmsg: no route to host
  sendmmsg:error=EMSGSIZE:when=1     sendmmsg: message too long
batches | read udp4 127.0.0.1:*
  recvmmsg:error=ECONNREFUSED:when=1 recvmmsg: connection refused
  recvmmsg:error=ENOMEM:when=1       recvmmsg: cannot allocate memory
`;

/** Here everything may fail, from the first call on. */
const fromTheStart = new Map<string, Scene>(
  Object.entries(scenes).map(([name, scene]): [string, Scene] => [
    name,
    (stack, noticed, begin) => {
      begin();
      return scene(stack, noticed, begin);
    },
  ]),
);

interface Row {
  readonly scene: SceneName;
  readonly rule: string;
  /** The call that the error names, empty if nobody notices. */
  readonly call: string;
  readonly text: string;
}

function* rowsOf(table: string): Generator<Row> {
  let scene = '' as SceneName;
  let before = '';
  for (const line of table.trim().split('\n')) {
    const [, rule, rest = ''] = /^  (\S+) *(.*)$/.exec(line) ?? [];
    if (rule === undefined) {
      [scene, before] = line.split(' | ') as [SceneName, string];
      continue;
    }
    const text = before === 'bare' ? rest : `${before}: ${rest}`;
    yield { scene, rule, call: rest.split(':', 1)[0]!, text };
  }
}

/** What no kernel does and would never end, taking nothing of something, is EIO. */
function codeOf(rule: string): string {
  return /:error=(\w+)/.exec(rule)?.[1] ?? 'EIO';
}

suite('what is done about each errno', { timeout: 240_000 }, () => {
  for (const { scene, rule, call, text } of rowsOf(TABLE)) {
    test(`${scene}: ${rule}: ${call === '' ? 'nobody notices' : text}`, async () => {
      const { texts, errors } = await play(fromTheStart.get(scene)!, rule);
      assert.deepEqual(texts, call === '' ? [] : [text]);
      for (const { code, syscall } of errors) {
        assert.deepEqual({ code, syscall }, { code: codeOf(rule), syscall: call });
      }
    });
  }
});

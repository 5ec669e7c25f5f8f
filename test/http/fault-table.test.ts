/**
 * What a client gets, and what the server logs, for each errno of each call that serving makes. In every row
 * the next client gets what it should, and no descriptor stays open (fault-scenes.ts).
 *
 *   SCENE | the status of the reply, or what came of it [| what is logged]
 *     RULE of strace's -e inject          what stands in the log for the "%"
 */
import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { play } from '../net/faulted.ts';
import { removeFiles, type SceneName, scenes } from './fault-scenes.ts';

const TABLE = `
hello | 200 | http: Accept error: accept tcp 127.0.0.1:*: accept4: %; retrying in 5ms
  accept4:error=EMFILE:when=1        too many open files
  accept4:error=ENFILE:when=1        too many open files in system
  accept4:error=ENOBUFS:when=1       no buffer space available
  accept4:error=ENOMEM:when=1        cannot allocate memory
  accept4:error=EPROTO:when=1        protocol error
  accept4:error=EPERM:when=1         operation not permitted
  accept4:error=ENETDOWN:when=1      network is down
  accept4:error=EHOSTUNREACH:when=1  no route to host
  accept4:error=ENOPROTOOPT:when=1   protocol not available
  accept4:error=EHOSTDOWN:when=1     host is down
  accept4:error=ENONET:when=1        machine is not on the network
  accept4:error=EOPNOTSUPP:when=1    operation not supported
  accept4:error=ENETUNREACH:when=1   network is unreachable
  accept4:error=ENOSPC:when=1        no space left on device
hello | 200
  accept4:error=ECONNABORTED:when=1
  accept4:error=EINTR:when=1
  read:error=EINTR:when=1
  write:error=EINTR:when=1
  close:error=EIO:when=1
  close:error=EINTR:when=1
  epoll_ctl:error=ENOSPC:when=1
  epoll_ctl:error=ENOMEM:when=1
  epoll_wait:error=EINTR:when=1..3
hello | no reply
  read:error=ECONNRESET:when=1
  read:error=ETIMEDOUT:when=1
  read:error=EIO:when=1
  read:error=ENOMEM:when=1
  read:error=EHOSTUNREACH:when=1
  write:error=ECONNRESET:when=1
  write:error=EPIPE:when=1
  write:error=ETIMEDOUT:when=1
  write:error=EIO:when=1
  write:error=ENOBUFS:when=1
body | no reply
  read:error=ECONNRESET:when=2
  read:error=EIO:when=2
  write:error=EPIPE:when=1
  write:error=ECONNRESET:when=1
  write:error=ENOBUFS:when=1
body | 408
  read:error=ETIMEDOUT:when=2
body | 200
  read:error=EINTR:when=1+2
  write:error=EINTR:when=1+2
  epoll_ctl:error=ENOSPC:when=1
short | 500 | http: panic serving 127.0.0.1:*: SyscallError: %
  openat2:error=EMFILE:when=1        openat2: too many open files
  openat2:error=ENFILE:when=1        openat2: too many open files in system
  openat2:error=EIO:when=1           openat2: input/output error
  openat2:error=ENOMEM:when=1        openat2: cannot allocate memory
  statx:error=EIO:when=1             statx: input/output error
  statx:error=ENOMEM:when=1          statx: cannot allocate memory
short | 403
  openat2:error=EACCES:when=1
  statx:error=EACCES:when=1
short | 404
  openat2:error=ENOENT:when=1
  openat2:error=ENAMETOOLONG:when=1
short | 200
  openat2:error=EINTR:when=1
  openat2:error=ELOOP:when=1
  openat2:error=ENOSYS:when=1
  openat2:error=EPERM:when=1
  pread64:error=EINTR:when=1
  close:error=EIO:when=1
  close:error=EINTR:when=1
short | no reply
  pread64:error=EIO:when=1
  pread64:error=ENOMEM:when=1
  write:error=EPIPE:when=1
long | 500 | http: panic serving 127.0.0.1:*: SyscallError: %
  openat2:error=EMFILE:when=1        openat2: too many open files
  openat2:error=EIO:when=1           openat2: input/output error
  statx:error=EIO:when=1             statx: input/output error
long | 200, cut
  sendfile:error=EIO:when=1
  sendfile:error=ENOMEM:when=1
  sendfile:error=EPIPE:when=1
  sendfile:error=ECONNRESET:when=1
  sendfile:error=EOVERFLOW:when=1
long | 200
  sendfile:error=EINVAL:when=1
  sendfile:error=EINTR:when=1
  sendfile:error=ENOSYS:when=1
  sendfile:error=EOPNOTSUPP:when=1
  sendfile:error=EINVAL
  sendfile:error=EINTR:when=2
  sendfile:error=EINVAL:when=2
  close:error=EIO:when=1
  write:error=EINTR:when=1
long | 200, cut | http: a file has become shorter while it was sent (127.0.0.1:*)
  sendfile:retval=0:when=1
long | no reply
  write:error=EPIPE:when=1
`;

interface Row {
  readonly scene: SceneName;
  readonly rule: string;
  /** What is not as without faults: the reply, then the log. */
  readonly noticed: readonly string[];
}

function* rowsOf(table: string): Generator<Row> {
  let scene = '' as SceneName;
  let reply = '';
  let log: string | undefined;
  for (const line of table.trim().split('\n')) {
    const [, rule, part = ''] = /^  (\S+) *(.*)$/.exec(line) ?? [];
    if (rule === undefined) {
      [scene, reply, log] = line.split(' | ') as [SceneName, string, string | undefined];
      continue;
    }
    const noticed = reply === '200' ? [] : [reply];
    if (log !== undefined) noticed.push(log.replace('%', part));
    yield { scene, rule, noticed };
  }
}

suite('what is served of each errno', { timeout: 240_000 }, () => {
  after(removeFiles);
  for (const { scene, rule, noticed } of rowsOf(TABLE)) {
    test(`${scene}: ${rule}: ${noticed.join(', ') || 'nobody notices'}`, async () => {
      const { texts } = await play(scenes[scene], rule);
      assert.deepEqual(texts, noticed);
    });
  }
});

/** Explanations: files, pipes and copies of descriptors. */
import { ELOOP, ENOENT } from '../../syscall/errno.ts';
import { F_DUPFD_CLOEXEC, F_GETFL, F_SETFL, F_SETPIPE_SZ } from '../../syscall/fcntl.ts';
import { type Explanation, failedWith, outcome, reason } from '../explanation.ts';
import { pathOf } from '../history.ts';

const SOMAXCONN = '/proc/sys/net/core/somaxconn';
const NAMES: ReadonlySet<string> = new Set([
  '/etc/nsswitch.conf',
  '/etc/resolv.conf',
  '/etc/hosts',
  '/etc/services',
]);

export const files: readonly Explanation[] = [
  reason(
    'openat(AT_FDCWD, "/proc/sys/net/core/somaxconn", O_RDONLY|O_CLOEXEC) = …',
    "How long may a queue of connections be? The kernel's own upper limit, read once and given to every listen.",
    ({ args }) => pathOf(args[1]) === SOMAXCONN,
  ),
  reason(
    'openat(AT_FDCWD, "/etc/…", O_RDONLY|O_CLOEXEC) = …',
    'A file about names: hosts, name servers, services, or where to look first. It is read again when it has changed.',
    ({ args }) => NAMES.has(pathOf(args[1])),
  ),
  reason(
    'openat(…) = …',
    'Opens a file. O_CLOEXEC: programs that this process starts do not get the descriptor.',
  ),
  reason(
    'openat2(…RESOLVE_NO_SYMLINKS…) = …',
    'Opens a file to be served. RESOLVE_NO_SYMLINKS: a link anywhere in the path makes it fail, so nothing outside of the folder ' +
      'is reached, however the path changes meanwhile.',
  ),
  outcome(
    'openat2(…) = -1 ELOOP …',
    'There is a link in the path. Where it leads is looked at before it is opened.',
    failedWith(ELOOP),
  ),
  outcome('openat(…) = -1 ENOENT …', 'There is no such file.', failedWith(ENOENT), [
    'openat2',
    'statx',
  ]),
  reason(
    'statx(…, "", …AT_EMPTY_PATH…) = 0',
    'Length and time of the file that was opened. Asked by descriptor, so that it is the same file, whatever its name means by now.',
    ({ args }) => pathOf(args[1]) === '',
  ),
  reason(
    'statx(AT_FDCWD, "/…) = …',
    'Has the file changed since it was read? Its time and length tell.',
    ({ args }) => NAMES.has(pathOf(args[1])),
  ),
  reason(
    'read(…, "4096\\n", …) = …',
    'The text of somaxconn.',
    (call, own) => own?.path === SOMAXCONN && call.result !== 0,
  ),
  reason(
    'read(…) = …',
    'The contents of the file. A file never says EAGAIN, so it needs no epoll.',
    (call, own) => own?.origin === 'file' && call.result !== 0,
    ['pread64'],
  ),
  outcome(
    'read(…, "", …) = 0',
    'The end of the file.',
    (call, own) => own?.origin === 'file' && call.result === 0 && (call.args[2] as number) > 0,
    ['pread64'],
  ),
  reason(
    'sendfile(…) = …',
    'Bytes of a file go to the socket inside the kernel, without a copy in this process. Where to begin is an argument, ' +
      'so the offset of the file stays as it is.',
  ),
  outcome(
    'sendfile(…) = 0',
    'The end of the file: nothing was left to send.',
    (call) => call.result === 0 && (call.args[3] as number) > 0,
  ),
  outcome(
    'sendfile(…) = …',
    'Fewer bytes than were asked for: the file has ended, or the buffer of the socket is full. The next call begins behind them.',
    (call) => call.result > 0 && call.result < (call.args[3] as number),
  ),
  reason(
    'pipe2(…, O_NONBLOCK|O_CLOEXEC) = 0',
    'splice moves bytes only to or from a pipe, so between two sockets there has to be one.',
  ),
  reason(
    'fcntl(…, F_SETPIPE_SZ, …) = …',
    'A pipe holds 64 KiB as it is made; a larger one lets more bytes go with one call.',
    ({ args }) => args[1] === F_SETPIPE_SZ,
  ),
  reason(
    'splice(…SPLICE_F_NONBLOCK) = …',
    'Moves bytes between a socket and a pipe inside the kernel.',
  ),
  reason(
    'fcntl(…, F_DUPFD_CLOEXEC, 0) = …',
    'A second descriptor of the same socket, to be closed on its own.',
    ({ args }) => args[1] === F_DUPFD_CLOEXEC,
  ),
  reason(
    'fcntl(…, F_GETFL) = …',
    'Is the descriptor, which came from elsewhere, non-blocking already?',
    ({ args }) => args[1] === F_GETFL,
  ),
  reason(
    'fcntl(…, F_SETFL, …O_NONBLOCK…) = 0',
    'O_NONBLOCK: a call that would wait is to fail with EAGAIN. All copies of the descriptor share the flag.',
    ({ args }) => args[1] === F_SETFL,
  ),
  reason(
    'unlinkat(AT_FDCWD, …, 0) = …',
    'The file of a unix socket stays when the socket is closed; the listener that has made it removes it.',
  ),
];

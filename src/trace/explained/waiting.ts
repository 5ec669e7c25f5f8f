/** Explanations: epoll, what it tells, and poll. */
import type { Call } from '../call.ts';
import {
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLLERR,
  EPOLLHUP,
  EPOLLIN,
  EPOLLOUT,
  EPOLLRDHUP,
} from '../../syscall/epoll.ts';
import { EPERM } from '../../syscall/errno.ts';
import { type Condition, type Explanation, failedWith, outcome, reason } from '../explanation.ts';
import type { Descriptor } from '../history.ts';

/** One of the events has all of `bits`, and is of such a descriptor. */
function told(bits: number, of: (own: Descriptor | undefined) => boolean = () => true): Condition {
  return ({ args, result }, _, history) => {
    const events = args[1] as Uint32Array;
    for (let i = 0; i < result; i += 1) {
      if ((events[3 * i]! & bits) === bits && of(history.of(events[3 * i + 1]))) return true;
    }
    return false;
  };
}

function adding({ args }: Call): boolean {
  return args[1] === EPOLL_CTL_ADD;
}

const listening = (own: Descriptor | undefined): boolean => own?.state === 'listening';
const connecting = (own: Descriptor | undefined): boolean => own?.state === 'connecting';

export const waiting: readonly Explanation[] = [
  reason(
    'epoll_create1(EPOLL_CLOEXEC) = …',
    'One epoll descriptor for all that may have to wait, made with the first of them. ' +
      'The event loop of the runtime watches this one and no other.',
  ),
  reason(
    'epoll_ctl(…, EPOLL_CTL_ADD, …, {events=EPOLLIN|EPOLLOUT|EPOLLRDHUP|EPOLLET, …}) = 0',
    'epoll is to tell of this listener: an event for each time that connections come (EPOLLET: once for news, ' +
      'not again and again while there are any).',
    (call, _, history) => adding(call) && listening(history.of(call.args[2])),
  ),
  reason(
    'epoll_ctl(…, EPOLL_CTL_ADD, …, {events=EPOLLIN|EPOLLOUT|EPOLLRDHUP|EPOLLET, …}) = 0',
    'This connection has to wait for the first time, so only now is it registered: one that is served and closed before that ' +
      'needs no epoll. Nothing is missed: what has come by now is an event at once.',
    (call, _, history) => adding(call) && history.of(call.args[2])?.origin === 'accepted',
  ),
  reason(
    'epoll_ctl(…, EPOLL_CTL_ADD, …, {events=EPOLLIN|EPOLLOUT|EPOLLRDHUP|EPOLLET, …}) = 0',
    'epoll is to tell when connect has ended: the socket can be written then (EPOLLOUT), or has an error.',
    (call, _, history) => adding(call) && connecting(history.of(call.args[2])),
  ),
  reason(
    'epoll_ctl(…, EPOLL_CTL_ADD, …, …) = …',
    'Registered once, for reading and writing: with EPOLLET epoll tells of each change once, and no other call is needed ' +
      'to wait again.',
    adding,
  ),
  reason(
    'epoll_ctl(…, EPOLL_CTL_DEL, …, NULL) = 0',
    'Taken out before it is closed: if anybody has a copy of the descriptor, a close alone would leave it in epoll.',
    ({ args }) => args[1] === EPOLL_CTL_DEL,
  ),
  outcome(
    'epoll_ctl(…) = -1 EPERM …',
    'epoll does not take files: they never wait. This one is read and written without it.',
    failedWith(EPERM),
  ),

  reason(
    'epoll_wait(…, 128, 0) = …',
    'The event loop has seen that epoll has news; they are fetched, up to 128 at a time, without waiting (timeout 0).',
    ({ args }) => args[3] === 0,
  ),
  outcome(
    'epoll_wait(…) = 0',
    'Nothing after all: what there was is gone, as when its descriptor was closed meanwhile.',
    ({ result }) => result === 0,
  ),
  outcome(
    'epoll_wait(…EPOLLERR…) = 1',
    'EPOLLERR: connect has failed. SO_ERROR has the reason.',
    told(EPOLLERR, connecting),
  ),
  outcome(
    'epoll_wait(…EPOLLERR…) = 1',
    'EPOLLERR: the socket has an error, such as a reset by the peer. The next read or write returns it.',
    told(EPOLLERR),
  ),
  outcome(
    'epoll_wait(…EPOLLHUP…) = 1',
    'EPOLLHUP: both directions of the connection are at an end. What has come before can still be read, then the end of the stream.',
    told(EPOLLHUP),
  ),
  outcome(
    'epoll_wait(…EPOLLIN|EPOLLOUT|EPOLLRDHUP…) = 1',
    'EPOLLRDHUP: the peer will send no more (FIN), but may still read. As the end may have come with the last bytes, and no ' +
      'other event follows, netfd now reads until it finds it.',
    told(EPOLLRDHUP),
  ),
  outcome(
    'epoll_wait(…EPOLLOUT…) = 1',
    'EPOLLOUT on a socket that connects: it has ended. Whether well, SO_ERROR tells.',
    told(EPOLLOUT, connecting),
  ),
  outcome(
    'epoll_wait(…EPOLLIN…) = 1',
    'EPOLLIN on a listener: a connection waits to be accepted. There may be several; accept4 goes on until EAGAIN.',
    told(EPOLLIN, listening),
  ),
  outcome(
    'epoll_wait(…EPOLLIN|EPOLLOUT…) = 1',
    'EPOLLIN: something can be read. EPOLLOUT stands beside it because there is room to write as well; nobody has to wait for it.',
    told(EPOLLIN | EPOLLOUT),
  ),
  outcome('epoll_wait(…EPOLLIN…) = 1', 'EPOLLIN: something can be read.', told(EPOLLIN)),
  outcome(
    'epoll_wait(…EPOLLOUT…) = 1',
    'EPOLLOUT: there is room to write. epoll tells so of a socket that has just been registered, too; if nobody waits for it, ' +
      'nothing is done.',
    told(EPOLLOUT),
  ),

  reason(
    'poll([{fd=…, events=POLLIN}], 1, 0) = …',
    'Is anything there right now? Asked of the kernel because its answer is newer than the last event. Timeout 0: it does not wait.',
    ({ args }) => args[1] === 1 && args[2] === 0,
  ),
  outcome('poll(…) = 0 (Timeout)', 'Nothing is there.', ({ result }) => result === 0),
];

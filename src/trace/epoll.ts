/** epoll(7) as strace(1) prints it. */
import { EPOLL_EVENT_WORDS, type EpollEvents } from '../kernel/kernel.ts';
import * as epoll from '../syscall/epoll.ts';
import { EPOLL_CTL_DEL } from '../syscall/epoll.ts';
import { POLLNVAL } from '../syscall/poll.ts';
import { NULL } from './columns.ts';
import { flagsOf, type Names, namesOf } from './names.ts';
import type { Column } from './signature.ts';

/** The kernel's header has a name more than the C library's. */
export const EPOLL_EVENTS: Names = namesOf({ ...epoll, EPOLLNVAL: POLLNVAL }, 'EPOLL???', [
  'EPOLLIN',
  'EPOLLPRI',
  'EPOLLOUT',
  'EPOLLERR',
  'EPOLLHUP',
  'EPOLLNVAL',
  'EPOLLRDNORM',
  'EPOLLRDBAND',
  'EPOLLWRNORM',
  'EPOLLWRBAND',
  'EPOLLMSG',
  'EPOLLRDHUP',
  'EPOLLEXCLUSIVE',
  'EPOLLWAKEUP',
  'EPOLLONESHOT',
  'EPOLLET',
]);

function eventText(events: EpollEvents, at: number): string {
  const low = events[at + 1]!;
  const data = (BigInt(events[at + 2]!) << 32n) | BigInt(low);
  return `{events=${flagsOf(events[at]!, EPOLL_EVENTS)}, data={u32=${low}, u64=${data}}}`;
}

/** Of epoll_ctl: not looked at by the kernel when a descriptor is taken out. */
export const event: Column<EpollEvents | null> = {
  print(value, call, style) {
    if (value === null) return NULL;
    const isUnread = call.args[1] === EPOLL_CTL_DEL || value.length < EPOLL_EVENT_WORDS;
    return isUnread ? style.addresses.of(value) : eventText(value, 0);
  },
};

/** Of epoll_wait: as many as the call returned, at most as many as a string has characters (-s). */
export const events: Column<EpollEvents> = {
  print(value, call, style) {
    if (call.result < 0) return style.addresses.of(value);
    const parts: string[] = [];
    const count = Math.min(call.result, Math.floor(value.length / EPOLL_EVENT_WORDS));
    for (let i = 0; i < Math.min(count, style.strings); i += 1) {
      parts.push(eventText(value, i * EPOLL_EVENT_WORDS));
    }
    if (count > style.strings) parts.push('...');
    return `[${parts.join(', ')}]`;
  },
};

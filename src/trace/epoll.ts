/** epoll(7) as strace(1) prints it. */
import { EPOLL_EVENT_WORDS, type EpollEvents } from '../kernel/kernel.ts';
import * as epoll from '../syscall/epoll.ts';
import { EPOLL_CTL_DEL } from '../syscall/epoll.ts';
import { NULL } from './columns.ts';
import { flagsOf, type Names, namesOf } from './names.ts';
import type { Column } from './signature.ts';

export const EPOLL_EVENTS: Names = namesOf(epoll, 'EPOLL???', [
  'EPOLLIN',
  'EPOLLPRI',
  'EPOLLOUT',
  'EPOLLRDNORM',
  'EPOLLRDBAND',
  'EPOLLWRNORM',
  'EPOLLWRBAND',
  'EPOLLMSG',
  'EPOLLERR',
  'EPOLLHUP',
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
    return call.args[1] === EPOLL_CTL_DEL ? style.addresses.of(value) : eventText(value, 0);
  },
};

/** Of epoll_wait: as many as the call returned. */
export const events: Column<EpollEvents> = {
  print(value, call, style) {
    if (call.result < 0) return style.addresses.of(value);
    const parts: string[] = [];
    for (let i = 0; i < call.result; i += 1) parts.push(eventText(value, i * EPOLL_EVENT_WORDS));
    return `[${parts.join(', ')}]`;
  },
};

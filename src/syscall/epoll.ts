/**
 * The vocabulary of epoll(7). Data only: the struct is described by EpollEvents in
 * kernel/kernel.ts.
 *
 * The event bits are positive numbers up to 2**31. JavaScript's `|` and `&` give signed results, so
 * a set that contains EPOLLET is compared or stored after `>>> 0`; a Uint32Array does that by
 * itself. Source: epoll_ctl(2), <linux/eventpoll.h>, <sys/epoll.h>.
 */

// Operations of epoll_ctl(2): <linux/eventpoll.h>.
export const EPOLL_CTL_ADD = 1;
export const EPOLL_CTL_DEL = 2;
export const EPOLL_CTL_MOD = 3;

// Flag of epoll_create1(2): <linux/eventpoll.h>.
export const EPOLL_CLOEXEC = 0o2000000;

// Events: <linux/eventpoll.h>.
export const EPOLLIN = 0x1;
export const EPOLLPRI = 0x2;
export const EPOLLOUT = 0x4;
export const EPOLLERR = 0x8;
export const EPOLLHUP = 0x10;
export const EPOLLRDNORM = 0x40;
export const EPOLLRDBAND = 0x80;
export const EPOLLWRNORM = 0x100;
export const EPOLLWRBAND = 0x200;
export const EPOLLMSG = 0x400;
export const EPOLLRDHUP = 0x2000;

// How a descriptor is watched; never reported: <linux/eventpoll.h>.
export const EPOLLEXCLUSIVE = 0x10000000;
export const EPOLLWAKEUP = 0x20000000;
export const EPOLLONESHOT = 0x40000000;
export const EPOLLET = 0x80000000;

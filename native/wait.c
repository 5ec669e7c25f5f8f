/*
 * Waiting for several descriptors without epoll: select(2), pselect6(2), poll(2), ppoll(2). A timeout is a
 * struct timeval or timespec of 16 bytes; where the kernel writes what is left of it, the caller sees it.
 */
#include "arguments.h"
#include "calls.h"
#include "raw-syscall.h"

#define SIGSET_BYTES 8 /* the kernel's sigset_t */
#define POLLFD_WORDS 2 /* fd; events and revents */

static bool take_sigmask(const struct call *call, size_t index, struct bytes *out) {
  return take_at_least(call, index, "sigmask", SIGSET_BYTES, "8 bytes long", out);
}

/* A set of descriptors: the kernel reads and writes whole 64-bit words of it. */
static bool take_set(const struct call *call, size_t index, const char *argument, int32_t nfds,
                     struct bytes *out) {
  size_t size = nfds <= 0 ? 0 : ((size_t)nfds + 63) / 64 * 8;
  return take_at_least(call, index, argument, size, "a bit long for each of nfds", out);
}

struct sets {
  int32_t nfds;
  struct bytes read, write, except, timeout;
};

static bool take_sets(const struct call *call, struct sets *out) {
  return take_int(call, 0, "nfds", &out->nfds) &&
         take_set(call, 1, "readfds", out->nfds, &out->read) &&
         take_set(call, 2, "writefds", out->nfds, &out->write) &&
         take_set(call, 3, "exceptfds", out->nfds, &out->except) &&
         take_time(call, 4, "timeout", &out->timeout);
}

static long pselect6(const struct sets *sets, void *timeout, const uint8_t *sigmask) {
  const struct {
    const uint8_t *mask;
    size_t size;
  } sigset = {sigmask, SIGSET_BYTES};
  return RAW6(__NR_pselect6, sets->nfds, sets->read.data, sets->write.data, sets->except.data,
              timeout, &sigset);
}

#if defined(__NR_select)
static long select_sets(const struct sets *sets) {
  return RAW(__NR_select, sets->nfds, sets->read.data, sets->write.data, sets->except.data,
             sets->timeout.data);
}
#else
/* By pselect6, with microseconds made nanoseconds and back. */
static long select_sets(const struct sets *sets) {
  if (sets->timeout.data == NULL) return pselect6(sets, NULL, NULL);
  int64_t *time = (int64_t *)sets->timeout.data;
  int64_t spec[2] = {time[0] + time[1] / 1000000, time[1] % 1000000 * 1000};
  long result = pselect6(sets, spec, NULL);
  time[0] = spec[0];
  time[1] = spec[1] / 1000;
  return result;
}
#endif

CALL(select) {
  BEGIN("select");
  struct sets sets;
  if (!take_sets(&call, &sets)) return NULL;
  return call_result(&call, select_sets(&sets));
}

CALL(pselect6) {
  BEGIN("pselect6");
  struct sets sets;
  struct bytes sigmask;
  if (!take_sets(&call, &sets) || !take_sigmask(&call, 5, &sigmask)) return NULL;
  return call_result(&call, pselect6(&sets, sets.timeout.data, sigmask.data));
}

static bool take_pollfds(const struct call *call, struct bytes *fds, uint32_t *nfds) {
  int32_t count;
  if (!take_int(call, 1, "nfds", &count)) return false;
  *nfds = (uint32_t)count;
  return take_words(call, 0, "fds", (size_t)*nfds * POLLFD_WORDS, fds);
}

CALL(poll) {
  BEGIN("poll");
  struct bytes fds;
  uint32_t nfds;
  int32_t timeout;
  if (!take_pollfds(&call, &fds, &nfds) || !take_int(&call, 2, "timeout", &timeout)) return NULL;
#if defined(__NR_poll)
  return call_result(&call, RAW(__NR_poll, fds.data, nfds, timeout, 0, 0));
#else
  int64_t time[2] = {timeout / 1000, timeout % 1000 * 1000000};
  int64_t *until = timeout < 0 ? NULL : time;
  return call_result(&call, RAW(__NR_ppoll, fds.data, nfds, until, NULL, SIGSET_BYTES));
#endif
}

CALL(ppoll) {
  BEGIN("ppoll");
  struct bytes fds, timeout, sigmask;
  uint32_t nfds;
  if (!take_pollfds(&call, &fds, &nfds) || !take_time(&call, 2, "timeout", &timeout) ||
      !take_sigmask(&call, 3, &sigmask))
    return NULL;
  long result = RAW(__NR_ppoll, fds.data, nfds, timeout.data, sigmask.data, SIGSET_BYTES);
  return call_result(&call, result);
}

/*
 * The epoll calls. JavaScript sees an event as three 32-bit words, which is struct epoll_event as x86-64
 * packs it; elsewhere the struct is padded to four, and the records are moved over one by one.
 */
#include <asm/errno.h>

#include "arguments.h"
#include "calls.h"
#include "raw-syscall.h"

#define RECORD_WORDS 3

#if defined(__x86_64__)
#define NATIVE_WORDS 3 /* EPOLL_PACKED */
#define DATA_AT 1
#else
#define NATIVE_WORDS 4
#define DATA_AT 2
#endif

/* How many events one call may fetch where they have to be converted: they stand on the stack. */
#define CONVERTED_EVENTS 256

CALL(epoll_create) {
  struct call call;
  int32_t size;
  if (!call_begin(&call, env, info, "epoll_create") || !take_int(&call, 0, "size", &size))
    return NULL;
#if defined(__NR_epoll_create)
  return call_result(&call, RAW(__NR_epoll_create, size, 0, 0, 0, 0));
#else
  /* The size is a hint, and only its sign is looked at. */
  return call_result(&call, size <= 0 ? -EINVAL : RAW(__NR_epoll_create1, 0, 0, 0, 0, 0));
#endif
}

CALL(epoll_create1) {
  struct call call;
  int32_t flags;
  if (!call_begin(&call, env, info, "epoll_create1") || !take_int(&call, 0, "flags", &flags))
    return NULL;
  return call_result(&call, RAW(__NR_epoll_create1, flags, 0, 0, 0, 0));
}

CALL(epoll_ctl) {
  struct call call;
  int32_t epfd, op, fd;
  struct bytes event;
  if (!call_begin(&call, env, info, "epoll_ctl") || !take_int(&call, 0, "epfd", &epfd) ||
      !take_int(&call, 1, "op", &op) || !take_int(&call, 2, "fd", &fd) ||
      !take_words(&call, 3, "event", RECORD_WORDS, &event))
    return NULL;
  if (event.data == NULL) return call_result(&call, RAW(__NR_epoll_ctl, epfd, op, fd, 0, 0));
  const uint32_t *words = (const uint32_t *)event.data;
  uint32_t native[NATIVE_WORDS] = {words[0]};
  native[DATA_AT] = words[1];
  native[DATA_AT + 1] = words[2];
  return call_result(&call, RAW(__NR_epoll_ctl, epfd, op, fd, native, 0));
}

CALL(epoll_wait) {
  struct call call;
  int32_t epfd, maxevents, timeout;
  struct bytes events;
  if (!call_begin(&call, env, info, "epoll_wait") || !take_int(&call, 0, "epfd", &epfd) ||
      !take_int(&call, 2, "maxevents", &maxevents) || !take_int(&call, 3, "timeout", &timeout) ||
      !take_words(&call, 1, "events", maxevents > 0 ? (size_t)maxevents * RECORD_WORDS : 0,
                  &events))
    return NULL;
#if NATIVE_WORDS == RECORD_WORDS
  return call_result(&call, RAW(__NR_epoll_wait, epfd, events.data, maxevents, timeout, 0));
#else
  uint32_t native[CONVERTED_EVENTS * NATIVE_WORDS];
  if (maxevents > CONVERTED_EVENTS) maxevents = CONVERTED_EVENTS;
  long count = RAW6(__NR_epoll_pwait, epfd, events.data == NULL ? NULL : native, maxevents, timeout,
                    NULL, 8);
  uint32_t *words = (uint32_t *)events.data;
  for (long i = 0; i < count; i++) {
    words[i * RECORD_WORDS] = native[i * NATIVE_WORDS];
    words[i * RECORD_WORDS + 1] = native[i * NATIVE_WORDS + DATA_AT];
    words[i * RECORD_WORDS + 2] = native[i * NATIVE_WORDS + DATA_AT + 1];
  }
  return call_result(&call, count);
#endif
}

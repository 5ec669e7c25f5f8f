/*
 * Parking: joins an epoll descriptor to the event loop of the runtime. Two ways, one contract:
 *
 *   park-loop.c    uv_poll on the loop of Node: the cheapest wake-up there is
 *   park-thread.c  a thread that polls and a thread-safe function: Bun (whose uv_poll_init aborts) and
 *                  Deno (whose uv_poll fires once)
 *
 * When the descriptor is readable, the JavaScript function is called, and again at once while it returns
 * true. A parking starts unreferenced: it does not keep the process alive until ref is called.
 *
 *   made --close or end of the environment--> closing --(loop or thread has let go)--> gone
 *
 * The memory is one mapping, freed when both the JavaScript handle and the waiting side are through.
 */
#ifndef NETFD_PARK_H
#define NETFD_PARK_H

#include <node_api.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PARK_BYTES 4096
/* How often in a row the function may ask to be called again before other events have their turn. */
#define PARK_ROUNDS 16

struct park {
  napi_env env;
  int32_t epfd;
  int32_t holders; /* the JavaScript handle, and the waiting side */
  bool closing;
  const struct park_way *way;
  napi_ref ready;           /* park-loop */
  napi_async_context async; /* park-loop */
  napi_threadsafe_function wake; /* park-thread */
  unsigned long thread;          /* park-thread: pthread_t */
  int32_t resume;                /* park-thread: eventfd */
  int32_t stop;                  /* park-thread: set before resume is written for the last time */
  const uint32_t *ledger; /* bits of descriptors to be closed at the end of the environment, or NULL */
  size_t ledger_words;
  napi_ref ledger_array; /* whose memory that is */
};

struct park_way {
  /* Begins to wait. On failure an exception is pending or `error` says what failed. */
  bool (*open)(struct park *park, napi_value ready, const char **error);
  void (*ref)(struct park *park);
  void (*unref)(struct park *park);
  /* Ends waiting; lets go of the memory by park_release, now or later. */
  void (*close)(struct park *park);
};

extern const struct park_way park_in_loop;
extern const struct park_way park_in_thread;

/* One holder less; the last one frees the memory. */
void park_release(struct park *park);

/* Adds park, parkRef, parkUnref, parkClose and parkLedger to the module. */
bool define_park(napi_env env, napi_value target);

#endif

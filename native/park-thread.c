/*
 * Parking where libuv cannot be used: a thread polls the epoll descriptor and calls a thread-safe
 * function. One batch is in flight at a time: the thread sleeps on an eventfd until JavaScript is
 * through, since poll is level-triggered and would flood the queue.
 *
 *   thread                                  JavaScript thread
 *   poll(epfd, resume) --readable--> wake ----> ready() until it returns false
 *   read(resume) <----------------------------- write(resume, 1)
 *
 * The thread makes raw system calls only, and blocks every signal.
 */
#include <linux/poll.h>
#include <stddef.h>

#include "park.h"
#include "raw-syscall.h"

extern int pthread_create(unsigned long *thread, const void *attributes, void *(*start)(void *),
                          void *argument);
extern int pthread_join(unsigned long thread, void **result);

enum { EVENTFD_CLOEXEC = 02000000, SIGNALS_SET = 2 /* SIG_SETMASK */, SIGNALS_BYTES = 8 };

static bool stopped(const struct park *park) {
  return __atomic_load_n(&park->stop, __ATOMIC_ACQUIRE) != 0;
}

static void signal_resume(struct park *park) {
  uint64_t one = 1;
  RAW(__NR_write, park->resume, &one, sizeof one, 0, 0);
}

static void wait_for_resume(struct park *park) {
  uint64_t count;
  RAW(__NR_read, park->resume, &count, sizeof count, 0, 0);
}

static void *poll_loop(void *argument) {
  struct park *park = argument;
  while (!stopped(park)) {
    struct pollfd fds[2] = {{park->epfd, POLLIN, 0}, {park->resume, POLLIN, 0}};
    long ready = RAW(__NR_ppoll, fds, 2, NULL, NULL, SIGNALS_BYTES);
    if (ready <= 0 || stopped(park)) continue;
    if ((fds[0].revents & ~POLLIN) != 0) break; /* the descriptor was closed under us */
    if (fds[0].revents != 0 &&
        napi_call_threadsafe_function(park->wake, NULL, napi_tsfn_nonblocking) != napi_ok)
      break;
    wait_for_resume(park);
  }
  return NULL;
}

static void on_wake(napi_env env, napi_value ready, void *context, void *data) {
  struct park *park = context;
  (void)data;
  if (env == NULL || park->closing) return;
  napi_value global, answer;
  bool again = false;
  napi_status status = napi_get_global(env, &global);
  if (status == napi_ok) status = napi_call_function(env, global, ready, 0, NULL, &answer);
  if (status == napi_ok) {
    napi_get_value_bool(env, answer, &again);
  } else if (status == napi_pending_exception) {
    napi_value error; /* Deno and Node only warn of an exception that is left pending */
    if (napi_get_and_clear_last_exception(env, &error) == napi_ok) napi_fatal_exception(env, error);
  }
  /* What is left is readable still: the thread comes back, and microtasks run in between. */
  (void)again;
  if (!park->closing) signal_resume(park);
}

static bool start_thread(struct park *park) {
  uint64_t all = ~(uint64_t)0, before;
  RAW(__NR_rt_sigprocmask, SIGNALS_SET, &all, &before, SIGNALS_BYTES, 0);
  int failed = pthread_create(&park->thread, NULL, poll_loop, park);
  RAW(__NR_rt_sigprocmask, SIGNALS_SET, &before, NULL, SIGNALS_BYTES, 0);
  return failed == 0;
}

static bool open(struct park *park, napi_value ready, const char **error) {
  napi_value name;
  park->resume = (int32_t)RAW(__NR_eventfd2, 0, EVENTFD_CLOEXEC, 0, 0, 0);
  if (park->resume < 0) {
    *error = "park: no descriptor left for the wake-up thread";
    return false;
  }
  if (napi_create_string_utf8(park->env, "netfd", NAPI_AUTO_LENGTH, &name) != napi_ok ||
      napi_create_threadsafe_function(park->env, ready, NULL, name, 0, 1, NULL, NULL, park,
                                      on_wake, &park->wake) != napi_ok) {
    RAW(__NR_close, park->resume, 0, 0, 0, 0);
    *error = "park: the runtime is shutting down";
    return false;
  }
  napi_unref_threadsafe_function(park->env, park->wake);
  if (!start_thread(park)) {
    napi_release_threadsafe_function(park->wake, napi_tsfn_abort);
    RAW(__NR_close, park->resume, 0, 0, 0, 0);
    *error = "park: the wake-up thread could not be started";
    return false;
  }
  park->holders++;
  return true;
}

static void ref(struct park *park) { napi_ref_threadsafe_function(park->env, park->wake); }
static void unref(struct park *park) { napi_unref_threadsafe_function(park->env, park->wake); }

static void close(struct park *park) {
  __atomic_store_n(&park->stop, 1, __ATOMIC_RELEASE);
  signal_resume(park);
  pthread_join(park->thread, NULL);
  napi_release_threadsafe_function(park->wake, napi_tsfn_abort);
  RAW(__NR_close, park->resume, 0, 0, 0, 0);
  park_release(park);
}

const struct park_way park_in_thread = {open, ref, unref, close};

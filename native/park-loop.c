/*
 * Parking on Node: uv_poll on the epoll descriptor. libuv has no header here: its functions are declared
 * with what of them is stable ABI, and the size of the handle is asked for at run time.
 */
#include <stddef.h>

#include "park.h"

#define WEAK __attribute__((weak)) /* not there at all in some runtimes, where this file is not used */

struct uv_loop_s;
typedef void uv_poll_callback(void *handle, int status, int events);

WEAK extern size_t uv_handle_size(int type);
WEAK extern int uv_poll_init(struct uv_loop_s *loop, void *handle, int fd);
WEAK extern int uv_poll_start(void *handle, int events, uv_poll_callback *callback);
WEAK extern int uv_poll_stop(void *handle);
WEAK extern void uv_close(void *handle, void (*callback)(void *handle));
WEAK extern void uv_ref(void *handle);
WEAK extern void uv_unref(void *handle);
WEAK extern void *uv_handle_get_data(const void *handle);
WEAK extern void uv_handle_set_data(void *handle, void *data);

enum { UV_HANDLE_TYPE_POLL = 8, UV_EVENT_READABLE = 1 }; /* uv.h */

#define HANDLE_AT 128 /* where the uv_poll_t begins within the park's memory */

_Static_assert(sizeof(struct park) <= HANDLE_AT, "the handle would overlap the park");

static void *handle_of(struct park *park) { return (char *)park + HANDLE_AT; }

/* True to go on: the function asked for it and nothing was thrown. */
static bool call_once(struct park *park, napi_value ready, napi_value global) {
  napi_value answer;
  bool again = false;
  napi_status status =
      napi_make_callback(park->env, park->async, global, ready, 0, NULL, &answer);
  if (status == napi_pending_exception) {
    napi_value error;
    if (napi_get_and_clear_last_exception(park->env, &error) == napi_ok)
      napi_fatal_exception(park->env, error);
    return false;
  }
  return status == napi_ok && napi_get_value_bool(park->env, answer, &again) == napi_ok && again;
}

static void on_readable(void *handle, int status, int events) {
  struct park *park = uv_handle_get_data(handle);
  (void)status;
  (void)events;
  if (park->closing) return;
  napi_handle_scope scope;
  napi_value ready, global;
  if (napi_open_handle_scope(park->env, &scope) != napi_ok) return;
  if (napi_get_reference_value(park->env, park->ready, &ready) == napi_ok &&
      napi_get_global(park->env, &global) == napi_ok) {
    int rounds = 0;
    while (call_once(park, ready, global) && !park->closing && ++rounds < PARK_ROUNDS) {
    }
  }
  napi_close_handle_scope(park->env, scope);
}

static void on_closed(void *handle) { park_release(uv_handle_get_data(handle)); }

static bool open(struct park *park, napi_value ready, const char **error) {
  struct uv_loop_s *loop;
  napi_value name;
  if (uv_handle_size == NULL || uv_handle_size(UV_HANDLE_TYPE_POLL) > PARK_BYTES - HANDLE_AT ||
      napi_get_uv_event_loop(park->env, &loop) != napi_ok) {
    *error = "park: this runtime has no libuv event loop";
    return false;
  }
  if (napi_create_string_utf8(park->env, "netfd", NAPI_AUTO_LENGTH, &name) != napi_ok ||
      napi_async_init(park->env, NULL, name, &park->async) != napi_ok ||
      napi_create_reference(park->env, ready, 1, &park->ready) != napi_ok) {
    *error = "park: the runtime is shutting down";
    return false;
  }
  void *handle = handle_of(park);
  if (uv_poll_init(loop, handle, park->epfd) != 0) {
    napi_delete_reference(park->env, park->ready);
    napi_async_destroy(park->env, park->async);
    *error = "park: epfd must be an open epoll descriptor that is not parked yet";
    return false;
  }
  uv_handle_set_data(handle, park);
  uv_unref(handle);
  park->holders++;
  uv_poll_start(handle, UV_EVENT_READABLE, on_readable);
  return true;
}

static void ref(struct park *park) { uv_ref(handle_of(park)); }
static void unref(struct park *park) { uv_unref(handle_of(park)); }

static void close(struct park *park) {
  uv_poll_stop(handle_of(park));
  napi_delete_reference(park->env, park->ready);
  napi_async_destroy(park->env, park->async);
  uv_close(handle_of(park), on_closed);
}

const struct park_way park_in_loop = {open, ref, unref, close};

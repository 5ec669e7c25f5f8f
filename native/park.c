/*
 * The JavaScript face of parking, and what happens at the end of an environment: a worker thread that is
 * terminated runs no more JavaScript, so here its epoll descriptor and every descriptor that is still
 * registered there are closed, and those that stand in the ledger. They belong to the poll layer, which
 * takes a descriptor out of epoll, or out of the ledger, before it closes it; all others are the program's
 * own. None stands in both.
 */
#include "park.h"

#include "arguments.h"
#include "raw-syscall.h"

enum { PROTECTION_READ_WRITE = 3, MAP_PRIVATE_ANONYMOUS = 0x22, AT_CWD = -100, OPEN_CLOEXEC = 02000000 };

static const napi_type_tag PARK_TAG = {0x6e65746664207061, 0x726b206861006e64};

static struct park *park_allocate(void) {
  long address =
      RAW6(__NR_mmap, 0, PARK_BYTES, PROTECTION_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0);
  return address < 0 ? NULL : (struct park *)address;
}

void park_release(struct park *park) {
  if (--park->holders == 0) RAW(__NR_munmap, park, PARK_BYTES, 0, 0, 0);
}

static void at_end_of_environment(void *data);

static void park_close(struct park *park) {
  if (park->closing) return;
  park->closing = true;
  napi_remove_env_cleanup_hook(park->env, at_end_of_environment, park);
  park->way->close(park);
  if (park->ledger_array != NULL) napi_delete_reference(park->env, park->ledger_array);
}

/* The path "/proc/self/fdinfo/N", whose "tfd:" lines name the descriptors in epoll N. */
static void fdinfo_path(char *path, int32_t fd) {
  static const char prefix[] = "/proc/self/fdinfo/";
  size_t at = 0;
  while (prefix[at] != '\0') {
    path[at] = prefix[at];
    at++;
  }
  char digits[12];
  size_t count = 0;
  do digits[count++] = (char)('0' + fd % 10);
  while ((fd /= 10) > 0);
  while (count > 0) path[at++] = digits[--count];
  path[at] = '\0';
}

/* Feeds one byte of fdinfo; gives the descriptor when the byte ends the number behind "tfd:". */
struct tfd_scan {
  int matched; /* of "tfd:", 4 when inside the number, -1 to skip to the end of the line */
  int32_t number;
  bool digits;
};

static int32_t tfd_feed(struct tfd_scan *scan, char byte) {
  int32_t found = -1;
  if (byte == '\n') {
    *scan = (struct tfd_scan){0};
  } else if (scan->matched == 4) {
    if (byte >= '0' && byte <= '9') {
      scan->number = scan->number * 10 + (byte - '0');
      scan->digits = true;
    } else if (scan->digits) {
      found = scan->number;
      scan->matched = -1;
    }
  } else if (scan->matched >= 0) {
    scan->matched = byte == "tfd:"[scan->matched] ? scan->matched + 1 : -1;
  }
  return found;
}

/* Closes what is registered. The list is read anew until it has no more entries that can be closed. */
static void close_registered(int32_t epfd) {
  char path[40], text[1024];
  fdinfo_path(path, epfd);
  for (;;) {
    long file = RAW(__NR_openat, AT_CWD, path, OPEN_CLOEXEC, 0, 0);
    if (file < 0) return;
    struct tfd_scan scan = {0};
    long closed = 0, length;
    while ((length = RAW(__NR_read, file, text, sizeof text, 0, 0)) > 0)
      for (long i = 0; i < length; i++) {
        int32_t fd = tfd_feed(&scan, text[i]);
        if (fd >= 0 && RAW(__NR_close, fd, 0, 0, 0, 0) == 0) closed++;
      }
    RAW(__NR_close, file, 0, 0, 0, 0);
    if (closed == 0) return;
  }
}

/* Closes what is noted, before the memory of the ledger is let go of. */
static void close_noted(const struct park *park) {
  for (size_t word = 0; word < park->ledger_words; word++)
    for (uint32_t bits = park->ledger[word]; bits != 0; bits &= bits - 1)
      RAW(__NR_close, (int32_t)(word * 32) + __builtin_ctz(bits), 0, 0, 0, 0);
}

static void at_end_of_environment(void *data) {
  struct park *park = data;
  int32_t epfd = park->epfd;
  close_noted(park);
  park_close(park);
  close_registered(epfd);
  RAW(__NR_close, epfd, 0, 0, 0, 0);
}

static void on_collected(napi_env env, void *data, void *hint) {
  struct park *park = data;
  (void)env;
  (void)hint;
  park_close(park);
  park_release(park);
}

static napi_value throw_error(napi_env env, const char *message) {
  bool pending = false;
  napi_is_exception_pending(env, &pending);
  if (!pending) napi_throw_error(env, NULL, message);
  return NULL;
}

/* park(epfd, ready, threaded): a handle for the other functions. */
static napi_value park_open(napi_env env, napi_callback_info info) {
  struct call call;
  int32_t epfd;
  bool threaded;
  napi_value ready, handle;
  if (!call_begin(&call, env, info, "park") || !take_int(&call, 0, "epfd", &epfd) ||
      !take_function(&call, 1, "ready", &ready))
    return NULL;
  if (napi_get_value_bool(env, call.argv[2], &threaded) != napi_ok) {
    throw_type(&call, "threaded", "a boolean");
    return NULL;
  }
  struct park *park = park_allocate();
  if (park == NULL) return throw_error(env, "park: out of memory");
  park->env = env;
  park->epfd = epfd;
  park->way = threaded ? &park_in_thread : &park_in_loop;
  park->holders = 1;
  const char *error = "park: failed";
  if (!park->way->open(park, ready, &error)) {
    park_release(park);
    return throw_error(env, error);
  }
  napi_add_env_cleanup_hook(env, at_end_of_environment, park);
  if (napi_create_object(env, &handle) != napi_ok ||
      napi_wrap(env, handle, park, on_collected, NULL, NULL) != napi_ok) {
    park_close(park);
    park_release(park);
    return throw_error(env, "park: the runtime is shutting down");
  }
  napi_type_tag_object(env, handle, &PARK_TAG);
  return handle;
}

static struct park *park_of(const struct call *call) {
  bool tagged = false;
  void *data;
  napi_valuetype type;
  if (napi_typeof(call->env, call->argv[0], &type) != napi_ok || type != napi_object ||
      napi_check_object_type_tag(call->env, call->argv[0], &PARK_TAG, &tagged) != napi_ok ||
      !tagged || napi_unwrap(call->env, call->argv[0], &data) != napi_ok) {
    throw_type(call, "handle", "what park returned");
    return NULL;
  }
  return data;
}

static struct park *take_park(napi_env env, napi_callback_info info, const char *name) {
  struct call call;
  return call_begin(&call, env, info, name) ? park_of(&call) : NULL;
}

static napi_value park_ref(napi_env env, napi_callback_info info) {
  struct park *park = take_park(env, info, "parkRef");
  if (park != NULL && !park->closing) park->way->ref(park);
  return NULL;
}

static napi_value park_unref(napi_env env, napi_callback_info info) {
  struct park *park = take_park(env, info, "parkUnref");
  if (park != NULL && !park->closing) park->way->unref(park);
  return NULL;
}

static napi_value park_end(napi_env env, napi_callback_info info) {
  struct park *park = take_park(env, info, "parkClose");
  if (park != NULL) park_close(park);
  return NULL;
}

/*
 * parkLedger(handle, ledger): at the end of the environment the descriptors whose bits are set in this
 * Uint32Array are closed. Once for a handle; the memory of a typed array of this size does not move.
 */
static napi_value park_ledger(napi_env env, napi_callback_info info) {
  struct call call;
  struct park *park;
  struct bytes ledger;
  if (!call_begin(&call, env, info, "parkLedger") || (park = park_of(&call)) == NULL ||
      !take_words(&call, 1, "ledger", 0, &ledger))
    return NULL;
  if (park->closing || park->ledger_array != NULL || ledger.data == NULL) {
    throw_range(&call, "ledger", "the first of an open handle");
    return NULL;
  }
  if (napi_create_reference(env, call.argv[1], 1, &park->ledger_array) == napi_ok) {
    park->ledger = (const uint32_t *)ledger.data;
    park->ledger_words = ledger.length / sizeof(uint32_t);
  }
  return NULL;
}

bool define_park(napi_env env, napi_value target) {
  static const struct {
    const char *name;
    napi_callback function;
  } functions[] = {
      {"park", park_open},
      {"parkRef", park_ref},
      {"parkUnref", park_unref},
      {"parkClose", park_end},
      {"parkLedger", park_ledger},
  };
  for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
    napi_value function;
    if (napi_create_function(env, functions[i].name, NAPI_AUTO_LENGTH, functions[i].function, NULL,
                             &function) != napi_ok ||
        napi_set_named_property(env, target, functions[i].name, function) != napi_ok)
      return false;
  }
  return true;
}

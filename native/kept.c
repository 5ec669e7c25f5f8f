/*
 * read(2), write(2) and accept4(2) on a buffer that is used again and again. A server reads into one buffer and writes
 * from another, thousands of times a second; to ask the runtime each time where the bytes are, and which
 * numbers were passed, costs more than the function itself. So the place of one buffer for each direction is
 * kept, and the numbers pass through an Int32Array: descriptor, count, offset; the result comes back in the
 * first of them.
 *
 *   keep(direction, buf)   from now on the buffer of the direction is this one
 *   read(), write()        the call, with what stands in the array
 *   accept()               accept4(2) into a buffer of the same kind: descriptor, flags, and the length of the
 *                          address, which the kernel overwrites
 *
 * Nothing is checked in read and write: that is done where the array is filled, in
 * src/kernel/linux/kept-buffers.ts, which also holds the buffers. The memory of a typed array does not move;
 * one that loses it has the length 0 from then on, and is not used here.
 */
#include "kept.h"

#include "arguments.h"
#include "raw-syscall.h"

enum { READ = 0, WRITE = 1, ADDRESS = 2, DIRECTIONS = 3 };
enum { FD = 0, COUNT = 1, OFFSET = 2, FLAGS = 1, LENGTH = 2, RESULT = 0, WORDS = 3 };

/* Of one environment. Its memory belongs to an ArrayBuffer that no program sees. */
struct kept {
  int32_t *words;
  uint8_t *buffer[DIRECTIONS];
};

static struct kept *kept_of(napi_env env, napi_callback_info info) {
  size_t none = 0;
  void *data = NULL;
  napi_get_cb_info(env, info, &none, NULL, NULL, &data);
  return data;
}

static napi_value transfer(napi_env env, napi_callback_info info, int direction, long nr) {
  const struct kept *kept = kept_of(env, info);
  int32_t *words = kept->words;
  uint8_t *at = kept->buffer[direction] + words[OFFSET];
  words[RESULT] = (int32_t)RAW(nr, words[FD], at, words[COUNT], 0, 0);
  return NULL;
}

static napi_value kept_read(napi_env env, napi_callback_info info) {
  return transfer(env, info, READ, __NR_read);
}

static napi_value kept_write(napi_env env, napi_callback_info info) {
  return transfer(env, info, WRITE, __NR_write);
}

static napi_value kept_accept(napi_env env, napi_callback_info info) {
  const struct kept *kept = kept_of(env, info);
  int32_t *words = kept->words;
  words[RESULT] = (int32_t)RAW(__NR_accept4, words[FD], kept->buffer[ADDRESS], &words[LENGTH],
                               words[FLAGS], 0);
  return NULL;
}

static napi_value keep(napi_env env, napi_callback_info info) {
  struct call call;
  int32_t direction;
  struct bytes buffer;
  if (!call_begin(&call, env, info, "keep") || !take_int(&call, 0, "direction", &direction) ||
      !take_bytes(&call, 1, "buf", &buffer))
    return NULL;
  if (direction < READ || direction > ADDRESS) {
    throw_range(&call, "direction", "0, 1 or 2");
    return NULL;
  }
  kept_of(env, info)->buffer[direction] = buffer.data;
  return NULL;
}

static bool add_function(napi_env env, napi_value target, const char *name, napi_callback function,
                         struct kept *kept) {
  napi_value value;
  return napi_create_function(env, name, NAPI_AUTO_LENGTH, function, kept, &value) == napi_ok &&
         napi_set_named_property(env, target, name, value) == napi_ok;
}

/* keptCalls(): { words, keep, read, write, accept }, with a memory of their own. */
static napi_value kept_calls(napi_env env, napi_callback_info info) {
  napi_value target, memory, numbers, words;
  napi_ref reference;
  void *data;
  struct kept *kept;
  (void)info;
  if (napi_create_object(env, &target) != napi_ok ||
      napi_create_arraybuffer(env, sizeof *kept, (void **)&kept, &memory) != napi_ok ||
      napi_create_arraybuffer(env, WORDS * sizeof(int32_t), &data, &numbers) != napi_ok ||
      napi_create_typedarray(env, napi_int32_array, WORDS, numbers, 0, &words) != napi_ok)
    return NULL;
  *kept = (struct kept){data, {NULL, NULL, NULL}};
  /* For as long as the environment lives, since the functions may be called that long. */
  if (napi_create_reference(env, memory, 1, &reference) != napi_ok ||
      napi_create_reference(env, numbers, 1, &reference) != napi_ok ||
      napi_set_named_property(env, target, "words", words) != napi_ok ||
      !add_function(env, target, "keep", keep, kept) ||
      !add_function(env, target, "read", kept_read, kept) ||
      !add_function(env, target, "write", kept_write, kept) ||
      !add_function(env, target, "accept", kept_accept, kept))
    return NULL;
  return target;
}

bool define_kept(napi_env env, napi_value target) {
  return add_function(env, target, "keptCalls", kept_calls, NULL);
}

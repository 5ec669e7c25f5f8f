/*
 * The checks of arguments.h. Written without libc: the message is put together by hand.
 */
#include "arguments.h"

#define MESSAGE_SIZE 160

static size_t append(char *message, size_t at, const char *text) {
  while (*text != '\0' && at < MESSAGE_SIZE - 1) message[at++] = *text++;
  message[at] = '\0';
  return at;
}

static void compose(char *message, const struct call *call, const char *argument,
                    const char *expected) {
  size_t at = append(message, 0, call->name);
  at = append(message, at, ": ");
  at = append(message, at, argument);
  at = append(message, at, " must be ");
  append(message, at, expected);
}

bool throw_type(const struct call *call, const char *argument, const char *expected) {
  char message[MESSAGE_SIZE];
  compose(message, call, argument, expected);
  napi_throw_type_error(call->env, "ERR_INVALID_ARG_TYPE", message);
  return false;
}

bool throw_range(const struct call *call, const char *argument, const char *expected) {
  char message[MESSAGE_SIZE];
  compose(message, call, argument, expected);
  napi_throw_range_error(call->env, "ERR_OUT_OF_RANGE", message);
  return false;
}

bool call_begin(struct call *call, napi_env env, napi_callback_info info, const char *name) {
  call->env = env;
  call->name = name;
  call->argc = MAX_ARGUMENTS; /* what is not given is filled with undefined */
  return napi_get_cb_info(env, info, &call->argc, call->argv, NULL, NULL) == napi_ok;
}

napi_value call_result(const struct call *call, long result) {
  napi_value value;
  if (napi_create_int32(call->env, (int32_t)result, &value) != napi_ok) return NULL;
  return value;
}

napi_value call_result_socklen(const struct call *call, long result, const struct socklen *length) {
  if (length->callers != NULL) *length->callers = length->value;
  return call_result(call, result);
}

bool take_int(const struct call *call, size_t index, const char *argument, int32_t *out) {
  double number;
  if (napi_get_value_double(call->env, call->argv[index], &number) != napi_ok)
    return throw_type(call, argument, "a 32-bit integer");
  /* The comparison is false for NaN, and the conversion is defined only inside the range. */
  if (!(number >= -2147483648.0 && number <= 4294967295.0) || number != (double)(int64_t)number)
    return throw_range(call, argument, "a 32-bit integer");
  *out = (int32_t)(uint32_t)(int64_t)number;
  return true;
}

static bool is_null(const struct call *call, size_t index) {
  napi_valuetype type;
  return napi_typeof(call->env, call->argv[index], &type) == napi_ok && type == napi_null;
}

void copy_bytes(uint8_t *to, const uint8_t *from, size_t count) {
  for (size_t i = 0; i < count; i++) to[i] = from[i];
}

/* Where an empty array is said to be, so that it is not taken for null. Nothing is read or written there. */
static uint64_t nowhere;

/* An empty array is either that, or one that has lost its memory. */
static bool is_detached(const struct call *call, napi_value array) {
  napi_value arraybuffer;
  bool detached;
  return napi_get_typedarray_info(call->env, array, NULL, NULL, NULL, &arraybuffer, NULL) ==
             napi_ok &&
         napi_is_detached_arraybuffer(call->env, arraybuffer, &detached) == napi_ok && detached;
}

/* A typed array whose memory is there; `length` counts elements. */
static bool typed_array(const struct call *call, napi_value value, napi_typedarray_type *type,
                        struct bytes *out) {
  void *data;
  if (napi_get_typedarray_info(call->env, value, type, &out->length, &data, NULL, NULL) != napi_ok)
    return false;
  out->data = data;
  if (out->length > 0) return true;
  out->data = (uint8_t *)&nowhere;
  return !is_detached(call, value);
}

bool bytes_of(const struct call *call, napi_value value, struct bytes *out) {
  napi_typedarray_type type;
  return typed_array(call, value, &type, out) && type == napi_uint8_array;
}

bool take_bytes(const struct call *call, size_t index, const char *argument, struct bytes *out) {
  if (bytes_of(call, call->argv[index], out)) return true;
  if (!is_null(call, index)) return throw_type(call, argument, "a Uint8Array that is not detached, or null");
  *out = (struct bytes){NULL, 0};
  return true;
}

bool take_words(const struct call *call, size_t index, const char *argument, size_t words,
                struct bytes *out) {
  napi_typedarray_type type;
  if (typed_array(call, call->argv[index], &type, out) &&
      (type == napi_int32_array || type == napi_uint32_array)) {
    if (out->length < words) return throw_range(call, argument, "long enough for the result");
    out->length *= sizeof(uint32_t);
    return true;
  }
  if (!is_null(call, index))
    return throw_type(call, argument, "an Int32Array or Uint32Array that is not detached, or null");
  *out = (struct bytes){NULL, 0};
  return true;
}

static bool take_size(const struct call *call, size_t index, const char *argument, size_t limit,
                      const char *expected, size_t *out) {
  double number;
  if (napi_get_value_double(call->env, call->argv[index], &number) != napi_ok)
    return throw_type(call, argument, "an integer");
  if (!(number >= 0 && number <= (double)limit) || number != (double)(int64_t)number)
    return throw_range(call, argument, expected);
  *out = (size_t)number;
  return true;
}

#define WITHIN_BUFFER "an integer from 0 to what is left of the buffer"
#define MAX_SAFE_INTEGER 9007199254740991

bool take_length(const struct call *call, size_t index, const char *argument, size_t *out) {
  return take_size(call, index, argument, MAX_SAFE_INTEGER, "an integer from 0 to 2^53 - 1", out);
}

bool take_at_least(const struct call *call, size_t index, const char *argument, size_t size,
                   const char *expected, struct bytes *out) {
  if (!take_bytes(call, index, argument, out)) return false;
  return out->data == NULL || out->length >= size || throw_range(call, argument, expected);
}

bool take_time(const struct call *call, size_t index, const char *argument, struct bytes *out) {
  return take_at_least(call, index, argument, 16, "16 bytes long", out);
}

bool take_offset(const struct call *call, size_t index, const char *argument,
                 const struct bytes *buffer, size_t *out) {
  napi_valuetype type;
  *out = 0;
  if (call->argc <= index) return true; /* not given: the usual case need not be looked at */
  if (napi_typeof(call->env, call->argv[index], &type) != napi_ok || type == napi_undefined)
    return true;
  return take_size(call, index, argument, buffer->length, WITHIN_BUFFER, out);
}

bool take_count(const struct call *call, size_t index, const char *argument,
                const struct bytes *buffer, size_t offset, size_t *out) {
  /* The kernel cannot touch what has no address: any count may go with null. */
  size_t limit = buffer->data == NULL ? 0x7fffffff : buffer->length - offset;
  return take_size(call, index, argument, limit, WITHIN_BUFFER, out);
}

bool take_socklen(const struct call *call, size_t index, const char *argument,
                  const struct bytes *buffer, int32_t *out) {
  if (!take_int(call, index, argument, out)) return false;
  if (buffer->data != NULL && *out > 0 && (size_t)*out > buffer->length)
    return throw_range(call, argument, "no larger than the buffer");
  return true;
}

/* Reads the length once: it may be in memory that another thread writes to. */
static bool take_socklen_word(const struct call *call, size_t index, const char *argument,
                              struct socklen *out) {
  struct bytes words;
  if (!take_words(call, index, argument, 1, &words)) return false;
  *out = (struct socklen){0, NULL, (uint32_t *)words.data};
  if (out->callers == NULL) return true;
  out->value = *(volatile uint32_t *)out->callers;
  out->pointer = &out->value;
  return true;
}

static bool fits(const struct call *call, const char *argument, const struct bytes *buffer,
                 const struct socklen *length) {
  if (buffer->data == NULL || length->value <= buffer->length) return true;
  return throw_range(call, argument, "no larger than the buffer");
}

bool take_socklen_pointer(const struct call *call, size_t index, const char *argument,
                          const struct bytes *buffer, struct socklen *out) {
  /* Not every protocol of every kernel refuses a negative length, which is a very large one here. */
  return take_socklen_word(call, index, argument, out) && fits(call, argument, buffer, out);
}

bool take_address_room(const struct call *call, size_t index, struct bytes *addr,
                       struct socklen *addrlen, struct address_room *room) {
  if (!take_bytes(call, index, "addr", addr) ||
      !take_socklen_word(call, index + 1, "addrlen", addrlen))
    return false;
  if (addr->data == NULL || (int32_t)addrlen->value >= 0)
    return fits(call, "addrlen", addr, addrlen);
  addr->data = room->bytes;
  return true;
}

bool take_path(const struct call *call, size_t index, const char *argument, struct path *out) {
  struct bytes path;
  if (!take_bytes(call, index, argument, &path)) return false;
  out->pointer = NULL;
  if (path.data == NULL && path.length == 0 && is_null(call, index)) return true;
  out->pointer = out->text;
  const volatile uint8_t *callers = path.data;
  for (size_t i = 0; i < path.length && i < PATH_BYTES; i++) {
    out->text[i] = (char)callers[i];
    if (out->text[i] == '\0') return true;
  }
  if (path.length >= PATH_BYTES) return true;
  return throw_range(call, argument, "a path that ends in a NUL byte");
}

bool take_function(const struct call *call, size_t index, const char *argument, napi_value *out) {
  napi_valuetype type;
  if (napi_typeof(call->env, call->argv[index], &type) != napi_ok || type != napi_function)
    return throw_type(call, argument, "a function");
  *out = call->argv[index];
  return true;
}

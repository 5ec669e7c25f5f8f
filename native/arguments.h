/*
 * From JavaScript arguments to C ones. Each take_* reads one argument, checks its type and that what the
 * kernel may touch lies inside its buffer; on a mistake it throws a TypeError or RangeError that names
 * the call, the argument and what was expected, and returns false. Nothing here outlives the call.
 */
#ifndef NETFD_ARGUMENTS_H
#define NETFD_ARGUMENTS_H

#include <node_api.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAX_ARGUMENTS 6

struct call {
  napi_env env;
  const char *name; /* as in the man page */
  size_t argc;
  napi_value argv[MAX_ARGUMENTS];
};

/* A typed array of the caller. data is NULL for null, which the kernel answers with -EFAULT. */
struct bytes {
  uint8_t *data;
  size_t length; /* in bytes */
};

/*
 * A value-result socklen_t. The kernel gets a pointer to `value`, so that what was checked is what
 * counts: the word of the caller may be in memory that another thread writes to.
 */
struct socklen {
  uint32_t value;
  uint32_t *pointer; /* to value; NULL for null */
  uint32_t *callers;
};

/* More than any protocol's address; struct sockaddr_storage has 128 bytes. */
struct address_room {
  uint8_t bytes[256];
};

#define PATH_BYTES 4096 /* PATH_MAX: the kernel reads no further */

/* A path, copied for the same reason. */
struct path {
  char text[PATH_BYTES];
  const char *pointer; /* to text; NULL for null */
};

bool call_begin(struct call *call, napi_env env, napi_callback_info info, const char *name);
napi_value call_result(const struct call *call, long result);
/* The same, after the length that the kernel wrote has been given to the caller. */
napi_value call_result_socklen(const struct call *call, long result, const struct socklen *length);

/* A 32-bit integer: signed, or given as unsigned (flags such as EPOLLET). */
bool take_int(const struct call *call, size_t index, const char *argument, int32_t *out);
/* Uint8Array, or null. One that is detached has no memory, and is neither. */
bool take_bytes(const struct call *call, size_t index, const char *argument, struct bytes *out);
/* The same of a value that is no argument by itself. False without an exception if it is no Uint8Array. */
bool bytes_of(const struct call *call, napi_value value, struct bytes *out);
/* Int32Array or Uint32Array of at least `words` elements, or null. */
bool take_words(const struct call *call, size_t index, const char *argument, size_t words,
                struct bytes *out);
/* A byte count within a buffer, from 0; `offset` is what comes before it. */
bool take_count(const struct call *call, size_t index, const char *argument,
                const struct bytes *buffer, size_t offset, size_t *out);
/* A byte count that belongs to no buffer, from 0. */
bool take_length(const struct call *call, size_t index, const char *argument, size_t *out);
/* A struct timeval or timespec of 16 bytes, or null. */
bool take_time(const struct call *call, size_t index, const char *argument, struct bytes *out);
/* Bytes or null; if bytes, at least `size` of them, else "must be EXPECTED". */
bool take_at_least(const struct call *call, size_t index, const char *argument, size_t size,
                   const char *expected, struct bytes *out);
/* An optional offset into a buffer: 0 if not given. */
bool take_offset(const struct call *call, size_t index, const char *argument,
                 const struct bytes *buffer, size_t *out);
/* A socklen_t. A negative one passes, since the kernel refuses it before it looks at the buffer. */
bool take_socklen(const struct call *call, size_t index, const char *argument,
                  const struct bytes *buffer, int32_t *out);
/* A Uint32Array whose first element must not exceed the buffer, not even by being negative; or null. */
bool take_socklen_pointer(const struct call *call, size_t index, const char *argument,
                          const struct bytes *buffer, struct socklen *out);
/*
 * "addr" and, after it, "addrlen": where the kernel puts an address. A negative length goes to the kernel,
 * whose business it is to refuse it, with `room` in place of the caller's buffer.
 */
bool take_address_room(const struct call *call, size_t index, struct bytes *addr,
                       struct socklen *addrlen, struct address_room *room);
/* A NUL-terminated path in a Uint8Array, or null. One that is too long is for the kernel to refuse. */
bool take_path(const struct call *call, size_t index, const char *argument, struct path *out);
bool take_function(const struct call *call, size_t index, const char *argument, napi_value *out);

/* memcpy without libc, which the compiler must not make of it either. */
void copy_bytes(uint8_t *to, const uint8_t *from, size_t count);

/* Throws "NAME: ARGUMENT must be EXPECTED". Always false, to be returned. */
bool throw_type(const struct call *call, const char *argument, const char *expected);
bool throw_range(const struct call *call, const char *argument, const char *expected);

#endif

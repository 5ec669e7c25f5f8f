/* The buffers of readv(2), writev(2), recvmsg(2) and sendmsg(2): see vector.h. */
#include "vector.h"

#define EXPECTED "a Uint8Array that is not detached, or an array of them"

bool take_elements(const struct call *call, size_t index, const char *argument,
                   struct vector *out) {
  bool is_array;
  uint32_t length;
  if (napi_is_array(call->env, call->argv[index], &is_array) != napi_ok)
    return throw_type(call, argument, EXPECTED);
  if (!is_array) {
    out->count = 1;
    out->elements[0] = call->argv[index];
    return true;
  }
  if (napi_get_array_length(call->env, call->argv[index], &length) != napi_ok)
    return throw_type(call, argument, EXPECTED);
  out->count = length;
  for (uint32_t i = 0; i < length && i < UIO_MAXIOV; i++)
    if (napi_get_element(call->env, call->argv[index], i, &out->elements[i]) != napi_ok)
      return throw_type(call, argument, EXPECTED); /* without effect if a getter has thrown */
  return true;
}

bool take_vector(const struct call *call, const char *argument, struct vector *vector) {
  for (size_t i = 0; i < vector->count && i < UIO_MAXIOV; i++) {
    struct bytes bytes;
    if (!bytes_of(call, vector->elements[i], &bytes)) return throw_type(call, argument, EXPECTED);
    vector->iov[i] = (struct iovec){bytes.data, bytes.length};
  }
  return true;
}

/*
 * Bytes from and to descriptors of any kind: read(2), pread64(2), readv(2), write(2), writev(2),
 * sendfile(2), splice(2).
 */
#include "arguments.h"
#include "calls.h"
#include "raw-syscall.h"
#include "vector.h"

/* read(2) and write(2) take the same arguments. */
static napi_value transfer(napi_env env, napi_callback_info info, const char *name, long nr) {
  BEGIN(name);
  int32_t fd;
  struct bytes buf;
  size_t count, offset;
  if (!take_int(&call, 0, "fd", &fd) || !take_bytes(&call, 1, "buf", &buf) ||
      !take_offset(&call, 3, "offset", &buf, &offset) ||
      !take_count(&call, 2, "count", &buf, offset, &count))
    return NULL;
  return call_result(&call, RAW(nr, fd, buf.data + offset, count, 0, 0));
}

CALL(read) { return transfer(env, info, "read", __NR_read); }
CALL(write) { return transfer(env, info, "write", __NR_write); }

CALL(pread64) {
  BEGIN("pread64");
  int32_t fd;
  struct bytes buf;
  size_t count, offset;
  if (!take_int(&call, 0, "fd", &fd) || !take_bytes(&call, 1, "buf", &buf) ||
      !take_count(&call, 2, "count", &buf, 0, &count) || !take_length(&call, 3, "offset", &offset))
    return NULL;
  return call_result(&call, RAW(__NR_pread64, fd, buf.data, count, offset, 0));
}

static napi_value transfer_vector(napi_env env, napi_callback_info info, const char *name,
                                  long nr) {
  BEGIN(name);
  int32_t fd;
  struct vector vector;
  if (!take_int(&call, 0, "fd", &fd) || !take_elements(&call, 1, "iov", &vector) ||
      !take_vector(&call, "iov", &vector))
    return NULL;
  return call_result(&call, RAW(nr, fd, vector.iov, vector.count, 0, 0));
}

CALL(readv) { return transfer_vector(env, info, "readv", __NR_readv); }
CALL(writev) { return transfer_vector(env, info, "writev", __NR_writev); }

/* A file offset that the kernel reads and writes: 8 bytes, or null for the descriptor's own. */
static bool take_file_offset(const struct call *call, size_t index, const char *argument,
                             struct bytes *out) {
  return take_at_least(call, index, argument, sizeof(int64_t), "8 bytes long", out);
}

CALL(sendfile) {
  BEGIN("sendfile");
  int32_t out_fd, in_fd;
  struct bytes offset;
  size_t count;
  if (!take_int(&call, 0, "out_fd", &out_fd) || !take_int(&call, 1, "in_fd", &in_fd) ||
      !take_file_offset(&call, 2, "offset", &offset) || !take_length(&call, 3, "count", &count))
    return NULL;
  return call_result(&call, RAW(__NR_sendfile, out_fd, in_fd, offset.data, count, 0));
}

CALL(splice) {
  BEGIN("splice");
  int32_t fd_in, fd_out, flags;
  struct bytes off_in, off_out;
  size_t size;
  if (!take_int(&call, 0, "fd_in", &fd_in) || !take_file_offset(&call, 1, "off_in", &off_in) ||
      !take_int(&call, 2, "fd_out", &fd_out) || !take_file_offset(&call, 3, "off_out", &off_out) ||
      !take_length(&call, 4, "size", &size) || !take_int(&call, 5, "flags", &flags))
    return NULL;
  long result = RAW6(__NR_splice, fd_in, off_in.data, fd_out, off_out.data, size, flags);
  return call_result(&call, result);
}

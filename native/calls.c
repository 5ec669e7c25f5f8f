/*
 * The system calls: one function each, which takes its arguments, makes the call and returns what the
 * kernel returned. No policy, no retry, no state. The JavaScript side is interface Kernel.
 */
#include "calls.h"

#include "arguments.h"
#include "raw-syscall.h"

CALL(socket) {
  BEGIN("socket");
  int32_t domain, type, protocol;
  if (!take_int(&call, 0, "domain", &domain) || !take_int(&call, 1, "type", &type) ||
      !take_int(&call, 2, "protocol", &protocol))
    return NULL;
  return call_result(&call, RAW(__NR_socket, domain, type, protocol, 0, 0));
}

CALL(socketpair) {
  BEGIN("socketpair");
  int32_t domain, type, protocol;
  struct bytes sv;
  if (!take_int(&call, 0, "domain", &domain) || !take_int(&call, 1, "type", &type) ||
      !take_int(&call, 2, "protocol", &protocol) || !take_words(&call, 3, "sv", 2, &sv))
    return NULL;
  return call_result(&call, RAW(__NR_socketpair, domain, type, protocol, sv.data, 0));
}

/* bind(2) and connect(2) take the same arguments. */
static napi_value with_address(napi_env env, napi_callback_info info, const char *name, long nr) {
  BEGIN(name);
  int32_t fd, addrlen;
  struct bytes addr;
  if (!take_int(&call, 0, "sockfd", &fd) || !take_bytes(&call, 1, "addr", &addr) ||
      !take_socklen(&call, 2, "addrlen", &addr, &addrlen))
    return NULL;
  return call_result(&call, RAW(nr, fd, addr.data, addrlen, 0, 0));
}

CALL(bind) { return with_address(env, info, "bind", __NR_bind); }
CALL(connect) { return with_address(env, info, "connect", __NR_connect); }

CALL(listen) {
  BEGIN("listen");
  int32_t fd, backlog;
  if (!take_int(&call, 0, "sockfd", &fd) || !take_int(&call, 1, "backlog", &backlog)) return NULL;
  return call_result(&call, RAW(__NR_listen, fd, backlog, 0, 0, 0));
}

CALL(accept4) {
  BEGIN("accept4");
  int32_t fd, flags;
  struct bytes addr;
  struct socklen addrlen;
  struct address_room room;
  if (!take_int(&call, 0, "sockfd", &fd) || !take_address_room(&call, 1, &addr, &addrlen, &room) ||
      !take_int(&call, 3, "flags", &flags))
    return NULL;
  long result = RAW(__NR_accept4, fd, addr.data, addrlen.pointer, flags, 0);
  return call_result_socklen(&call, result, &addrlen);
}

/* accept(2), getsockname(2) and getpeername(2) take the same arguments. */
static napi_value name_of(napi_env env, napi_callback_info info, const char *name, long nr) {
  BEGIN(name);
  int32_t fd;
  struct bytes addr;
  struct socklen addrlen;
  struct address_room room;
  if (!take_int(&call, 0, "sockfd", &fd) || !take_address_room(&call, 1, &addr, &addrlen, &room))
    return NULL;
  long result = RAW(nr, fd, addr.data, addrlen.pointer, 0, 0);
  return call_result_socklen(&call, result, &addrlen);
}

CALL(accept) { return name_of(env, info, "accept", __NR_accept); }
CALL(getsockname) { return name_of(env, info, "getsockname", __NR_getsockname); }
CALL(getpeername) { return name_of(env, info, "getpeername", __NR_getpeername); }

CALL(shutdown) {
  BEGIN("shutdown");
  int32_t fd, how;
  if (!take_int(&call, 0, "sockfd", &fd) || !take_int(&call, 1, "how", &how)) return NULL;
  return call_result(&call, RAW(__NR_shutdown, fd, how, 0, 0, 0));
}

CALL(close) {
  BEGIN("close");
  int32_t fd;
  if (!take_int(&call, 0, "fd", &fd)) return NULL;
  return call_result(&call, RAW(__NR_close, fd, 0, 0, 0, 0));
}

CALL(dup) {
  BEGIN("dup");
  int32_t fd;
  if (!take_int(&call, 0, "oldfd", &fd)) return NULL;
  return call_result(&call, RAW(__NR_dup, fd, 0, 0, 0, 0));
}

CALL(dup3) {
  BEGIN("dup3");
  int32_t oldfd, newfd, flags;
  if (!take_int(&call, 0, "oldfd", &oldfd) || !take_int(&call, 1, "newfd", &newfd) ||
      !take_int(&call, 2, "flags", &flags))
    return NULL;
  return call_result(&call, RAW(__NR_dup3, oldfd, newfd, flags, 0, 0));
}

/* The commands of fcntl(2) whose argument is a number or absent; with any other one, known or not, a
 * number could be an address. */
static bool fcntl_takes_number(int32_t cmd) {
  enum { DUPFD = 0, SETFL = 4, SETOWN = 8, GETSIG = 11, SETLEASE = 1024, GET_SEALS = 1034 };
  return (cmd >= DUPFD && cmd <= SETFL) || (cmd >= SETOWN && cmd <= GETSIG) ||
         (cmd >= SETLEASE && cmd <= GET_SEALS);
}

CALL(fcntl) {
  BEGIN("fcntl");
  int32_t fd, cmd, arg;
  if (!take_int(&call, 0, "fd", &fd) || !take_int(&call, 1, "cmd", &cmd) ||
      !take_int(&call, 2, "arg", &arg))
    return NULL;
  if (!fcntl_takes_number(cmd)) {
    throw_range(&call, "cmd", "a command whose argument is a number");
    return NULL;
  }
  return call_result(&call, RAW(__NR_fcntl, fd, cmd, arg, 0, 0));
}

CALL(openat) {
  BEGIN("openat");
  int32_t dirfd, flags, mode;
  struct path path;
  if (!take_int(&call, 0, "dirfd", &dirfd) || !take_path(&call, 1, "path", &path) ||
      !take_int(&call, 2, "flags", &flags) || !take_int(&call, 3, "mode", &mode))
    return NULL;
  return call_result(&call, RAW(__NR_openat, dirfd, path.pointer, flags, mode, 0));
}

CALL(openat2) {
  BEGIN("openat2");
  int32_t dirfd;
  struct path path;
  struct bytes how;
  size_t size;
  if (!take_int(&call, 0, "dirfd", &dirfd) || !take_path(&call, 1, "path", &path) ||
      !take_bytes(&call, 2, "how", &how) || !take_count(&call, 3, "size", &how, 0, &size))
    return NULL;
  return call_result(&call, RAW(__NR_openat2, dirfd, path.pointer, how.data, size, 0));
}

CALL(unlinkat) {
  BEGIN("unlinkat");
  int32_t dirfd, flags;
  struct path path;
  if (!take_int(&call, 0, "dirfd", &dirfd) || !take_path(&call, 1, "path", &path) ||
      !take_int(&call, 2, "flags", &flags))
    return NULL;
  return call_result(&call, RAW(__NR_unlinkat, dirfd, path.pointer, flags, 0, 0));
}

CALL(readlinkat) {
  BEGIN("readlinkat");
  int32_t dirfd;
  struct path path;
  struct bytes buf;
  size_t bufsiz;
  if (!take_int(&call, 0, "dirfd", &dirfd) || !take_path(&call, 1, "path", &path) ||
      !take_bytes(&call, 2, "buf", &buf) || !take_count(&call, 3, "bufsiz", &buf, 0, &bufsiz))
    return NULL;
  return call_result(&call, RAW(__NR_readlinkat, dirfd, path.pointer, buf.data, bufsiz, 0));
}

CALL(statx) {
  BEGIN("statx");
  enum { STATX_BYTES = 256 };
  int32_t dirfd, flags, mask;
  struct path path;
  struct bytes buffer;
  if (!take_int(&call, 0, "dirfd", &dirfd) || !take_path(&call, 1, "path", &path) ||
      !take_int(&call, 2, "flags", &flags) || !take_int(&call, 3, "mask", &mask) ||
      !take_bytes(&call, 4, "statxbuf", &buffer))
    return NULL;
  if (buffer.data != NULL && buffer.length < STATX_BYTES) {
    throw_range(&call, "statxbuf", "256 bytes long");
    return NULL;
  }
  return call_result(&call, RAW(__NR_statx, dirfd, path.pointer, flags, mask, buffer.data));
}

CALL(pipe2) {
  BEGIN("pipe2");
  int32_t flags;
  struct bytes pipefd;
  if (!take_words(&call, 0, "pipefd", 2, &pipefd) || !take_int(&call, 1, "flags", &flags))
    return NULL;
  return call_result(&call, RAW(__NR_pipe2, pipefd.data, flags, 0, 0, 0));
}

CALL(eventfd2) {
  BEGIN("eventfd2");
  int32_t initval, flags;
  if (!take_int(&call, 0, "initval", &initval) || !take_int(&call, 1, "flags", &flags)) return NULL;
  return call_result(&call, RAW(__NR_eventfd2, (uint32_t)initval, flags, 0, 0, 0));
}

static const struct {
  const char *name;
  napi_callback function;
} CALLS[] = {
    {"socket", call_socket},             {"socketpair", call_socketpair},
    {"bind", call_bind},                 {"listen", call_listen},
    {"accept", call_accept},             {"accept4", call_accept4},
    {"connect", call_connect},           {"shutdown", call_shutdown},
    {"getsockname", call_getsockname},   {"getpeername", call_getpeername},
    {"setsockopt", call_setsockopt},     {"getsockopt", call_getsockopt},
    {"read", call_read},                 {"readv", call_readv},
    {"write", call_write},               {"writev", call_writev},
    {"recvfrom", call_recvfrom},         {"recvmsg", call_recvmsg},
    {"recvmmsg", call_recvmmsg},         {"sendto", call_sendto},
    {"sendmsg", call_sendmsg},           {"sendmmsg", call_sendmmsg},
    {"sendfile", call_sendfile},         {"splice", call_splice},
    {"close", call_close},               {"dup", call_dup},
    {"dup3", call_dup3},                 {"fcntl", call_fcntl},
    {"ioctl", call_ioctl},               {"openat", call_openat},
    {"unlinkat", call_unlinkat},         {"statx", call_statx},
    {"openat2", call_openat2},           {"pread64", call_pread64},
    {"readlinkat", call_readlinkat},     {"pipe2", call_pipe2},
    {"eventfd2", call_eventfd2},
    {"select", call_select},             {"pselect6", call_pselect6},
    {"poll", call_poll},                 {"ppoll", call_ppoll},
    {"epoll_create", call_epoll_create}, {"epoll_create1", call_epoll_create1},
    {"epoll_ctl", call_epoll_ctl},       {"epoll_wait", call_epoll_wait},
};

bool define_calls(napi_env env, napi_value target) {
  for (size_t i = 0; i < sizeof CALLS / sizeof CALLS[0]; i++) {
    napi_value function;
    if (napi_create_function(env, CALLS[i].name, NAPI_AUTO_LENGTH, CALLS[i].function, NULL,
                             &function) != napi_ok ||
        napi_set_named_property(env, target, CALLS[i].name, function) != napi_ok)
      return false;
  }
  return true;
}

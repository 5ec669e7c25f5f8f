/* What the files of system calls show to the module. */
#ifndef NETFD_CALLS_H
#define NETFD_CALLS_H

#include <node_api.h>
#include <stdbool.h>

#include "arguments.h"

/* A system call as a function of the module; BEGIN declares its arguments, `call`. */
#define CALL(name) napi_value call_##name(napi_env env, napi_callback_info info)
#define BEGIN(name) \
  struct call call; \
  if (!call_begin(&call, env, info, name)) return NULL

/* Puts a function for each system call on `target`. */
bool define_calls(napi_env env, napi_value target);

/* transfer.c */
CALL(read);
CALL(readv);
CALL(write);
CALL(pread64);
CALL(writev);
CALL(sendfile);
CALL(splice);
/* message.c */
CALL(recvfrom);
CALL(recvmsg);
CALL(recvmmsg);
CALL(sendto);
CALL(sendmsg);
CALL(sendmmsg);
/* wait.c */
CALL(select);
CALL(pselect6);
CALL(poll);
CALL(ppoll);
/* epoll.c */
CALL(epoll_create);
CALL(epoll_create1);
CALL(epoll_ctl);
CALL(epoll_wait);
/* ioctl.c */
CALL(ioctl);
/* socket-options.c */
CALL(setsockopt);
CALL(getsockopt);

#endif

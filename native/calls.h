/* What the files of system calls show to the module. */
#ifndef NETFD_CALLS_H
#define NETFD_CALLS_H

#include <node_api.h>
#include <stdbool.h>

/* Puts a function for each system call on `target`. */
bool define_calls(napi_env env, napi_value target);

napi_value call_epoll_create1(napi_env env, napi_callback_info info);
napi_value call_epoll_ctl(napi_env env, napi_callback_info info);
napi_value call_epoll_wait(napi_env env, napi_callback_info info);

#endif

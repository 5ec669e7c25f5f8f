/* read(2) and write(2) on buffers that are kept: see kept.c. */
#ifndef NETFD_KEPT_H
#define NETFD_KEPT_H

#include <node_api.h>
#include <stdbool.h>

/* Adds keptCalls to the module. */
bool define_kept(napi_env env, napi_value target);

#endif

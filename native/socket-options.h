/* Which socket options are refused: those with which the kernel would leave the buffer of the caller. */
#ifndef NETFD_SOCKET_OPTIONS_H
#define NETFD_SOCKET_OPTIONS_H

#include "arguments.h"

/* Throw a RangeError about "optname" and return false if the option is not taken from JavaScript. */
bool may_set_option(const struct call *call, int32_t level, int32_t optname);
bool may_get_option(const struct call *call, int32_t level, int32_t optname);

#endif

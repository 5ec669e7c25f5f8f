/*
 * Several buffers as one: struct iovec[], from a Uint8Array or an array of them.
 *
 * Two steps, since reading the elements of an array may run JavaScript, which may take away any buffer
 * whose address is known by then: first the elements, then, with nothing in between, all addresses.
 */
#ifndef NETFD_VECTOR_H
#define NETFD_VECTOR_H

#include <linux/uio.h>

#include "arguments.h"

struct vector {
  size_t count; /* as given; the kernel refuses more than UIO_MAXIOV before it looks at one */
  napi_value elements[UIO_MAXIOV];
  struct iovec iov[UIO_MAXIOV];
};

/* Step one, before any other take_* that gives an address. */
bool take_elements(const struct call *call, size_t index, const char *argument,
                   struct vector *out);
/* Step two. */
bool take_vector(const struct call *call, const char *argument, struct vector *vector);

#endif

/*
 * ioctl(2), for the requests of this table: what `arg` means, and how many bytes of it the kernel reads and
 * writes, is known for these only. What they have in common: no address in the argument. Hence no
 * SIOCGIFCONF, SIOCADDRT, SIOCETHTOOL. Source: <asm/ioctls.h>, <linux/sockios.h>, <linux/if_tun.h>.
 */
#include "arguments.h"
#include "calls.h"
#include "raw-syscall.h"

/* How arg is passed: not at all, as a number, or as a pointer to so many bytes. */
enum { NOTHING = 0, BY_VALUE = 1, INT = 4, TIME = 16, IFREQ = 40, ARPREQ = 68 };

static const struct {
  uint32_t first, last;
  uint32_t size;
} REQUESTS[] = {
    {0x5411, 0x5411, INT},           /* TIOCOUTQ, SIOCOUTQ */
    {0x541b, 0x541b, INT},           /* FIONREAD, SIOCINQ */
    {0x5421, 0x5421, INT},           /* FIONBIO */
    {0x5450, 0x5451, NOTHING},       /* FIONCLEX, FIOCLEX */
    {0x5452, 0x5452, INT},           /* FIOASYNC */
    {0x8901, 0x8905, INT},           /* FIOSETOWN, SIOCSPGRP, FIOGETOWN, SIOCGPGRP, SIOCATMARK */
    {0x8906, 0x8907, TIME},          /* SIOCGSTAMP_OLD, SIOCGSTAMPNS_OLD */
    {0x80108906, 0x80108907, TIME},  /* SIOCGSTAMP_NEW, SIOCGSTAMPNS_NEW */
    {0x8910, 0x8911, IFREQ},         /* SIOCGIFNAME, SIOCSIFLINK */
    {0x8913, 0x8922, IFREQ},         /* SIOCGIFFLAGS to SIOCSIFMTU */
    {0x8923, 0x8927, IFREQ},         /* SIOCSIFNAME to SIOCGIFHWADDR */
    {0x8929, 0x8937, IFREQ},         /* SIOCGIFSLAVE to SIOCSIFHWBROADCAST */
    {0x8942, 0x8943, IFREQ},         /* SIOCGIFTXQLEN, SIOCSIFTXQLEN */
    {0x894b, 0x894b, INT},           /* SIOCOUTQNSD */
    {0x8953, 0x8955, ARPREQ},        /* SIOCDARP, SIOCGARP, SIOCSARP */
    {0x8970, 0x8970, IFREQ},         /* SIOCGIFMAP */
    {0x89e0, 0x89e0, NOTHING},       /* SIOCUNIXFILE; of other families something with an address */
    {0x400454ca, 0x400454ca, IFREQ}, /* TUNSETIFF */
    {0x400454cb, 0x400454ce, BY_VALUE}, /* TUNSETPERSIST, TUNSETOWNER, TUNSETLINK, TUNSETGROUP */
    {0x800454cf, 0x800454cf, INT},      /* TUNGETFEATURES */
    {0x400454d0, 0x400454d0, BY_VALUE}, /* TUNSETOFFLOAD */
    {0x800454d2, 0x800454d2, IFREQ},    /* TUNGETIFF */
    {0x800454d3, 0x800454d3, INT},      /* TUNGETSNDBUF */
    {0x400454d4, 0x400454d4, INT},      /* TUNSETSNDBUF */
    {0x800454d7, 0x800454d7, INT},      /* TUNGETVNETHDRSZ */
    {0x400454d8, 0x400454d8, INT},      /* TUNSETVNETHDRSZ */
    {0x400454d9, 0x400454d9, IFREQ},    /* TUNSETQUEUE */
};

/* The drivers of some devices write more than others: there is room for any of them. */
#define ROOM 256

static bool find_request(const struct call *call, uint32_t request, size_t *size) {
  for (size_t i = 0; i < sizeof REQUESTS / sizeof REQUESTS[0]; i++) {
    if (request < REQUESTS[i].first || request > REQUESTS[i].last) continue;
    *size = REQUESTS[i].size;
    return true;
  }
  return throw_range(call, "request", "one whose argument holds no address");
}

CALL(ioctl) {
  BEGIN("ioctl");
  int32_t fd, request, value;
  size_t size = NOTHING;
  struct bytes arg;
  if (!take_int(&call, 0, "fd", &fd) || !take_int(&call, 1, "request", &request) ||
      !find_request(&call, (uint32_t)request, &size))
    return NULL;
  if (size <= BY_VALUE) {
    if (!take_int(&call, 2, "arg", &value)) return NULL;
    if (size == NOTHING && value != 0) {
      throw_range(&call, "arg", "0");
      return NULL;
    }
    return call_result(&call, RAW(__NR_ioctl, fd, (uint32_t)request, value, 0, 0));
  }
  if (!take_bytes(&call, 2, "arg", &arg)) return NULL;
  if (arg.data == NULL) return call_result(&call, RAW(__NR_ioctl, fd, (uint32_t)request, 0, 0, 0));
  if (arg.length < size) {
    throw_range(&call, "arg", "as long as what the request reads and writes");
    return NULL;
  }
  uint8_t room[ROOM] = {0};
  copy_bytes(room, arg.data, size);
  long result = RAW(__NR_ioctl, fd, (uint32_t)request, room, 0, 0);
  copy_bytes(arg.data, room, size);
  return call_result(&call, result);
}

/*
 * setsockopt(2) and getsockopt(2), and the options that are not taken from JavaScript as raw bytes. Two
 * kinds: a value with an address in it, which the kernel reads or writes through, and a value whose size
 * the kernel takes from somewhere else than optlen. Source: the kernel's headers, and its setsockopt and
 * getsockopt functions.
 */
#include <linux/filter.h>

#include "calls.h"
#include "raw-syscall.h"

#define HOLDS_NO_ADDRESS "an option whose value holds no address"
#define ENDS_AT_OPTLEN "an option whose value ends at optlen"

enum {
  LEVEL_IP = 0,
  LEVEL_SOCKET = 1,
  LEVEL_TCP = 6,
  LEVEL_IPV6 = 41,
  LEVEL_SCTP = 132,
  LEVEL_PACKET = 263,
  LEVEL_RDS = 276,
  LEVEL_XDP = 283,
  LEVEL_MPTCP = 284,
};

struct option {
  int32_t level, optname;
};

static const struct option SET_ADDRESSES[] = {
    {LEVEL_IP, 64},     /* IPT_SO_SET_REPLACE: ipt_replace.counters */
    {LEVEL_IP, 96},     /* ARPT_SO_SET_REPLACE: arpt_replace.counters */
    {LEVEL_IP, 128},    /* EBT_SO_SET_ENTRIES: ebt_replace.entries, counters, hook_entry */
    {LEVEL_IP, 129},    /* EBT_SO_SET_COUNTERS: ebt_replace.counters */
    {LEVEL_IPV6, 64},   /* IP6T_SO_SET_REPLACE: ip6t_replace.counters */
    {LEVEL_PACKET, 22}, /* PACKET_FANOUT_DATA: sock_fprog.filter */
    {LEVEL_RDS, 2},     /* RDS_GET_MR: rds_get_mr_args.vec.addr, cookie_addr */
    {LEVEL_RDS, 7},     /* RDS_GET_MR_FOR_DEST: rds_get_mr_for_dest_args.vec.addr, cookie_addr */
    {LEVEL_XDP, 4},     /* XDP_UMEM_REG: xdp_umem_reg.addr */
};

static const struct option GET_ADDRESSES[] = {
    {LEVEL_IP, 129},   /* EBT_SO_GET_ENTRIES: ebt_replace.entries, counters */
    {LEVEL_IP, 131},   /* EBT_SO_GET_INIT_ENTRIES: the same */
    {LEVEL_TCP, 35},   /* TCP_ZEROCOPY_RECEIVE: address, copybuf_address, msg_control */
    {LEVEL_SCTP, 111}, /* SCTP_SOCKOPT_CONNECTX3: sctp_getaddrs_old.addrs */
    {LEVEL_MPTCP, 4},  /* MPTCP_FULL_INFO: mptcp_full_info.subflow_info, tcp_info */
};

static const struct option GET_LENGTHS[] = {
    {LEVEL_IP, 41},     /* IP_MSFILTER: ip_msfilter.imsf_numsrc */
    {LEVEL_IP, 48},     /* MCAST_MSFILTER: group_filter.gf_numsrc */
    {LEVEL_IPV6, 48},   /* MCAST_MSFILTER: the same */
    {LEVEL_TCP, 41},    /* TCP_AO_GET_KEYS: optlen is the size of one of tcp_ao_getsockopt.nkeys */
};

static bool is_among(const struct option *options, size_t count, int32_t level, int32_t optname) {
  for (size_t i = 0; i < count; i++)
    if (options[i].level == level && options[i].optname == optname) return true;
  return false;
}

#define IS_AMONG(options) is_among(options, sizeof options / sizeof options[0], level, optname)

static bool may_set_option(const struct call *call, int32_t level, int32_t optname) {
  return !IS_AMONG(SET_ADDRESSES) || throw_range(call, "optname", HOLDS_NO_ADDRESS);
}

static bool may_get_option(const struct call *call, int32_t level, int32_t optname) {
  if (IS_AMONG(GET_ADDRESSES)) return throw_range(call, "optname", HOLDS_NO_ADDRESS);
  return !IS_AMONG(GET_LENGTHS) || throw_range(call, "optname", ENDS_AT_OPTLEN);
}

/*
 * The value of these is a program of classic BPF. In C it is a struct sock_fprog, with the address of the
 * instructions; here it is the instructions. The kernel copies them before it looks at them.
 */
enum { ATTACH_FILTER = 26, GET_FILTER = 26, ATTACH_REUSEPORT_CBPF = 51 };

#define INSTRUCTION sizeof(struct sock_filter)

static bool is_filter(int32_t level, int32_t optname) {
  return level == LEVEL_SOCKET && (optname == ATTACH_FILTER || optname == ATTACH_REUSEPORT_CBPF);
}

static long attach_filter(int32_t fd, int32_t optname, const struct bytes *program,
                          uint32_t length) {
  uint32_t count = length / INSTRUCTION;
  const struct sock_fprog value = {
      .len = count > UINT16_MAX ? UINT16_MAX : (uint16_t)count, /* either is too many */
      .filter = (struct sock_filter *)program->data,
  };
  return RAW(__NR_setsockopt, fd, LEVEL_SOCKET, optname, &value, sizeof value);
}

CALL(setsockopt) {
  BEGIN("setsockopt");
  int32_t fd, level, optname, optlen;
  struct bytes optval;
  if (!take_int(&call, 0, "sockfd", &fd) || !take_int(&call, 1, "level", &level) ||
      !take_int(&call, 2, "optname", &optname) || !take_bytes(&call, 3, "optval", &optval) ||
      !take_socklen(&call, 4, "optlen", &optval, &optlen) ||
      !may_set_option(&call, level, optname))
    return NULL;
  if (is_filter(level, optname) && optlen >= 0)
    return call_result(&call, attach_filter(fd, optname, &optval, (uint32_t)optlen));
  return call_result(&call, RAW(__NR_setsockopt, fd, level, optname, optval.data, optlen));
}

/*
 * Some protocols write a struct or a word without a look at optlen (Bluetooth, AX.25, ATM). So a value
 * that is shorter than this gets this much room, and only what optlen covers is given to the caller.
 */
#define OPTION_ROOM 4096

CALL(getsockopt) {
  BEGIN("getsockopt");
  int32_t fd, level, optname;
  struct bytes optval;
  struct socklen optlen;
  if (!take_int(&call, 0, "sockfd", &fd) || !take_int(&call, 1, "level", &level) ||
      !take_int(&call, 2, "optname", &optname) || !take_bytes(&call, 3, "optval", &optval) ||
      !take_socklen_pointer(&call, 4, "optlen", &optval, &optlen) ||
      !may_get_option(&call, level, optname))
    return NULL;
  if (level == LEVEL_SOCKET && optname == GET_FILTER && optlen.pointer != NULL) {
    optlen.value /= INSTRUCTION;
    long result = RAW(__NR_getsockopt, fd, level, optname, optval.data, optlen.pointer);
    optlen.value *= INSTRUCTION;
    return call_result_socklen(&call, result, &optlen);
  }
  uint8_t room[OPTION_ROOM];
  uint32_t capacity = optlen.value;
  bool in_room = optval.data != NULL && capacity < sizeof room;
  if (in_room) copy_bytes(room, optval.data, capacity);
  long result = RAW(__NR_getsockopt, fd, level, optname, in_room ? room : optval.data,
                    optlen.pointer);
  if (in_room) copy_bytes(optval.data, room, capacity);
  return call_result_socklen(&call, result, &optlen);
}

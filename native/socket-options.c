/*
 * The socket options that are not taken from JavaScript as raw bytes. Two kinds: a value with an address
 * in it, which the kernel reads or writes through, and a value whose size the kernel takes from somewhere
 * else than optlen. Source: the kernel's headers, and its setsockopt and getsockopt functions.
 */
#include "socket-options.h"

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
    {LEVEL_SOCKET, 26}, /* SO_ATTACH_FILTER: sock_fprog.filter */
    {LEVEL_SOCKET, 51}, /* SO_ATTACH_REUSEPORT_CBPF: sock_fprog.filter */
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
    {LEVEL_SOCKET, 26}, /* SO_GET_FILTER: optlen counts instructions of 8 bytes */
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

bool may_set_option(const struct call *call, int32_t level, int32_t optname) {
  return !IS_AMONG(SET_ADDRESSES) || throw_range(call, "optname", HOLDS_NO_ADDRESS);
}

bool may_get_option(const struct call *call, int32_t level, int32_t optname) {
  if (IS_AMONG(GET_ADDRESSES)) return throw_range(call, "optname", HOLDS_NO_ADDRESS);
  return !IS_AMONG(GET_LENGTHS) || throw_range(call, "optname", ENDS_AT_OPTLEN);
}

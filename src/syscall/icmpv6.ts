/**
 * The vocabulary of ICMPv6: types and codes of messages, the filter of raw sockets.
 *
 * Data only; the protocol and the level SOL_ICMPV6 are in inet.ts. Source: <linux/icmpv6.h>,
 * <netinet/icmp6.h>, RFC 4443, RFC 4861.
 */

// Types of ICMPv6, errors first: <linux/icmpv6.h>.
export const ICMPV6_DEST_UNREACH = 1;
export const ICMPV6_PKT_TOOBIG = 2;
export const ICMPV6_TIME_EXCEED = 3;
export const ICMPV6_PARAMPROB = 4;
export const ICMPV6_INFOMSG_MASK = 128;
export const ICMPV6_ECHO_REQUEST = 128;
export const ICMPV6_ECHO_REPLY = 129;
export const ICMPV6_MGM_QUERY = 130;
export const ICMPV6_MGM_REPORT = 131;
export const ICMPV6_MGM_REDUCTION = 132;
export const ICMPV6_NI_QUERY = 139;
export const ICMPV6_NI_REPLY = 140;
export const ICMPV6_MLD2_REPORT = 143;
export const ICMPV6_DHAAD_REQUEST = 144;
export const ICMPV6_DHAAD_REPLY = 145;
export const ICMPV6_MOBILE_PREFIX_SOL = 146;
export const ICMPV6_MOBILE_PREFIX_ADV = 147;
export const ICMPV6_MRDISC_ADV = 151;
export const ICMPV6_EXT_ECHO_REQUEST = 160;
export const ICMPV6_EXT_ECHO_REPLY = 161;

// Types of neighbour discovery: <netinet/icmp6.h>.
export const ND_ROUTER_SOLICIT = 133;
export const ND_ROUTER_ADVERT = 134;
export const ND_NEIGHBOR_SOLICIT = 135;
export const ND_NEIGHBOR_ADVERT = 136;
export const ND_REDIRECT = 137;

// Codes of ICMPV6_DEST_UNREACH: <linux/icmpv6.h>.
export const ICMPV6_NOROUTE = 0;
export const ICMPV6_ADM_PROHIBITED = 1;
export const ICMPV6_NOT_NEIGHBOUR = 2;
export const ICMPV6_ADDR_UNREACH = 3;
export const ICMPV6_PORT_UNREACH = 4;
export const ICMPV6_POLICY_FAIL = 5;
export const ICMPV6_REJECT_ROUTE = 6;

// Codes of ICMPV6_TIME_EXCEED: <linux/icmpv6.h>.
export const ICMPV6_EXC_HOPLIMIT = 0;
export const ICMPV6_EXC_FRAGTIME = 1;

// Codes of ICMPV6_PARAMPROB: <linux/icmpv6.h>.
export const ICMPV6_HDR_FIELD = 0;
export const ICMPV6_UNK_NEXTHDR = 1;
export const ICMPV6_UNK_OPTION = 2;
export const ICMPV6_HDR_INCOMP = 3;

// Option of SOL_ICMPV6, under both of its names: <linux/icmpv6.h>, <netinet/icmp6.h>.
export const ICMPV6_FILTER = 1;
export const ICMP6_FILTER = 1;

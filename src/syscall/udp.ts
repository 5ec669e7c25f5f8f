/**
 * The vocabulary of udp(7): options of SOL_UDP and what is encapsulated in datagrams.
 *
 * Data only; the level SOL_UDP is in inet.ts. Source: udp(7), <linux/udp.h>.
 */

// Options of SOL_UDP: <linux/udp.h>.
export const UDP_CORK = 1;
export const UDP_ENCAP = 100;
export const UDP_NO_CHECK6_TX = 101;
export const UDP_NO_CHECK6_RX = 102;
export const UDP_SEGMENT = 103;
export const UDP_GRO = 104;

// Values of UDP_ENCAP: <linux/udp.h>.
export const UDP_ENCAP_ESPINUDP_NON_IKE = 1;
export const UDP_ENCAP_ESPINUDP = 2;
export const UDP_ENCAP_L2TPINUDP = 3;
export const UDP_ENCAP_GTP0 = 4;
export const UDP_ENCAP_GTP1U = 5;
export const UDP_ENCAP_RXRPC = 6;

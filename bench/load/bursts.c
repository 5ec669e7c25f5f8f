/* Load for the bursts workload: that of udp, but that the kernel cuts each burst into its datagrams. */
#define GSO 1
#include "udp.c"

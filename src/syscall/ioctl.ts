/**
 * The vocabulary of ioctl(2) on sockets: what is queued, who is signalled, timestamps, interfaces,
 * routes, the ARP table.
 *
 * Data only; the struct of the interface calls is ifreq.ts's, TUN's calls are in tun.ts. Source:
 * tcp(7), udp(7), socket(7), netdevice(7), <asm-generic/ioctls.h>, <linux/sockios.h>.
 */

// Calls that every file has: <asm-generic/ioctls.h>.
export const FIONREAD = 0x541b;
export const FIONBIO = 0x5421;
export const FIONCLEX = 0x5450;
export const FIOCLEX = 0x5451;
export const FIOASYNC = 0x5452;
export const FIOQSIZE = 0x5460;

// Bytes in the queues of a socket: <asm-generic/ioctls.h>, <linux/sockios.h>.
export const TIOCINQ = 0x541b;
export const TIOCOUTQ = 0x5411;
export const SIOCINQ = 0x541b;
export const SIOCOUTQ = 0x5411;
export const SIOCOUTQNSD = 0x894b;

// Who is signalled, and the urgent mark: <asm-generic/sockios.h>.
export const FIOSETOWN = 0x8901;
export const SIOCSPGRP = 0x8902;
export const FIOGETOWN = 0x8903;
export const SIOCGPGRP = 0x8904;
export const SIOCATMARK = 0x8905;

// When the last packet came: <asm-generic/sockios.h>, <linux/sockios.h>.
export const SIOCGSTAMP = 0x8906;
export const SIOCGSTAMPNS = 0x8907;
export const SIOCGSTAMP_OLD = 0x8906;
export const SIOCGSTAMPNS_OLD = 0x8907;
export const SIOCGSTAMP_NEW = 0x80108906;
export const SIOCGSTAMPNS_NEW = 0x80108907;

// The network namespace of a socket: <linux/sockios.h>.
export const SIOCGSKNS = 0x894c;

// Routes: <linux/sockios.h>.
export const SIOCADDRT = 0x890b;
export const SIOCDELRT = 0x890c;
export const SIOCRTMSG = 0x890d;

// Interfaces, with struct ifreq or ifconf: <linux/sockios.h>.
export const SIOCGIFNAME = 0x8910;
export const SIOCSIFLINK = 0x8911;
export const SIOCGIFCONF = 0x8912;
export const SIOCGIFFLAGS = 0x8913;
export const SIOCSIFFLAGS = 0x8914;
export const SIOCGIFADDR = 0x8915;
export const SIOCSIFADDR = 0x8916;
export const SIOCGIFDSTADDR = 0x8917;
export const SIOCSIFDSTADDR = 0x8918;
export const SIOCGIFBRDADDR = 0x8919;
export const SIOCSIFBRDADDR = 0x891a;
export const SIOCGIFNETMASK = 0x891b;
export const SIOCSIFNETMASK = 0x891c;
export const SIOCGIFMETRIC = 0x891d;
export const SIOCSIFMETRIC = 0x891e;
export const SIOCGIFMEM = 0x891f;
export const SIOCSIFMEM = 0x8920;
export const SIOCGIFMTU = 0x8921;
export const SIOCSIFMTU = 0x8922;
export const SIOCSIFNAME = 0x8923;
export const SIOCSIFHWADDR = 0x8924;
export const SIOCGIFENCAP = 0x8925;
export const SIOCSIFENCAP = 0x8926;
export const SIOCGIFHWADDR = 0x8927;
export const SIOCGIFSLAVE = 0x8929;
export const SIOCSIFSLAVE = 0x8930;
export const SIOCADDMULTI = 0x8931;
export const SIOCDELMULTI = 0x8932;
export const SIOCGIFINDEX = 0x8933;
export const SIOCSIFPFLAGS = 0x8934;
export const SIOCGIFPFLAGS = 0x8935;
export const SIOCDIFADDR = 0x8936;
export const SIOCSIFHWBROADCAST = 0x8937;
export const SIOCGIFCOUNT = 0x8938;
export const SIOCGIFBR = 0x8940;
export const SIOCSIFBR = 0x8941;
export const SIOCGIFTXQLEN = 0x8942;
export const SIOCSIFTXQLEN = 0x8943;
export const SIOCGIFMAP = 0x8970;
export const SIOCSIFMAP = 0x8971;
export const SIOCGIFVLAN = 0x8982;
export const SIOCSIFVLAN = 0x8983;

// Hardware timestamps, with struct ifreq: <linux/sockios.h>.
export const SIOCSHWTSTAMP = 0x89b0;
export const SIOCGHWTSTAMP = 0x89b1;

// The tables of ARP and RARP: <linux/sockios.h>.
export const SIOCDARP = 0x8953;
export const SIOCGARP = 0x8954;
export const SIOCSARP = 0x8955;
export const SIOCDRARP = 0x8960;
export const SIOCGRARP = 0x8961;
export const SIOCSRARP = 0x8962;

// Ranges of calls that a protocol or a device defines: <linux/sockios.h>.
export const SIOCPROTOPRIVATE = 0x89e0;
export const SIOCDEVPRIVATE = 0x89f0;

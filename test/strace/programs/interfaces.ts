/** Interfaces and their addresses, asked for in every way: netlink dumps, and two files of /proc. */
import {
  type Addr,
  interfaceAddrs,
  interfaceByIndex,
  interfaceByName,
  interfaces,
} from '../../../src/index.ts';
import { begin, errorOf, mark, note } from './marks.ts';

function noteAll(addrs: readonly Addr[]): void {
  for (const addr of addrs) note(`${addr.network} ${String(addr)}`);
}

function messageOf(call: () => void): string {
  return (errorOf(call) as Error).message;
}

begin();
mark('Interfaces');
const [lo, ...others] = interfaces();
for (const { index, mtu, name, mac, flags } of [lo!, ...others]) {
  note(`index=${index} mtu=${mtu} name=${name} hw="${mac}" flags=${String(flags)}`);
}
mark('Interface.Addrs (lo)');
noteAll(lo!.addrs());
mark('InterfaceAddrs: GETADDR then GETLINK');
noteAll(interfaceAddrs());
mark('InterfaceByIndex(1)');
interfaceByIndex(1);
mark('InterfaceByName(nosuch0)');
note(`error: ${messageOf(() => interfaceByName('nosuch0'))}`);
note(`InterfaceByIndex(0) error: ${messageOf(() => interfaceByIndex(0))}`);
mark('MulticastAddrs (lo): /proc/net/igmp, igmp6');
noteAll(lo!.multicastAddrs());

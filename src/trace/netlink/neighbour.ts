/** Neighbours: struct ndmsg and its attributes, as strace(1) prints them. */
import * as neighbours from '../../syscall/netlink-neighbour.ts';
import { protocolName } from '../../syscall/socket-names.ts';
import { AF_INET } from '../../syscall/socket.ts';
import { address, bits, hardware, index, type Printer, struct, upTo8, value } from './attribute.ts';
import type { Body } from './body.ts';
import { namesLike } from './names.ts';
import { types } from './route.ts';
import { flags, ifindex, oneOf, pad, port, u16, u32 } from './struct.ts';

const states = namesLike(neighbours, /^NUD_/, 'NUD_???');
const entryFlags = namesLike(neighbours, /^NTF_(?!EXT_MANAGED)/, 'NTF_???');
const extendedFlags = namesLike(neighbours, /^NTF_EXT_MANAGED$/, 'NTF_EXT_???');
const number = value(u32);

/** IPPROTO_TCP, of up to eight bytes. */
export const ipProtocol: Printer = (data) => {
  if (data.length > 8) return null;
  const whole = new Uint8Array(8);
  whole.set(data);
  const found = new DataView(whole.buffer).getBigUint64(0, true);
  if (found < 0x1_0000n) return protocolName(AF_INET, Number(found));
  return `0x${found.toString(16)} /* IPPROTO_??? */`;
};

export const neighbour: Body = {
  family: 'ndm_family',
  fields: [
    pad(3),
    ifindex('ndm_ifindex'),
    flags('ndm_state', 2, states),
    flags('ndm_flags', 1, entryFlags),
    oneOf('ndm_type', 1, types),
  ],
  attributes: {
    names: namesLike(neighbours, /^NDA_/, 'NDA_???'),
    printers: {
      [neighbours.NDA_DST]: address,
      [neighbours.NDA_LLADDR]: hardware(32),
      [neighbours.NDA_CACHEINFO]: struct(
        ['ndm_confirmed', 'ndm_used', 'ndm_updated', 'ndm_refcnt'].map(u32),
      ),
      [neighbours.NDA_PROBES]: number,
      [neighbours.NDA_VLAN]: value(u16),
      [neighbours.NDA_PORT]: value(port),
      [neighbours.NDA_VNI]: number,
      [neighbours.NDA_IFINDEX]: index,
      [neighbours.NDA_MASTER]: index,
      [neighbours.NDA_LINK_NETNSID]: number,
      [neighbours.NDA_SRC_VNI]: number,
      [neighbours.NDA_PROTOCOL]: ipProtocol,
      [neighbours.NDA_NH_ID]: number,
      [neighbours.NDA_FLAGS_EXT]: upTo8(bits(4, extendedFlags)),
      [neighbours.NDA_NDM_STATE_MASK]: upTo8(bits(2, states)),
      [neighbours.NDA_NDM_FLAGS_MASK]: upTo8(bits(1, entryFlags)),
    },
  },
};

/**
 * The values of the options that join, leave and filter multicast groups: ip_mreqn, ip_mreq_source,
 * ip_msfilter, group_req, group_source_req, group_filter, ipv6_mreq. A codec for each; nothing is called.
 *
 * An address is its bytes, 4 or 16; 0.0.0.0 where C has INADDR_ANY may be left out.
 * Source: ip(7), ipv6(7), <linux/in.h>, <linux/in6.h>.
 */
import { type OptionCodec, viewOf } from './option-codecs.ts';
import { address, encoderOnly, object, withIndex } from './option-fields.ts';
import { encodeSockaddr, SOCKADDR_STORAGE_SIZE } from './sockaddr.ts';
import { AF_INET, AF_INET6 } from './socket.ts';

const ANY = new Uint8Array(4);

/** struct ip_mreqn: a group, and which interface joins it. Nothing said of it: the kernel's choice. */
export interface GroupMembership {
  /** 4 bytes. */
  readonly group: Uint8Array;
  /** An address of the interface, 4 bytes; not looked at if there is an `ifindex`. */
  readonly local?: Uint8Array;
  readonly ifindex?: number;
}

export const groupMembership: OptionCodec<GroupMembership> = encoderOnly(
  (name, { group, local = ANY, ifindex = 0 }) => {
    const data = new Uint8Array(12);
    data.set(address(name, 'group', group, 4), 0);
    data.set(address(name, 'local', local, 4), 4);
    return withIndex(name, data, 8, ifindex);
  },
);

/** IP_MULTICAST_IF: the address of the interface, and to set it also its index (struct ip_mreqn). */
export interface MulticastInterface {
  /** 4 bytes; 0.0.0.0 for none. */
  readonly local?: Uint8Array;
  readonly ifindex?: number;
}

export const multicastInterface: OptionCodec<MulticastInterface> = {
  size: 4,
  encode(name, value) {
    const { local = ANY, ifindex = 0 } = object(name, value);
    const data = new Uint8Array(12);
    data.set(address(name, 'local', local, 4), 4);
    return withIndex(name, data, 8, ifindex);
  },
  decode: (data) => ({ local: new Uint8Array(data.subarray(0, viewOf(data, 4).byteLength)) }),
};

/** struct ip_mreq_source: one sender of a group. */
export interface SourceMembership {
  /** 4 bytes, as those below. */
  readonly group: Uint8Array;
  readonly source: Uint8Array;
  /** An address of the interface. */
  readonly local?: Uint8Array;
}

export const sourceMembership: OptionCodec<SourceMembership> = encoderOnly(
  (name, { group, source, local = ANY }) => {
    const data = new Uint8Array(12);
    data.set(address(name, 'group', group, 4), 0);
    data.set(address(name, 'local', local, 4), 4);
    data.set(address(name, 'source', source, 4), 8);
    return data;
  },
);

/** struct ip_msfilter: all senders of a group that are let through, or all that are not. */
export interface SourceFilter {
  /** 4 bytes, as those below. */
  readonly group: Uint8Array;
  readonly local?: Uint8Array;
  /** 'include': only from `sources`; 'exclude': from all others. */
  readonly mode: 'include' | 'exclude';
  readonly sources: readonly Uint8Array[];
}

export const sourceFilter: OptionCodec<SourceFilter> = encoderOnly(
  (name, { group, local = ANY, mode, sources }) => {
    const data = new Uint8Array(16 + 4 * list(name, sources).length);
    const view = new DataView(data.buffer);
    data.set(address(name, 'group', group, 4), 0);
    data.set(address(name, 'local', local, 4), 4);
    view.setUint32(8, filterMode(name, mode), true);
    view.setUint32(12, sources.length, true);
    for (const [i, source] of sources.entries()) {
      data.set(address(name, 'a source', source, 4), 16 + 4 * i);
    }
    return data;
  },
);

/** struct group_req: a group of IPv4 (4 bytes) or IPv6 (16 bytes), whose level the option is set at. */
export interface GroupRequest {
  readonly group: Uint8Array;
  readonly ifindex?: number;
}

/** struct group_source_req: one sender of it. */
export interface GroupSourceRequest extends GroupRequest {
  /** As long as the group. */
  readonly source: Uint8Array;
}

/** struct group_filter: its senders. */
export interface GroupFilter extends GroupRequest {
  readonly mode: 'include' | 'exclude';
  readonly sources: readonly Uint8Array[];
}

/** An interface's index, padding, then the addresses. */
const GROUP_REQUEST_SIZE = 8 + SOCKADDR_STORAGE_SIZE;

export const groupRequest: OptionCodec<GroupRequest> = encoderOnly((name, request) =>
  groupRequestOf(name, request, 0),
);

export const groupSourceRequest: OptionCodec<GroupSourceRequest> = encoderOnly((name, request) => {
  const data = groupRequestOf(name, request, SOCKADDR_STORAGE_SIZE);
  data.set(groupAddress(name, 'source', request.source, request.group), GROUP_REQUEST_SIZE);
  return data;
});

export const groupFilter: OptionCodec<GroupFilter> = encoderOnly((name, request) => {
  const { mode, sources, group } = request;
  const more = 8 + SOCKADDR_STORAGE_SIZE * list(name, sources).length;
  const data = groupRequestOf(name, request, more);
  const view = new DataView(data.buffer);
  view.setUint32(GROUP_REQUEST_SIZE, filterMode(name, mode), true);
  view.setUint32(GROUP_REQUEST_SIZE + 4, sources.length, true);
  for (const [i, source] of sources.entries()) {
    const at = GROUP_REQUEST_SIZE + 8 + SOCKADDR_STORAGE_SIZE * i;
    data.set(groupAddress(name, 'a source', source, group), at);
  }
  return data;
});

/** struct ipv6_mreq: a group (or an anycast address), and the interface that joins it; 0 is a choice. */
export interface GroupMembership6 {
  /** 16 bytes. */
  readonly group: Uint8Array;
  readonly ifindex?: number;
}

export const groupMembership6: OptionCodec<GroupMembership6> = encoderOnly(
  (name, { group, ifindex = 0 }) => {
    const data = new Uint8Array(20);
    data.set(address(name, 'group', group, 16), 0);
    return withIndex(name, data, 16, ifindex);
  },
);

function groupRequestOf(name: string, { group, ifindex = 0 }: GroupRequest, more: number) {
  const data = new Uint8Array(GROUP_REQUEST_SIZE + more);
  data.set(groupAddress(name, 'group', group, group), 8);
  return withIndex(name, data, 0, ifindex);
}

/** The sockaddr of an address that is as long as `group`. */
function groupAddress(
  name: string,
  field: string,
  addr: Uint8Array,
  group: Uint8Array,
): Uint8Array {
  const size = group instanceof Uint8Array && group.length === 16 ? 16 : 4;
  const bytes = address(name, field, addr, size);
  return size === 4
    ? encodeSockaddr({ family: AF_INET, addr: bytes, port: 0 })
    : encodeSockaddr({ family: AF_INET6, addr: bytes, port: 0, flowinfo: 0, scopeId: 0 });
}

/** MCAST_EXCLUDE and MCAST_INCLUDE of <linux/in.h>. */
function filterMode(name: string, mode: SourceFilter['mode']): number {
  if (mode === 'exclude') return 0;
  if (mode === 'include') return 1;
  throw new TypeError(`${name}: mode must be 'include' or 'exclude'`);
}

function list(name: string, sources: readonly Uint8Array[]): readonly Uint8Array[] {
  if (!Array.isArray(sources)) throw new TypeError(`${name}: sources must be an array`);
  return sources;
}

import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { askC, noCompiler } from '../../test/c-program.ts';
import { Random, chosenSeed } from '../../test/native/random.ts';
import { linux } from '../kernel/linux.ts';
import { ARPHRD_ETHER, ARPHRD_IP6GRE, ARPHRD_IPGRE, ARPHRD_SIT, ARPHRD_TUNNEL6 } from './arp.ts';
import { EINVAL, ENODEV } from './errno.ts';
import { IFF_ALLMULTI, IFF_PROMISC, IFF_RUNNING, IFF_UP } from './interface.ts';
import {
  type NetlinkMessage,
  decodeNetlinkDone,
  decodeNetlinkError,
  decodeNetlinkMessages,
  encodeNetlinkMessage,
  textAttribute,
  uint32Attribute,
} from './netlink-message.ts';
import * as route from './netlink-route.ts';
import * as netlink from './netlink.ts';
import {
  addressInfo,
  decodeAddressMessage,
  decodeLinkMessage,
  decodeRouteMessage,
  encodeAddressMessage,
  encodeDumpRequest,
  encodeLinkMessage,
  encodeRouteMessage,
  linkInfo,
} from './route-message.ts';
import { AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, SOCK_CLOEXEC, SOCK_RAW } from './socket.ts';

const { IFA_ADDRESS, IFA_FLAGS, IFA_LABEL, IFA_LOCAL, IFLA_ADDRESS, IFLA_IFNAME, IFLA_MTU } = route;
const { NETLINK_ROUTE, NLMSG_DONE, NLMSG_ERROR, NLM_F_ACK, NLM_F_REQUEST } = netlink;
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex');

test('a request for a dump is the 17 bytes that Go sends', () => {
  const expected = bytes(17, 0, 0, 0, 18, 0, 1, 3, 1, 0, 0, 0, 0, 0, 0, 0, 0);
  assert.deepEqual(encodeDumpRequest(route.RTM_GETLINK), expected);
  const ours = encodeDumpRequest(route.RTM_GETADDR, AF_INET6, 0x01020304);
  assert.deepEqual(ours, bytes(17, 0, 0, 0, 22, 0, 1, 3, 4, 3, 2, 1, 0, 0, 0, 0, 10));
  assert.throws(() => encodeDumpRequest(route.RTM_GETLINK, 256), /family 256/);
});

const link = {
  family: 1,
  type: 0x0203,
  index: 0x04050607,
  flags: 0x80010203,
  change: 0xffffffff,
  attributes: [],
};
const address = {
  family: 10,
  prefixLength: 64,
  flags: 0x80,
  scope: 253,
  index: 0x01020304,
  attributes: [],
};
const path = {
  family: 2,
  dstLength: 24,
  srcLength: 8,
  tos: 16,
  table: 254,
  protocol: 4,
  scope: 253,
  type: 1,
  flags: 0x80000400,
  attributes: [],
};

test('structs as C lays them out', { skip: noCompiler }, () => {
  const show = (name: string): string =>
    `printf("${name} "); for (unsigned i = 0; i < sizeof ${name}; i++)` +
    `printf("%02x", ((unsigned char *)&${name})[i]); printf("\\n");`;
  const answers = askC(
    ['linux/rtnetlink.h', 'linux/if_addr.h'],
    [
      'struct ifinfomsg link = { .ifi_family = 1, .ifi_type = 0x0203, .ifi_index = 0x04050607,',
      '  .ifi_flags = 0x80010203, .ifi_change = 0xffffffff };',
      'struct ifaddrmsg address = { .ifa_family = 10, .ifa_prefixlen = 64, .ifa_flags = 0x80,',
      '  .ifa_scope = 253, .ifa_index = 0x01020304 };',
      'struct rtmsg path = { .rtm_family = 2, .rtm_dst_len = 24, .rtm_src_len = 8, .rtm_tos = 16,',
      '  .rtm_table = 254, .rtm_protocol = 4, .rtm_scope = 253, .rtm_type = 1,',
      '  .rtm_flags = 0x80000400 };',
      ...['link', 'address', 'path'].map(show),
      'printf("rtgenmsg %d\\n", (int)sizeof(struct rtgenmsg));',
    ],
  );
  assert.equal(hex(encodeLinkMessage(link)), answers.get('link'));
  assert.equal(hex(encodeAddressMessage(address)), answers.get('address'));
  assert.equal(hex(encodeRouteMessage(path)), answers.get('path'));
  assert.equal(answers.get('rtgenmsg'), '1');
});

test('there and back, with attributes and without', () => {
  const attributes = [textAttribute(3, 'lo'), uint32Attribute(4, 65536)];
  for (const list of [[], attributes]) {
    const withList = { attributes: list };
    const l = { ...link, ...withList };
    assert.deepEqual(decodeLinkMessage(encodeLinkMessage(l)), l);
    const a = { ...address, ...withList };
    assert.deepEqual(decodeAddressMessage(encodeAddressMessage(a)), a);
    const r = { ...path, ...withList };
    assert.deepEqual(decodeRouteMessage(encodeRouteMessage(r)), r);
  }
  assert.deepEqual(encodeLinkMessage({ index: 1 }), bytes(0, 0, 0, 0, 1, ...new Uint8Array(11)));
});

test('too short, or a value that does not fit', () => {
  const range = { name: 'RangeError' } as const;
  const short = { ...range, message: /payload has 7 bytes, the struct/ };
  for (const decode of [decodeLinkMessage, decodeAddressMessage, decodeRouteMessage]) {
    assert.throws(() => decode(new Uint8Array(7)), short);
  }
  assert.throws(() => encodeLinkMessage({ type: 65536 }), { message: /ifinfomsg: type 65536/ });
  assert.throws(() => encodeAddressMessage({ scope: -1 }), { message: /ifaddrmsg: scope -1/ });
  assert.throws(() => encodeRouteMessage({ tos: 1.5 }), { message: /rtmsg: tos 1.5/ });
  const payload = bytes(...new Uint8Array(16), 3, 0, 1, 0);
  assert.throws(() => decodeLinkMessage(payload), { ...range, message: /nla_len 3/ });
});

suite('an interface', () => {
  const read = (type: number, addr: Uint8Array): Uint8Array =>
    linkInfo(
      decodeLinkMessage(
        encodeLinkMessage({ type, attributes: [{ type: IFLA_ADDRESS, data: addr }] }),
      ),
    ).hardwareAddr;

  test('out of its attributes', () => {
    const mac = bytes(2, 0, 0, 0, 0, 1);
    const attributes = [
      textAttribute(IFLA_IFNAME, 'eth0'),
      uint32Attribute(IFLA_MTU, 1500),
      { type: IFLA_ADDRESS, data: mac },
    ];
    const payload = encodeLinkMessage({ index: 7, flags: IFF_UP, type: ARPHRD_ETHER, attributes });
    const info = { index: 7, name: 'eth0', mtu: 1500, flags: IFF_UP, hardwareAddr: mac };
    assert.deepEqual(linkInfo(decodeLinkMessage(payload)), info);
  });

  test('has no hardware address that is 0, or the IP address of a tunnel', () => {
    const v4 = bytes(192, 0, 2, 1);
    const v6 = bytes(0x20, 1, ...new Uint8Array(13), 1);
    assert.deepEqual(read(ARPHRD_ETHER, new Uint8Array(6)), bytes());
    for (const type of [ARPHRD_SIT, ARPHRD_IPGRE]) assert.deepEqual(read(type, v4), bytes());
    for (const type of [ARPHRD_TUNNEL6, ARPHRD_IP6GRE]) assert.deepEqual(read(type, v6), bytes());
    assert.deepEqual(read(ARPHRD_ETHER, v4), v4);
    assert.deepEqual(read(ARPHRD_SIT, v6), v6);
  });
});

suite('an address', () => {
  const read = (family: number, attributes: readonly [type: number, data: Uint8Array][]) =>
    addressInfo(
      decodeAddressMessage(
        encodeAddressMessage({
          ...address,
          family,
          attributes: attributes.map(([type, data]) => ({ type, data })),
        }),
      ),
    );
  const one = bytes(10, 0, 0, 1);
  const two = bytes(10, 0, 0, 2);

  test('is the local one, and the other the peer if it is another', () => {
    const label: [number, Uint8Array] = [IFA_LABEL, bytes(108, 111, 0)];
    const flags: [number, Uint8Array] = [IFA_FLAGS, bytes(0, 2, 0, 0)];
    const seen = read(AF_INET, [[IFA_ADDRESS, two], [IFA_LOCAL, one], label, flags]);
    const { index, prefixLength, scope } = address;
    const expected = { index, addr: one, prefixLength, peer: two, flags: 512, scope, label: 'lo' };
    assert.deepEqual(seen, expected);
    assert.equal(
      read(AF_INET, [
        [IFA_LOCAL, one],
        [IFA_ADDRESS, one],
      ])?.peer,
      null,
    );
  });

  test('is IFA_ADDRESS where nothing is local', () => {
    const v6 = bytes(0xfe, 0x80, ...new Uint8Array(13), 1);
    const seen = read(AF_INET6, [[IFA_ADDRESS, v6]]);
    assert.deepEqual(seen?.addr, v6);
    assert.equal(seen?.peer, null);
    assert.equal(seen?.flags, 0x80);
    assert.equal(seen?.label, null);
  });

  test('is null if there is none, and a RangeError if it has a wrong length', () => {
    assert.equal(read(AF_INET, []), null);
    assert.equal(read(AF_PACKET, [[IFA_ADDRESS, one]]), null);
    assert.throws(() => read(AF_INET6, [[IFA_ADDRESS, one]]), {
      name: 'RangeError',
      message: /an address of 4 bytes, not 16/,
    });
  });
});

suite('as Linux answers', () => {
  const { kernel } = linux;

  /** What a fresh socket is answered, up to the end of the dump or the result. */
  function ask(request: Uint8Array, ...options: number[]): NetlinkMessage[] {
    const fd = kernel.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    assert.ok(fd >= 0);
    try {
      for (const option of options) {
        const on = bytes(1, 0, 0, 0);
        assert.equal(kernel.setsockopt(fd, netlink.SOL_NETLINK, option, on, 4), 0);
      }
      assert.equal(kernel.write(fd, request, request.length), request.length);
      const all: NetlinkMessage[] = [];
      const buf = new Uint8Array(65536);
      while (!all.some(({ type }) => type === NLMSG_DONE || type === NLMSG_ERROR)) {
        const n = kernel.read(fd, buf, buf.length);
        assert.ok(n > 0);
        all.push(...decodeNetlinkMessages(buf, n));
      }
      return all;
    } finally {
      kernel.close(fd);
    }
  }

  const links = (): ReturnType<typeof linkInfo>[] =>
    ask(encodeDumpRequest(route.RTM_GETLINK))
      .filter(({ type }) => type === route.RTM_NEWLINK)
      .map(({ payload }) => linkInfo(decodeLinkMessage(payload)));

  test('the interfaces are those of /sys/class/net', () => {
    const file = (name: string, of: string): string =>
      readFileSync(join('/sys/class/net', name, of), 'latin1').trim();
    // Other programs may make and remove interfaces meanwhile: those that stay are compared.
    const before = readdirSync('/sys/class/net').filter((name) => name !== 'bonding_masters');
    const found = new Map(links().map((link) => [link.name, link]));
    const stays = new Set(readdirSync('/sys/class/net'));
    assert.ok(stays.has('lo'));
    for (const name of before.filter((each) => stays.has(each))) {
      const link = found.get(name);
      assert.ok(link, `${name} is missing`);
      if (name !== 'lo' && !isPhysical(name)) continue;
      assert.equal(String(link.index), file(name, 'ifindex'));
      assert.equal(String(link.mtu), file(name, 'mtu'));
      // The file does not tell what is counted or is the state of the line.
      const told = 0xffff & ~(IFF_RUNNING | IFF_PROMISC | IFF_ALLMULTI);
      assert.equal(link.flags & told, Number(file(name, 'flags')) & told);
      const address = file(name, 'address').replaceAll(':', '');
      assert.equal(hex(link.hardwareAddr), /^0*$/.test(address) ? '' : address);
    }
  });

  test('the addresses are those that node knows', () => {
    const before = knownToNode();
    const names = new Map(links().map(({ index, name }) => [index, name]));
    const answers = ask(encodeDumpRequest(route.RTM_GETADDR));
    const end = answers.at(-1);
    assert.ok(end && decodeNetlinkDone(end).errno === 0);
    const found = answers
      .filter(({ type }) => type === route.RTM_NEWADDR)
      .flatMap(({ payload }) => addressInfo(decodeAddressMessage(payload)) ?? [])
      .map(({ index, addr, prefixLength }) => `${names.get(index)} ${hex(addr)}/${prefixLength}`);
    // Node leaves out interfaces that are down; others may come and go meanwhile.
    const after = knownToNode();
    const known = before.filter((each) => after.includes(each));
    for (const each of known) assert.ok(found.includes(each), `${each} in ${found.join()}`);
    assert.ok(known.length > 0);
  });

  test('an error, with and without the words of the kernel', () => {
    const payload = encodeLinkMessage({ attributes: [textAttribute(IFLA_IFNAME, 'nosuch0')] });
    const request = encodeNetlinkMessage({
      type: route.RTM_GETLINK,
      flags: NLM_F_REQUEST,
      seq: 5,
      payload,
    });
    const { EXT, CAP, STRICT } = {
      EXT: netlink.NETLINK_EXT_ACK,
      CAP: netlink.NETLINK_CAP_ACK,
      STRICT: netlink.NETLINK_GET_STRICT_CHK,
    };
    for (const options of [[], [EXT], [CAP], [EXT, CAP]]) {
      const result = decodeNetlinkError(ask(request, ...options)[0]!);
      assert.equal(result.errno, ENODEV);
      const header = { type: route.RTM_GETLINK, flags: NLM_F_REQUEST, seq: 5, pid: 0 };
      assert.deepEqual(result.request, { ...header, length: request.length });
    }
    // A dump that may not be narrowed so: the kernel says why. The request is not padded.
    const narrow = encodeNetlinkMessage({
      type: route.RTM_GETADDR,
      flags: NLM_F_REQUEST | netlink.NLM_F_DUMP,
      payload: new Uint8Array([...encodeAddressMessage({ family: AF_INET, prefixLength: 9 }), 0]),
    });
    for (const options of [
      [STRICT, EXT],
      [STRICT, EXT, CAP],
    ]) {
      const last = ask(narrow, ...options).at(-1)!;
      const result = last.type === NLMSG_DONE ? decodeNetlinkDone(last) : decodeNetlinkError(last);
      assert.equal(result.errno, EINVAL);
      assert.match(result.message ?? '', /Invalid values in header for address dump request/);
    }
  });

  test('an acknowledgement', () => {
    const payload = encodeLinkMessage({ index: 1 });
    const flags = NLM_F_REQUEST | NLM_F_ACK;
    const request = encodeNetlinkMessage({ type: route.RTM_GETLINK, flags, seq: 8, payload });
    const [first, ack] = ask(request);
    assert.equal(first?.type, route.RTM_NEWLINK);
    assert.equal(decodeNetlinkError(ack!).errno, 0);
    assert.equal(decodeNetlinkError(ack!).request.seq, 8);
  });

  test('routes', () => {
    const answers = ask(encodeDumpRequest(route.RTM_GETROUTE, AF_INET));
    const found = answers
      .filter(({ type }) => type === route.RTM_NEWROUTE)
      .map(({ payload }) => decodeRouteMessage(payload));
    const local = found.find(({ dstLength, type }) => dstLength === 8 && type === route.RTN_LOCAL);
    assert.equal(local?.family, AF_INET);
    assert.equal(local?.table, route.RT_TABLE_LOCAL);
    assert.equal(local?.protocol, route.RTPROT_KERNEL);
    const dst = local?.attributes.find(({ type }) => type === route.RTA_DST);
    assert.deepEqual(dst?.data, bytes(127, 0, 0, 0));
  });
});

/** Has a device: no program makes and removes such an interface at will. */
function isPhysical(name: string): boolean {
  return existsSync(join('/sys/class/net', name, 'device'));
}

/** "lo 7f000001/8" and so on, as node:os has them. */
function knownToNode(): string[] {
  return Object.entries(networkInterfaces()).flatMap(([name, list]) =>
    (list ?? []).map(({ cidr }) => {
      const [ip = '', prefix] = (cidr ?? '').split('/');
      return `${name} ${hex(addressBytes(ip))}/${prefix}`;
    }),
  );
}

/** The bytes of an address as node prints it. */
function addressBytes(ip: string): Uint8Array {
  if (!ip.includes(':')) return Uint8Array.from(ip.split('.'), Number);
  const [head = '', tail] = ip.split('::');
  const words = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const after = words(tail ?? '');
  const zeros = Array.from({ length: 8 - words(head).length - after.length }, () => '0');
  const all = [...words(head), ...(tail === undefined ? [] : zeros), ...after];
  return Buffer.from(all.map((word) => word.padStart(4, '0')).join(''), 'hex');
}

test('random payloads: a RangeError at most, nothing read outside', () => {
  const seed = chosenSeed();
  const random = new Random(seed);
  const decoders = [
    (payload: Uint8Array) => linkInfo(decodeLinkMessage(payload)),
    (payload: Uint8Array) => addressInfo(decodeAddressMessage(payload)),
    (payload: Uint8Array) => decodeRouteMessage(payload),
  ];
  let read = 0;
  for (let round = 0; round < 20_000; round++) {
    const decode = random.pick(decoders);
    const length = random.below(60);
    const content = Uint8Array.from({ length }, () => random.below(12));
    if (length > 0) content[0] = random.pick([AF_INET, AF_INET6, 0]);
    const results = [0x00, 0xff].map((filler) => {
      const memory = new Uint8Array(length + 64).fill(filler);
      const inside = memory.subarray(32, 32 + length);
      inside.set(content);
      try {
        const value = decode(inside);
        read++;
        return value;
      } catch (error) {
        assert.ok(error instanceof RangeError, `${String(error)}, NETFD_SEED=${seed}`);
        return error.message;
      }
    });
    assert.deepEqual(results[0], results[1], `NETFD_SEED=${seed}`);
  }
  assert.ok(read > 1000, `only ${read} were read, NETFD_SEED=${seed}`);
});

/**
 * What netfd says of interfaces is compared with what iproute2 and Node say of them. Run by
 * interfaces.test.ts as `interfaces.js SCENE`, in a network namespace that this program fills.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { networkInterfaces } from 'node:os';
import {
  dial,
  type Interface,
  interfaceAddrs,
  interfaceByIndex,
  interfaceByName,
  type InterfaceChange,
  interfaces,
  linux,
  listen,
  Stack,
  watchInterfaces,
} from '../../../src/index.ts';
import { zoneIndex, zoneName } from '../../../src/net/zone.ts';
import { EMFILE } from '../../../src/syscall/errno.ts';
import { openSockets } from '../machine.ts';
import { thrown } from '../settling.ts';
import { real, wrapped } from '../wrapped-system.ts';
import { print } from './output.ts';

interface IPAddressInfo {
  readonly local: string;
  readonly prefixlen: number;
}

/** An interface in the words of `ip -j addr`. */
interface IPLink {
  readonly ifindex: number;
  readonly ifname: string;
  readonly mtu: number;
  readonly flags: readonly string[];
  readonly address?: string;
  readonly addr_info: readonly IPAddressInfo[];
}

interface IPGroups {
  readonly ifname: string;
  readonly maddr: readonly { readonly family?: string; readonly address?: string }[];
}

function ip(...lines: string[]): void {
  execFileSync('ip', ['-batch', '-'], { input: lines.join('\n') });
}

function asked<T>(...args: string[]): T[] {
  return JSON.parse(execFileSync('ip', ['-j', ...args], { encoding: 'utf8' })) as T[];
}

/** Whether the kernel has this kind of interface. */
function made(line: string): boolean {
  return spawnSync('ip', line.split(' '), { stdio: 'ignore' }).status === 0;
}

const NAMES: Readonly<Record<string, string>> = {
  UP: 'up',
  BROADCAST: 'broadcast',
  LOOPBACK: 'loopback',
  POINTOPOINT: 'pointtopoint',
  MULTICAST: 'multicast',
};

/** Go's text of the flags that ip tells; it does not tell RUNNING, but when it is missing. */
function flagsOf({ flags }: IPLink): string {
  const names = Object.entries(NAMES).filter(([flag]) => flags.includes(flag));
  const running = flags.includes('UP') && !flags.includes('NO-CARRIER') ? ['running'] : [];
  return [...names.map(([, name]) => name), ...running].join('|') || '0';
}

function textsOf({ addr_info }: IPLink): string[] {
  return addr_info.map(({ local, prefixlen }) => `${local}/${prefixlen}`);
}

function isNoAddress(mac: string): boolean {
  return /^[0:]+$/.test(mac);
}

/** The kernel changes interfaces by itself, some time after they were made: groups, and what is running. */
function listing(): string {
  const args = { encoding: 'utf8' } as const;
  return execFileSync('ip', ['-j', 'addr'], args) + execFileSync('ip', ['-j', 'maddr'], args);
}

/** What fails while the machine has changed meanwhile is compared again, some times. */
function atRest<T>(compare: () => T): T {
  for (let left = 20; ; left--) {
    const before = listing();
    try {
      return compare();
    } catch (error) {
      if (left === 0 || listing() === before) throw error;
    }
  }
}

/** Compares everything with `ip -j addr`; gives the interfaces by name. */
function compareWithIP(): Map<string, Interface> {
  const links = asked<IPLink>('addr');
  const found = interfaces();
  assert.deepEqual(
    found.map(({ index, name, mtu, flags }) => ({ index, name, mtu, flags: String(flags) })),
    links.map((link) => ({
      index: link.ifindex,
      name: link.ifname,
      mtu: link.mtu,
      flags: flagsOf(link),
    })),
  );
  for (const [at, link] of links.entries()) {
    const { name, mac, index } = found[at]!;
    if (link.address?.length === 17) {
      assert.equal(mac, isNoAddress(link.address) ? '' : link.address, name);
    }
    assert.deepEqual(found[at]!.addrs().map(String), textsOf(link), name);
    assert.equal(interfaceByName(name).index, index);
    assert.equal(interfaceByIndex(index).name, name);
  }
  assert.deepEqual(
    interfaceAddrs().map(String).toSorted(),
    links.flatMap((link) => textsOf(link)).toSorted(),
  );
  return new Map(found.map((each) => [each.name, each]));
}

function compareWithNode(found: ReadonlyMap<string, Interface>): void {
  const texts = new Map<string, string[]>();
  for (const [label, addresses] of Object.entries(networkInterfaces())) {
    // Node takes the label of an address for an interface: "br0:1".
    const [name = ''] = label.split(':');
    const { mac, flags } = found.get(name)!;
    for (const address of addresses!) {
      assert.equal(address.mac, mac === '' ? '00:00:00:00:00:00' : mac);
      assert.equal(address.internal, flags.loopback);
      texts.set(name, [...(texts.get(name) ?? []), String(address.cidr)]);
    }
  }
  assert.ok(texts.size > 2);
  for (const [name, cidrs] of texts) {
    assert.deepEqual(cidrs.toSorted(), found.get(name)!.addrs().map(String).toSorted(), name);
  }
}

function compareGroups(found: ReadonlyMap<string, Interface>): void {
  for (const { ifname, maddr } of asked<IPGroups>('maddr')) {
    const groups = maddr.filter(({ family }) => family !== undefined);
    const own = found.get(ifname)!.multicastAddrs();
    assert.deepEqual(
      own.map(String).toSorted(),
      groups.map(({ address }) => String(address)).toSorted(),
      ifname,
    );
    assert.ok(own.every(({ network }) => network === 'ip'));
  }
}

function kinds(): void {
  ip(
    'link set lo up',
    'link add v0 type veth peer name v1',
    'link add br0 type bridge',
    'link set v0 mtu 1400',
    'link set v0 master br0',
    'link set v0 up',
    'link set v1 up',
    'link set br0 up',
    'tuntap add tap0 mode tap',
    'tuntap add tun0 mode tun',
    'addr add 10.0.0.1/8 dev v1',
    'addr add 10.1.0.1/16 dev v1 scope link',
    'addr add 10.2.0.1 peer 10.2.9.9/32 dev v1',
    'addr add 192.0.2.1/24 dev br0 label br0:1',
    'addr add 127.1.2.3/32 dev lo scope host',
    'addr add fe80::1/64 dev v1 nodad',
    'addr add 2001:db8::1/48 dev v1 nodad',
    'addr add 2001:db8:1::1 peer 2001:db8:1::2/128 dev v1 nodad',
    'addr add ::ffff:1.2.3.4/120 dev br0 nodad',
  );
  const optional = {
    dummy: 'link add d0 type dummy',
    vlan: 'link add link v1 name v1.5 type vlan id 5',
    sit: 'tunnel add s0 mode sit local 10.0.0.1 remote 10.0.0.2',
    gre: 'tunnel add g0 mode gre local 10.0.0.1 remote 10.0.0.2',
  };
  const missing = Object.entries(optional).filter(([, line]) => !made(line));
  const mapped = interfaceByName('br0').addrs().map(String);
  assert.ok(mapped.includes('1.2.3.4/24'), 'dotted, as in Go');
  ip('addr del ::ffff:1.2.3.4/120 dev br0');
  const found = atRest(() => {
    const compared = compareWithIP();
    compareWithNode(compared);
    compareGroups(compared);
    return compared;
  });
  assert.equal(String(found.get('lo')!.flags), 'up|loopback|running');
  assert.ok(found.get('tun0')!.flags.pointToPoint);
  assert.ok(found.get('tun0')!.flags.multicast && !found.get('tun0')!.flags.running);
  print({ without: missing.map(([kind]) => kind) });
}

/** Both tables take many reads. */
function many(): void {
  const pairs = Array.from({ length: 30 }, (_, i) => `link add a${i} type veth peer name b${i}`);
  const v4 = Array.from({ length: 300 }, (_, i) => `addr add 10.1.${i >> 8}.${i & 255}/32 dev lo`);
  const v6 = Array.from({ length: 200 }, (_, i) => `addr add fd00::${i + 1}/128 dev lo nodad`);
  ip('link set lo up', ...pairs, ...v4, ...v6);
  let reads = 0;
  const recvfrom: typeof real.recvfrom = (...args) => {
    reads++;
    return real.recvfrom(...args);
  };
  const counting = new Stack(wrapped({ recvfrom }));
  assert.equal(counting.interfaces().length, 61);
  assert.ok(reads > 10, `${reads} reads`);
  reads = 0;
  assert.equal(counting.interfaceByName('lo').addrs().length, 502);
  assert.ok(reads > 10, `${reads} reads`);
  atRest(compareWithIP);
  print('compared');
}

function gone(): void {
  ip('link set lo up', 'link add v0 type veth peer name v1', 'link set v0 up', 'link set v1 up');
  ip('addr add 10.0.0.1/8 dev v0', 'link add w0 type veth peer name w1', 'link set w0 up');
  ip('addr add 10.9.0.1/16 dev w0');
  const v0 = interfaceByName('v0');
  assert.deepEqual(v0.addrs().map(String).slice(0, 1), ['10.0.0.1/8']);
  ip('link set w0 down', 'link set w0 name other', 'link set other up');
  assert.deepEqual(interfaceByName('other').addrs().map(String).slice(0, 1), ['10.9.0.1/16']);
  ip('link del v0');
  assert.deepEqual(v0.addrs(), []);
  assert.deepEqual(v0.multicastAddrs(), []);
  const { message } = thrown(() => interfaceByName('v0'));
  assert.equal(message, 'route ip+net: no such network interface');
  assert.equal(thrown(() => interfaceByIndex(v0.index)).message, message);
  // Between the two questions of interfaceAddrs: after the first socket is closed.
  let closed = 0;
  const close: typeof real.close = (fd) => {
    if (++closed === 1) ip('link del other');
    return real.close(fd);
  };
  const addresses = new Stack(wrapped({ close })).interfaceAddrs().map(String);
  assert.ok(addresses.includes('127.0.0.1/8') && !addresses.includes('10.9.0.1/16'));
  assert.equal(closed, 2);
  print('gone');
}

async function zones(): Promise<void> {
  ip('link set lo up', 'link add v0 type veth peer name v1', 'link set v0 up', 'link set v1 up');
  ip('addr add fe80::1/64 dev v0 nodad');
  const { index } = interfaceByName('v0');
  let dumps = 0;
  let shortOfDescriptors = false;
  const socket: typeof real.socket = (...args) => {
    dumps++;
    return shortOfDescriptors ? -EMFILE : real.socket(...args);
  };
  const system = wrapped({ socket });
  assert.equal(zoneIndex(system, 'v0'), index);
  assert.equal(zoneName(system, index), 'v0');
  assert.equal(dumps, 1, 'it is kept');
  ip('link add new0 type bridge');
  assert.equal(zoneIndex(system, 'new0'), interfaceByName('new0').index, 'found at once');
  assert.equal(dumps, 2);
  assert.equal(zoneIndex(system, '7'), 7);
  assert.equal(zoneIndex(system, '99999999999'), 0xffffff);
  assert.equal(zoneIndex(system, 'nosuch0'), 0);
  assert.equal(zoneName(system, 12345), '12345');
  const other = wrapped({ socket });
  assert.ok(new Stack(other).interfaces().length > 0);
  const before = dumps;
  assert.equal(zoneIndex(other, 'v0'), index);
  assert.equal(dumps, before, 'what interfaces() has told is kept too');
  shortOfDescriptors = true;
  assert.equal(zoneIndex(system, 'nosuch0'), 0);
  assert.equal(zoneIndex(system, 'v0'), index, 'the old table stays');
  await using listener = await listen('tcp', '[fe80::1%v0]:0');
  const conn = await dial('tcp', String(listener.addr));
  assert.match(String(listener.addr), /^\[fe80::1%v0\]:\d+$/);
  const peer = await listener.accept();
  assert.equal(String(peer.remoteAddr), String(conn.localAddr));
  assert.match(String(peer.remoteAddr), /^\[fe80::1%v0\]:\d+$/);
  conn.close();
  peer.close();
  print('resolved');
}

/** What has changed, in a word. */
function wordOf(change: InterfaceChange): string {
  if (change.kind === 'resync') return 'resync';
  const sign = change.removed ? '-' : '+';
  if (change.kind === 'address') return `${sign}${String(change.address)} on ${change.index}`;
  return `${sign}${change.interface.name} ${change.interface.flags.up ? 'up' : 'down'}`;
}

async function watch(): Promise<void> {
  const before = openSockets();
  const watcher = watchInterfaces();
  const changed = watcher.next();
  ip('link set lo up', 'link add br0 type bridge', 'link add v0 type veth peer name v1');
  ip('link set v0 master br0', 'addr add 10.0.0.1 peer 10.0.0.2/24 dev v0');
  const { index } = interfaceByName('v0');
  ip('link set v0 nomaster', 'addr del 10.0.0.1 peer 10.0.0.2/24 dev v0', 'link del v0');
  const words: string[] = [];
  const first = await changed;
  assert.ok(first.done !== true);
  words.push(wordOf(first.value));
  for await (const change of watcher) {
    words.push(wordOf(change));
    if (change.kind === 'link' && change.removed && change.interface.name === 'v1') break;
  }
  const expected = [
    '+lo up',
    '+127.0.0.1/8 on 1',
    '+::1/128 on 1',
    '+br0 down',
    '+v1 down',
    '+v0 down',
    `+10.0.0.1/24 on ${index}`,
    `-10.0.0.1/24 on ${index}`,
    '-v0 down',
    '-v1 down',
  ];
  // The kernel tells of an interface more often than of what is asked for; once it is gone, no
  // more.
  let at = 0;
  for (const word of words) if (word === expected[at]) at++;
  assert.equal(expected[at], undefined, words.join(', '));
  assert.deepEqual(
    words.filter((word) => word.startsWith('-v0')),
    ['-v0 down'],
    'to leave a bridge is no removal',
  );
  assert.ok(watcher.closed, 'at the end of the loop');
  assert.deepEqual(await watcher.next(), { value: undefined, done: true });
  assert.equal(openSockets(), before);

  await using other = watchInterfaces();
  const waiting = [other.next(), other.next()];
  ip('addr add 10.3.0.1/32 dev lo', 'addr add 10.4.0.1/32 dev lo');
  const two = await Promise.all(waiting);
  assert.deepEqual(
    two.map(({ value }) => wordOf(value!)),
    ['+10.3.0.1/32 on 1', '+10.4.0.1/32 on 1'],
  );
  const pending = other.next();
  other.close();
  assert.deepEqual(await pending, { value: undefined, done: true });
  assert.equal(openSockets(), before);
  print(words);
}

/** More changes than the kernel's queue holds. */
async function overflow(): Promise<void> {
  await using watcher = watchInterfaces();
  const lines = Array.from({ length: 2000 }, (_, i) => `10.${i >> 8}.${i & 255}.1/32 dev lo`);
  ip(...lines.map((line) => `addr add ${line}`), ...lines.map((line) => `addr del ${line}`));
  assert.equal(wordOf((await watcher.next()).value!), 'resync');
  assert.deepEqual(interfaceAddrs(), []);
  ip('addr add 10.200.0.1/32 dev lo');
  assert.equal(wordOf((await watcher.next()).value!), '+10.200.0.1/32 on 1', 'nothing older');
  print('survived');
}

/** Tells when something changes, but is no reason to go on. */
function unref(): void {
  const watcher = watchInterfaces();
  watcher.unref();
  void watcher.next().then(print);
  linux.clock.at(linux.clock.monotonic(), () => print('at the end'), true);
}

const scenes: Readonly<Record<string, () => void | Promise<void>>> = {
  kinds,
  many,
  gone,
  zones,
  watch,
  overflow,
  unref,
};

await scenes[process.argv[2] ?? '']!();

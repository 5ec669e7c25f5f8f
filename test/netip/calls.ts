/** Calls of net/netip to compare, picked by hand and by chance. See oracle.go for the functions. */
import type { Random } from '../native/random.ts';

export type NetipFunction =
  | 'ParseAddr'
  | 'ParseAddrPort'
  | 'ParsePrefix'
  | 'Addr.Compare'
  | 'Addr.Prefix'
  | 'Addr.WithZone'
  | 'Prefix.Contains'
  | 'Prefix.Overlaps';

export interface NetipCall {
  readonly fn: NetipFunction;
  readonly in: readonly (string | number)[];
}

/** Texts that are addresses, among them the first and the last of what the flags are asked for. */
const ADDRS: readonly string[] = (
  '0.0.0.0 0.0.0.1 1.2.3.4 8.8.8.8 9.255.255.255 10.0.0.0 10.255.255.255 11.0.0.0 126.255.255.255 ' +
  '127.0.0.0 127.255.255.255 128.0.0.0 169.253.255.255 169.254.0.0 169.254.255.255 169.255.0.0 ' +
  '172.15.255.255 172.16.0.0 172.31.255.255 172.32.0.0 192.167.255.255 192.168.0.0 ' +
  '192.168.255.255 192.169.0.0 223.255.255.255 224.0.0.0 224.0.0.255 224.0.1.0 239.255.255.255 ' +
  '240.0.0.0 255.255.255.254 255.255.255.255 :: ::1 ::2 ::%eth0 ::1%eth0 ::101 ::1:0:0:1 1:: 1::8 1:2:3:4:5:6:7:8 ' +
  '1:2:3:4:5:6:7:: ::2:3:4:5:6:7:8 1:0:0:4:0:0:7:8 1:0:0:4:0:0:0:8 0:0:3:0:0:6:0:0 ' +
  '0001:0db8::00FF ABCD:EF01::9 1:2:3:4:5:6:1.2.3.4 ::1.2.3.4 64:ff9b::1.2.3.4 ::ffff:0.0.0.0 ' +
  '::fffe:ffff:ffff ::ffff:1.2.3.4 ::ffff:1.2.3.4%eth0 ::ffff:10.0.0.1 ::ffff:127.0.0.1 ' +
  '::ffff:169.254.0.1 ::ffff:224.0.0.1 ::ffff:255.255.255.255 ::1:0:0 fbff::1 fc00:: fdff::1 ' +
  'fe00:: fe7f:ffff:: fe80:: fe80::1%eth0 fe80::1%1 fe80::1%a%b febf:ffff::1 fec0:: ff00:: ' +
  'ff01::1 ff02::1 ff02::1%eth0 ff05::2 ff11::1 ff32::1 ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe ' +
  'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff fe80::1%zöne fe80::1%. 2001:db8::ffff:ffff:ffff'
).split(' ');

/** Texts that are not. */
const NO_ADDRS: readonly string[] = [
  ...(
    '. .. ... .... : ::: :::: % %eth0 1 1.2.3 1.2.3.4.5 1.2.3. .1.2.3 1..2.3 1.2.3.256 1.2.3.1000 ' +
    '01.2.3.4 1.2.3.04 00.0.0.0 1.2.3.4x 1.2.3.-4 +1.2.3.4 0x1.2.3.4 1.2.3.4%eth0 1,2.3.4 ::% 1:2 ' +
    '1:2:3:4:5:6:7 1:2:3:4:5:6:7:8:9 1:2:3:4:5:6:7:8:: ::1:2:3:4:5:6:7:8 1:2:3:4::5:6:7:8 1:::2 ' +
    '::1:: 1::2::3 :1:2 :1:: ::1: 1:2: g::1 ::g ::-1 1:2:3:4:5:6:7:8x 1.2.3.4:: ::1.2.3 ' +
    '::1.2.3.4.5 ::01.2.3.4 ::1.2.3.4:5 1:2:3:4:5:1.2.3.4 1:2:3:4:5:6:7:1.2.3.4 ::2:3:4:5:6:7:1.2.3.4 ' +
    '1:2:3:4:5:6:7::1.2.3.4 ::1:2:3:4:5:6:7:1.2.3.4 ::300.1.2.3 ::f.1.2.3 ::1.2.3.4x [::1] ::00001 ::12345 12345:: 1:99999::% localhost a.b.c ' +
    '１.2.3.4 ::１ 1.2.3.4\u00e9'
  ).split(' '),
  '',
  ' ',
  ' ::1',
  '::1 ',
  '1.2.3.4\n',
  '1.2.3.4"\\',
  '::\u0000',
  '\u0007\b\t\v\f\r\u001f\u007f\u0080\u00a0\u2028\u{1f600}\u{e0001}\ufeff',
];

const PORTS = '0 1 80 080 65535 65536 99999999999999999999 -1 +1 1_0 0x50 http  8\u0660'.split(' ');

const ADDR_PORTS: readonly string[] = (
  ':80 80 1.2.3.4 1.2.3.4: [::1] [::1]: ::1:80 [1.2.3.4]:80 1.2.3.4]:80 [::1:80 []:80 [:80 ]:80 ' +
  '[[::1]]:80 [::1]]:80 [::1]x:80 [::ffff:1.2.3.4]:1 [fe80::1%eth0]:443 localhost:80 [fe80::1%]:1'
).split(' ');

const BITS =
  '0 00 1 08 8 +8 -0 -1 24 31 32 33 64 096 128 129 999 1e1 0x8 9223372036854775807 9223372036854775808'.split(
    ' ',
  );

const NO_PREFIXES: readonly string[] = [
  ...'/ /8 10.0.0.0 10.0.0.0/ ::/ 1.2.3/8 fe80::1%eth0/64 ::1%a/b/64 ::/8/8 1.2.3.4/8/ :: a/b'.split(
    ' ',
  ),
  '1.2.3.4/ 8',
  '',
];

/** The calls that are recorded: all that are picked by hand, and `count` by chance. */
export function netipCalls(random: Random, count: number): NetipCall[] {
  const calls: NetipCall[] = [];
  const add = (fn: NetipFunction, ...args: (string | number)[]): void => {
    calls.push({ fn, in: args });
  };
  for (const text of [...ADDRS, ...NO_ADDRS]) add('ParseAddr', text);
  for (const text of ADDR_PORTS) add('ParseAddrPort', text);
  for (const port of PORTS) {
    add('ParseAddrPort', `1.2.3.4:${port}`);
    add('ParseAddrPort', `[::1]:${port}`);
  }
  for (const text of NO_PREFIXES) add('ParsePrefix', text);
  for (const bits of BITS) {
    add('ParsePrefix', `10.20.30.40/${bits}`);
    add('ParsePrefix', `2001:db8:85a3::8a2e:370:7334/${bits}`);
  }
  for (const bits of [-1, 0, 1, 32, 33, 128, 129]) {
    add('Addr.Prefix', '255.255.255.255', bits);
    add('Addr.Prefix', 'fe80::ffff%eth0', bits);
  }
  for (let bit = 0; bit < 32; bit++) {
    // The last bit that is the network's, and the first that is not.
    const [high, low] = [bit < 16 ? 0x8000 >> bit : 0, bit < 16 ? 0 : 0x80000000 >>> bit];
    const addr = `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
    add('Prefix.Contains', `0.0.0.0/${bit + 1}`, addr);
    add('Prefix.Contains', `0.0.0.0/${bit}`, addr);
    add('Prefix.Contains', `::/${bit + 1}`, `${high.toString(16)}:${low.toString(16)}::`);
    add('Prefix.Overlaps', `::/${bit + 97}`, `::${high.toString(16)}:${low.toString(16)}/128`);
  }
  for (const zone of ['', 'eth0', '0']) {
    for (const text of ['1.2.3.4', '::1', 'fe80::1%lo']) add('Addr.WithZone', text, zone);
  }
  const zones =
    'fe80::1 fe80::1%a fe80::1%aa fe80::1%b fe80::1%é fe80::1%\ufffd fe80::1%\u{1f600}'.split(' ');
  for (const a of zones) for (const b of zones) add('Addr.Compare', a, b);
  for (let i = 0; i < count; i++) calls.push(randomCall(random));
  return calls;
}

function randomCall(random: Random): NetipCall {
  const addr = (): string => randomAddr(random);
  const prefix = (): string => randomPrefix(random);
  const makers: readonly (() => NetipCall)[] = [
    () => ({ fn: 'ParseAddr', in: [addr()] }),
    () => ({ fn: 'ParseAddr', in: [randomParts(random)] }),
    () => ({ fn: 'ParseAddr', in: [mutated(random, addr())] }),
    () => ({ fn: 'ParseAddrPort', in: [mutated(random, `[${addr()}]:${random.below(70_000)}`)] }),
    () => ({ fn: 'ParsePrefix', in: [prefix()] }),
    () => ({ fn: 'ParsePrefix', in: [mutated(random, prefix())] }),
    () => ({ fn: 'Addr.Compare', in: [addr(), addr()] }),
    () => ({ fn: 'Addr.Prefix', in: [addr(), random.below(134) - 2] }),
    () => ({ fn: 'Prefix.Contains', in: [prefix(), addr()] }),
    () => ({ fn: 'Prefix.Overlaps', in: [prefix(), prefix()] }),
  ];
  return random.pick(makers)();
}

/** The text of an address. There are few different numbers in them, so that two often are near. */
function randomAddr(random: Random): string {
  const byte = (): number => random.pick([0, 0, 1, 10, 127, 128, 172, 192, 224, 254, 255]);
  const v4 = (): string => `${byte()}.${byte()}.${byte()}.${byte()}`;
  if (random.chance(0.3)) return v4();
  const zone = random.chance(0.15) ? `%${random.pick(['eth0', '1', 'a.b', 'x:y', 'é'])}` : '';
  if (random.chance(0.2)) return `::ffff:${v4()}${zone}`;
  const group = (): string =>
    random.pick(['0', '0', '0', '0000', '1', 'ff', 'FE80', 'ffff', '0Db8']);
  if (random.chance(0.5)) return Array.from({ length: 8 }, group).join(':') + zone;
  const before = Array.from({ length: random.below(4) }, group).join(':');
  const after = Array.from({ length: random.below(4) }, group).join(':');
  return `${before}::${after}${zone}`;
}

function randomPrefix(random: Random): string {
  const addr = randomAddr(random).replace(/%.*/, '');
  const max = addr.includes(':') ? 128 : 32;
  return `${addr}/${random.chance(0.3) ? random.pick([0, 8, 16, max]) : random.below(max + 1)}`;
}

function randomParts(random: Random): string {
  const parts = [
    '0',
    '1',
    'ff',
    'abcd',
    '255',
    '256',
    '01',
    ':',
    ':',
    ':',
    '::',
    '.',
    '1.2.3.4',
    '%',
    'g',
  ];
  return Array.from({ length: 1 + random.below(16) }, () => random.pick(parts)).join('');
}

/** `text` with a character removed, doubled or replaced, or as it is. */
function mutated(random: Random, text: string): string {
  const at = random.below(text.length);
  const [before, char, after] = [text.slice(0, at), text.charAt(at), text.slice(at + 1)];
  switch (random.below(4)) {
    case 0:
      return before + after;
    case 1:
      return before + char + char + after;
    case 2:
      return before + random.pick(Array.from('0123456789abcdefF:.%/[]+- \t"\u00e9')) + after;
    default:
      return text;
  }
}

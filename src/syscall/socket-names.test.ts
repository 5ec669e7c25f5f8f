import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { noCompiler } from '../../test/c-program.ts';
import { htons } from './byte-order.ts';
import * as ethernet from './ethernet.ts';
import * as socket from './socket.ts';
import {
  familyByName,
  familyName,
  protocolByName,
  protocolName,
  socketTypeByName,
  socketTypeName,
} from './socket-names.ts';

const { AF_BLUETOOTH, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_UNIX } = socket;
const { SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_STREAM } = socket;

test('families', () => {
  assert.equal(familyName(2), 'AF_INET');
  assert.equal(familyName(1), 'AF_UNIX');
  assert.equal(familyName(16), 'AF_NETLINK');
  assert.equal(familyName(47), '0x2f /* AF_??? */');
  assert.equal(familyByName('AF_NETLINK'), AF_NETLINK);
  assert.equal(familyByName('AF_LOCAL'), AF_UNIX);
  for (const name of ['AF_NONE', 'AF_inet', 'toString', 'SOCK_STREAM', '']) {
    assert.equal(familyByName(name), undefined);
  }
  for (let family = 0; family <= 45; family++) {
    assert.equal(familyByName(familyName(family)), family);
  }
});

test('types, with flags', () => {
  assert.equal(socketTypeName(SOCK_STREAM), 'SOCK_STREAM');
  const all = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
  assert.equal(socketTypeName(all), 'SOCK_STREAM|SOCK_CLOEXEC|SOCK_NONBLOCK');
  assert.equal(socketTypeByName('SOCK_STREAM|SOCK_CLOEXEC|SOCK_NONBLOCK'), all);
  assert.equal(socketTypeByName('SOCK_SEQPACKET'), socket.SOCK_SEQPACKET);
  for (const name of ['', 'SOCK_STREAM|', 'SOCK_STREAM|SOCK_FAST', 'AF_INET']) {
    assert.equal(socketTypeByName(name), undefined);
  }
});

test('protocols', () => {
  const named: [family: number, name: string, number][] = [
    [AF_INET, 'IPPROTO_TCP', 6],
    [AF_INET6, 'IPPROTO_ICMPV6', 58],
    [AF_INET, 'IPPROTO_IP', 0],
    [AF_NETLINK, 'NETLINK_ROUTE', 0],
    [AF_NETLINK, 'NETLINK_SELINUX', 7],
    [AF_NETLINK, 'NETLINK_ISCSI', 8],
    [AF_NETLINK, 'NETLINK_NETFILTER', 12],
    [AF_NETLINK, 'NETLINK_KOBJECT_UEVENT', 15],
    [AF_NETLINK, 'NETLINK_SOCK_DIAG', 4],
    [AF_BLUETOOTH, 'BTPROTO_RFCOMM', 3],
    [AF_PACKET, 'ETH_P_IP', 0x800],
  ];
  for (const [family, name, number] of named) {
    assert.equal(protocolName(family, number), name);
    assert.equal(protocolByName(name), number);
  }
  assert.equal(protocolByName('NETLINK_INET_DIAG'), 4);
  for (const name of ['NETLINK_ADD_MEMBERSHIP', 'ETH_ALEN', 'IPPROTO_', 'tcp', '']) {
    assert.equal(protocolByName(name), undefined);
  }
  assert.equal(protocolName(AF_UNIX, 5), '5');
});

/** Calls of socket(2) that strace shall print. */
function calls(): [family: number, type: number, protocol: number][] {
  const list: [number, number, number][] = [];
  for (let family = 0; family <= 48; family++) list.push([family, SOCK_STREAM, 0]);
  const types = [0, 1, 2, 3, 4, 5, 6, 7, 10, 0x81, 0x80801, 0x80800, 0x80107, 0x107, 0x40001, -1];
  for (const type of types) list.push([AF_INET, type, 0]);
  for (let protocol = -1; protocol <= 265; protocol++) {
    for (const family of [AF_INET, AF_INET6]) list.push([family, 7, protocol]);
    if (protocol < 30) list.push([AF_NETLINK, 7, protocol], [AF_BLUETOOTH, 7, protocol]);
  }
  for (const protocol of Object.values(ethernet)) list.push([AF_PACKET, 7, htons(protocol)]);
  for (let protocol = 0; protocol < 0x10000; protocol += 257) list.push([AF_PACKET, 7, protocol]);
  return list;
}

const strace = spawnSync('strace', ['--version'], { encoding: 'utf8' });
const noStrace = strace.status === 0 ? false : 'there is no strace';

suite('as strace prints them', { skip: noCompiler || noStrace }, () => {
  /** What strace 6.1 is too old to know. */
  const newer = /BTPROTO_ISO|IPPROTO_SMC|ETH_P_(ETHERCAT|PROFINET)/;
  /** A later strace may have names for what has none here. */
  const later = !/version 6\.1\b/.test(strace.stdout ?? '');
  /** Protocols of other families have no names here; strace knows some. */
  const comparable = (line: string): string =>
    /^AF_(INET6?|NETLINK|BLUETOOTH|PACKET),/.test(line) ? line : line.replace(/, [^,]*$/, '');

  test('every family, type and protocol', () => {
    const dir = mkdtempSync(join(tmpdir(), 'netfd-names-'));
    try {
      const file = (name: string): string => join(dir, name);
      const made = calls();
      const rows = made.map((row) => `{${row.join()}}`).join();
      writeFileSync(
        file('a.c'),
        `#include <sys/socket.h>\nint t[][3]={${rows}};\nint main(void){` +
          'for(unsigned i=0;i<sizeof t/sizeof*t;i++)socket(t[i][0],t[i][1],t[i][2]);}',
      );
      execFileSync('cc', ['-o', file('a'), file('a.c')]);
      // All descriptors but the tracer's are used up, so no socket is made.
      execFileSync('sh', ['-c', 'ulimit -n 64; exec strace -e socket -o out ./a'], { cwd: dir });
      const printed = readFileSync(file('out'), 'latin1')
        .split('\n')
        .flatMap((line) => /^socket\((.*)\) += /.exec(line)?.[1] ?? []);
      const ours = made.map(([family, type, protocol]) => {
        const packet = family === AF_PACKET;
        const name = protocolName(family, packet ? htons(protocol) : protocol);
        const shown = packet ? `htons(${name})` : name;
        return `${familyName(family)}, ${socketTypeName(type)}, ${shown}`;
      });
      assert.equal(printed.length, ours.length);
      const differing = ours
        .map((line, i) => [comparable(line), comparable(printed[i] ?? '')])
        .filter(([our = '', their]) => our !== their && !newer.test(our))
        .filter(([our = '']) => !(later && our.includes('???')));
      assert.deepEqual(differing, []);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});

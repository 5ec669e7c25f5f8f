import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { real, wrapped } from '../../test/net/wrapped-system.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { linux } from '../kernel/linux.ts';
import type { System } from '../kernel/system.ts';
import { cString } from '../syscall/c-string.ts';
import { EMFILE, ENOSYS } from '../syscall/errno.ts';
import { hostsFileAddresses, hostsFileCanonicalName, hostsFileNames } from './hosts-file.ts';
import { IPAddr } from './ip-addr.ts';
import { Stack } from './stack.ts';

const SECOND = 1000;
const folder = mkdtempSync(join(tmpdir(), 'netfd-hosts-'));
after(() => rmSync(folder, { recursive: true }));

let files = 0;

/** Linux with an /etc/hosts of its own and a clock that stands. */
class Host {
  readonly path: string = join(folder, String(files++));
  readonly system: System;
  /** The calls about the file since they were last asked for. */
  #calls: string[] = [];
  #now = 0;
  #changes = 0;
  /** What a call gives instead of being made. */
  readonly instead: Partial<Record<'openat' | 'statx', number>> = {};

  constructor(text: string | null) {
    if (text !== null) this.write(text);
    const file = (name: 'openat' | 'statx', path: Uint8Array): Uint8Array => {
      if (Buffer.from(path).toString() !== '/etc/hosts\0') return path;
      this.#calls.push(name);
      return cString(this.path);
    };
    const openat: Kernel['openat'] = (dirfd, path, flags, mode) => {
      const ours = file('openat', path);
      const result = ours === path ? undefined : this.instead.openat;
      return result ?? real.openat(dirfd, ours, flags, mode);
    };
    const statx: Kernel['statx'] = (dirfd, path, flags, mask, buf) =>
      this.instead.statx ?? real.statx(dirfd, file('statx', path), flags, mask, buf);
    const clock = { ...linux.clock, monotonic: () => this.#now };
    this.system = wrapped({ openat, statx }, { clock });
  }

  /** Writes the file, at a time of its own. */
  write(text: string): void {
    writeFileSync(this.path, text);
    utimesSync(this.path, 1, ++this.#changes);
  }

  pass(milliseconds: number): void {
    this.#now += milliseconds;
  }

  addresses(host: string): string {
    return hostsFileAddresses(this.system, host).join(' ');
  }

  get calls(): string {
    const calls = this.#calls.join(' ');
    this.#calls = [];
    return calls;
  }
}

test('names in any case, with a dot or not; addresses in order, each once; comments', () => {
  const host = new Host(
    '# one.test 127.0.0.9\n\n127.0.0.1 one.test two.test # three.test\n\t::1\tONE.test.\n' +
      '127.0.0.1 one.test\nx one.test\n127.0.0.300 one.test\n127.0.0.2\r\n127.0.0.3 two.test',
  );
  for (const name of ['one.test', 'One.Test', 'one.test.']) {
    assert.equal(host.addresses(name), '127.0.0.1 ::1', name);
  }
  assert.equal(host.addresses('two.test'), '127.0.0.1 127.0.0.3');
  for (const name of ['three.test', '127.0.0.1', '', 'one.test..', 'constructor']) {
    assert.equal(host.addresses(name), '', name);
  }
});

test('the names of an address, and the first one on a host’s first line', () => {
  const { system } = new Host(
    '127.0.0.1 One.test two alias\n::1 three.test. two\n127.0.0.1 four.test two\nfe80::1%lo z.test',
  );
  const names = (ip: string): string => hostsFileNames(system, IPAddr.parse(ip)!).join(' ');
  assert.equal(names('127.0.0.1'), 'One.test. two alias four.test.');
  assert.equal(names('::ffff:127.0.0.1'), names('127.0.0.1'));
  assert.equal(names('0::1'), 'three.test. two');
  assert.equal(names('fe80::1%lo'), 'z.test.');
  assert.equal(names('fe80::1'), '');
  assert.equal(hostsFileCanonicalName(system, 'TWO.'), 'One.test.');
  assert.equal(hostsFileCanonicalName(system, 'three.test'), 'three.test.');
  assert.equal(hostsFileCanonicalName(system, 'five.test'), null);
});

test('a file that blocks names: a hundred thousand of them at one address, and the other way', () => {
  const blocked = Array.from({ length: 100_000 }, (_, i) => `0.0.0.0 name${i}.test`);
  const many = Array.from({ length: 60_000 }, (_, i) => `10.0.${i >> 8}.${i & 255} many.test`);
  const host = new Host([...blocked, ...many].join('\n'));
  assert.equal(host.addresses('name99999.test'), '0.0.0.0');
  assert.equal(host.addresses('many.test').split(' ').length, 60_000);
  assert.equal(hostsFileNames(host.system, IPAddr.parse('0.0.0.0')!).length, 100_000);
});

suite('the file is read', () => {
  test('once in five seconds, and only looked at after them', () => {
    const host = new Host('127.0.0.1 name.test');
    assert.equal(host.calls, '');
    assert.equal(host.addresses('name.test'), '127.0.0.1');
    assert.equal(host.calls, 'statx openat');
    for (let i = 0; i < 3; i++) {
      host.pass(5 * SECOND - 1);
      assert.equal(host.addresses('name.test'), '127.0.0.1');
      assert.equal(host.addresses('absent.test'), '');
      assert.equal(host.calls, '');
      host.pass(1);
      assert.equal(host.addresses('absent.test'), '');
      assert.equal(host.calls, 'statx');
    }
  });

  test('again when its time or its size is another one', () => {
    const host = new Host('127.0.0.1 name.test');
    assert.equal(host.addresses('name.test'), '127.0.0.1');
    host.write('127.0.0.2 name.test');
    assert.equal(host.addresses('name.test'), '127.0.0.1', 'for five seconds nobody looks');
    host.pass(5 * SECOND);
    assert.equal(host.addresses('name.test'), '127.0.0.2');
    assert.equal(host.calls, 'statx openat statx openat');
    writeFileSync(host.path, '127.0.0.30 name.test');
    utimesSync(host.path, 1, 2);
    host.pass(5 * SECOND);
    assert.equal(host.addresses('name.test'), '127.0.0.30');
  });

  test('whenever it is asked while it is absent, and its names go when it goes', () => {
    const host = new Host(null);
    assert.equal(host.addresses('name.test'), '');
    host.write('127.0.0.1 name.test');
    assert.equal(host.addresses('name.test'), '127.0.0.1');
    unlinkSync(host.path);
    host.pass(5 * SECOND);
    assert.equal(host.addresses('name.test'), '');
  });

  test('later, if it cannot be opened now; what it said before is as good until then', () => {
    const host = new Host('127.0.0.1 name.test');
    host.instead.openat = -EMFILE;
    assert.equal(host.addresses('name.test'), '');
    delete host.instead.openat;
    assert.equal(host.addresses('name.test'), '127.0.0.1');
    host.write('127.0.0.2 name.test');
    host.pass(5 * SECOND);
    host.instead.openat = -EMFILE;
    assert.equal(host.addresses('name.test'), '127.0.0.1');
    delete host.instead.openat;
    assert.equal(host.addresses('name.test'), '127.0.0.2');
  });

  test('every five seconds where statx is not to be had', () => {
    const host = new Host('127.0.0.1 name.test');
    host.instead.statx = -ENOSYS;
    for (let i = 0; i < 3; i++) {
      assert.equal(host.addresses('name.test'), '127.0.0.1');
      assert.equal(host.addresses('name.test'), '127.0.0.1');
      assert.equal(host.calls, 'openat');
      host.pass(5 * SECOND);
    }
  });

  test('once by a hundred dials by name', async () => {
    const host = new Host('127.0.0.1 name.test');
    const stack = new Stack(host.system);
    await using listener = await stack.listen('tcp4', '127.0.0.1:0');
    for (let i = 0; i < 100; i++) {
      const conn = await stack.dial('tcp', `name.test:${listener.addr.port}`);
      conn.close();
    }
    assert.equal(host.calls, 'statx openat');
  });
});

/** What netfd/syscall exports: all calls, all of the vocabulary; and the calls on a kernel of one's own. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { linux } from '../../src/kernel/linux.ts';
import * as face from '../../src/syscall.ts';
import { Calls, EIO, type Kernel } from '../../src/syscall.ts';
import { failure, unixPair } from './sockets.ts';

const vocabulary = new URL('../../src/syscall/', import.meta.url);

test('all of the vocabulary is exported', async () => {
  const files = readdirSync(vocabulary).filter((name) => /^[^.]+\.js$/.test(name));
  assert.ok(files.length > 10);
  const modules = await Promise.all(
    files.map(async (file) => (await import(new URL(file, vocabulary).href)) as object),
  );
  const exported: Readonly<Record<string, unknown>> = face;
  const constants = modules.flatMap((module) =>
    Object.entries(module).filter(([, value]) => typeof value === 'number'),
  );
  assert.ok(constants.length > 500);
  const lost = constants.filter(([name, value]) => exported[name] !== value);
  assert.deepEqual(lost, []);
});

test('every call of the Kernel is there', () => {
  const renamed: Readonly<Record<string, string>> = { pselect6: 'pselect', pread64: 'pread' };
  const names = Object.keys(linux.kernel).map((name) => renamed[name] ?? name);
  assert.ok(names.length > 40);
  const lost = names.filter(
    (name) => typeof (face as Record<string, unknown>)[name] !== 'function',
  );
  assert.deepEqual(lost, []);
});

test('the calls are the same on any kernel', (t) => {
  const seen: string[] = [];
  const kernel: Kernel = {
    ...linux.kernel,
    sendto: (fd, buf, size, flags, addr, addrlen) => {
      seen.push(`sendto ${size}`);
      return linux.kernel.sendto(fd, buf, size, flags, addr, addrlen);
    },
    recvfrom: () => -EIO,
  };
  const calls = new Calls(kernel);
  const [a, b] = unixPair(t);
  assert.equal(calls.send(a, 'abc'), 3);
  assert.deepEqual(seen, ['sendto 3']);
  const failed = failure('recv', 'EIO', { fd: b });
  assert.throws(() => calls.recv(b, new Uint8Array(3)), failed);
  assert.equal(face.recv(b, new Uint8Array(3)), 3);
});

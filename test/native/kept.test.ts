/**
 * read(2), write(2) and accept4(2) on a buffer that is kept: the same results and the same errors as on any
 * other, also when the buffer has lost its memory since.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Kernel } from '../../src/kernel/kernel.ts';
import { keptAccept, keptTransfers } from '../../src/kernel/linux/kept-buffers.ts';
import { linux } from '../../src/kernel/linux.ts';
import { encodeSockaddr } from '../../src/syscall/sockaddr.ts';
import { AF_INET, SOCK_CLOEXEC, SOCK_STREAM } from '../../src/syscall/socket.ts';
import { addon } from './addon.ts';

const { kernel } = linux;
const ends = new Int32Array(2);
assert.equal(kernel.pipe2(ends, 0), 0);
const [source, sink] = ends as unknown as [number, number];
after(() => {
  kernel.close(source);
  kernel.close(sink);
});

/** Transfers that tell how often each was made the usual way. */
function counted(): { transfers: Pick<Kernel, 'read' | 'write'>; usual: { count: number } } {
  const usual = { count: 0 };
  const calls: Kernel = {
    ...kernel,
    read: (...args) => (usual.count++, addon.calls['read']!(...args) as number),
    write: (...args) => (usual.count++, addon.calls['write']!(...args) as number),
  };
  return { transfers: keptTransfers(addon.keptCalls(), calls), usual };
}

test('a buffer that comes again is kept, in each direction one', () => {
  const { transfers, usual } = counted();
  const out = Buffer.from('abcdef');
  const into = new Uint8Array(16);
  for (let round = 0; round < 5; round++) {
    assert.equal(transfers.write(sink, out, 6), 6);
    assert.equal(transfers.read(source, into, 16), 6);
    assert.equal(Buffer.from(into.subarray(0, 6)).toString(), 'abcdef');
    into.fill(0);
  }
  assert.equal(usual.count, 4); // two of each
  assert.equal(transfers.write(sink, out, 2, 4), 2);
  assert.equal(transfers.read(source, into, 4, 12), 2);
  assert.equal(Buffer.from(into.subarray(12)).toString(), 'ef\0\0');
  assert.equal(usual.count, 4);
  assert.equal(transfers.read(-1, into, 16), -9); // EBADF
});

test('another buffer goes the usual way, and takes its place when it comes again', () => {
  const { transfers, usual } = counted();
  const buffers = [Buffer.from('one'), Buffer.from('two')];
  const into = new Uint8Array(3);
  for (let i = 0; i < 6; i++) {
    assert.equal(transfers.write(sink, buffers[i % 2]!, 3), 3);
    assert.equal(kernel.read(source, into, 3), 3);
    assert.deepEqual(Buffer.from(into), buffers[i % 2]);
  }
  assert.equal(usual.count, 6);
  for (let i = 0; i < 4; i++) {
    assert.equal(transfers.write(sink, buffers[1]!, 3), 3);
    assert.equal(kernel.read(source, into, 3), 3);
  }
  assert.ok(usual.count < 9);
});

test('a large buffer is not held', () => {
  const { transfers, usual } = counted();
  const large = new Uint8Array(256 * 1024 + 1);
  for (let i = 0; i < 4; i++) assert.equal(transfers.read(-1, large, 1), -9);
  assert.equal(usual.count, 4);
});

test('what reaches past the buffer, or is no number, is refused as ever', () => {
  const { transfers } = counted();
  const into = new Uint8Array(16);
  for (let i = 0; i < 3; i++) transfers.read(-1, into, 16);
  const wrong: [unknown, unknown, unknown, RegExp][] = [
    [source, 17, 0, /^RangeError: read: count must be/],
    [source, -1, 0, /^RangeError: read: count must be/],
    [source, 1.5, 0, /^RangeError: read: count must be/],
    [source, Number.NaN, 0, /^RangeError: read: count must be/],
    [source, '1', 0, /^TypeError: read: count must be/],
    [source, 16, 1, /^RangeError: read: count must be/],
    [source, 1, 17, /^RangeError: read: offset must be/],
    [source, 0, -1, /^RangeError: read: offset must be/],
    [Number.NaN, 1, 0, /^RangeError: read: fd must be/],
    [null, 1, 0, /^TypeError: read: fd must be/],
  ];
  for (const [fd, count, offset, error] of wrong) {
    assert.throws(
      () => transfers.read(fd as number, into, count as number, offset as number),
      (thrown) => error.test(String(thrown)),
    );
  }
});

interface Resizable extends ArrayBuffer {
  resize(bytes: number): void;
}

/** In Node since version 20, in these types not yet. */
function resizable(bytes: number, maxByteLength: number): Resizable {
  const Make = ArrayBuffer as unknown as new (length: number, options: object) => Resizable;
  return new Make(bytes, { maxByteLength });
}

test('a kept buffer that was detached, or has shrunk, is not touched', () => {
  const { transfers } = counted();
  const detached = new Uint8Array(64);
  for (let i = 0; i < 3; i++) transfers.write(-1, detached, 64);
  structuredClone(detached, { transfer: [detached.buffer] });
  assert.throws(() => transfers.write(sink, detached, 1), /^TypeError: write: buf must be/);

  const memory = resizable(4096, 8192);
  const resize = (bytes: number) => memory.resize(bytes);
  const whole = new Uint8Array(memory);
  for (let i = 0; i < 3; i++) transfers.read(-1, whole, 4096);
  resize(8);
  assert.throws(() => transfers.read(source, whole, 9), /^RangeError: read: count must be/);
  resize(8192);
  assert.equal(kernel.write(sink, Buffer.from('x'), 1), 1);
  assert.equal(transfers.read(source, whole, 1, 8191), 1);
  assert.equal(whole[8191], 120);
});

test('keep wants a direction and bytes', () => {
  const calls = addon.keptCalls();
  const bytes = new Uint8Array(8);
  assert.throws(() => calls.keep(3, bytes), /^RangeError: keep: direction must be 0, 1 or 2/);
  assert.throws(
    () => calls.keep('0' as never, bytes),
    /^TypeError: keep: direction must be a 32-bit/,
  );
  assert.throws(() => calls.keep(0, [] as never), /^TypeError: keep: buf must be a Uint8Array/);
});

test('accept4 into a buffer that comes again: the same addresses and the same errors', () => {
  const usual = { count: 0 };
  const accept4 = keptAccept(addon.keptCalls(), {
    ...kernel,
    accept4: (...args) => (usual.count++, addon.calls['accept4']!(...args)),
  });
  const listener = kernel.socket(AF_INET, SOCK_STREAM, 0);
  const any = encodeSockaddr({ family: AF_INET, port: 0, addr: Uint8Array.of(127, 0, 0, 1) });
  assert.equal(kernel.bind(listener, any, any.length), 0);
  assert.equal(kernel.listen(listener, 8), 0);
  const [name, peer, addr] = [new Uint8Array(16), new Uint8Array(16), new Uint8Array(112)];
  const length = new Uint32Array([16]);
  assert.equal(kernel.getsockname(listener, name, length), 0);
  for (let i = 0; i < 5; i++) {
    const client = kernel.socket(AF_INET, SOCK_STREAM, 0);
    assert.equal(kernel.connect(client, name, 16), 0);
    length[0] = addr.length;
    const conn = accept4(listener, addr, length, SOCK_CLOEXEC);
    assert.ok(conn > 0);
    assert.equal(length[0], 16);
    assert.equal(kernel.getpeername(conn, peer, length), 0);
    assert.deepEqual(addr.subarray(0, 16), peer);
    kernel.close(conn);
    kernel.close(client);
    addr.fill(0);
  }
  assert.equal(usual.count, 2);
  length[0] = 16;
  assert.equal(accept4(-1, addr, length, 0), -9); // EBADF
  assert.equal(accept4(listener, addr, length, 1), -22); // EINVAL
  assert.equal(usual.count, 2);
  length[0] = addr.length + 1;
  assert.throws(() => accept4(listener, addr, length, 0), /^RangeError: accept4: addrlen/);
  assert.throws(() => accept4(1.5, addr, length, 0), RangeError);
  assert.throws(() => accept4(-1, addr, [16] as unknown as Uint32Array, 0), TypeError);
  assert.equal(accept4(-1, null, null, 0), -9);
  structuredClone(addr, { transfer: [addr.buffer] });
  length[0] = 16;
  assert.throws(() => accept4(listener, addr, length, 0), /^TypeError: accept4: addr must be/);
  kernel.close(listener);
});

/** The setters of connections and listeners refuse what is no value of theirs, and name it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  dial,
  listen,
  listenPacket,
  OpError,
  parseCIDR,
  ParseError,
  parseMAC,
  UDPAddr,
} from '../../src/index.ts';

const no = (value: unknown): never => value as never;

test('what is no boolean is a TypeError, and nothing is set', async () => {
  await using listener = await listen('tcp', '127.0.0.1:0');
  await using conn = await dial('tcp', String(listener.addr));
  await using packets = await listenPacket('udp', '127.0.0.1:0');
  await using unix = await listen('unix', '@netfd-setters');
  await using gram = await listenPacket('unixgram', '');
  for (const [method, argument, call] of [
    ['setNoDelay', 'on', () => conn.setNoDelay(no(0))],
    ['setKeepAlive', 'on', () => conn.setKeepAlive(no('yes'))],
    ['setMulticastLoop', 'on', () => packets.setMulticastLoop(no(1))],
    ['setUnlinkOnClose', 'unlink', () => unix.setUnlinkOnClose(no(undefined))],
    ['setUnlinkOnClose', 'unlink', () => gram.setUnlinkOnClose(no(null))],
    ['passCredentials', 'on', () => gram.passCredentials(no(1))],
  ] as const) {
    const message = `${method}: ${argument} must be true or false`;
    assert.throws(call, { name: 'TypeError', message });
  }
  assert.equal(conn.options.TCP_NODELAY, true);
  assert.equal(packets.options.IP_MULTICAST_LOOP, true);
  assert.equal(gram.options.SO_PASSCRED, false);
});

test('what the kernel refuses is the OpError of the method, of the ends that Go names', async () => {
  await using listener = await listen('tcp', '127.0.0.1:0');
  const conn = await dial('tcp', String(listener.addr));
  await using packets = await listenPacket('udp4', '127.0.0.1:0');
  const ends = `${String(conn.localAddr)}->${String(conn.remoteAddr)}`;
  conn.close();
  const closed = 'use of closed network connection';
  assert.throws(() => conn.setNoDelay(true), { message: `set tcp ${ends}: ${closed}` });
  const alone = `set tcp ${String(conn.localAddr)}: ${closed}`;
  assert.throws(() => conn.setReadBuffer(4096), { message: alone });
  assert.throws(
    () => packets.setMulticastInterface(0x7ffffff0),
    (error) => {
      assert.ok(error instanceof OpError);
      assert.deepEqual([error.op, error.syscall, error.source], ['set', 'setsockopt', null]);
      return true;
    },
  );
  const group = new UDPAddr('224.0.0.251', 0);
  for (const call of [
    () => packets.joinGroup(group, 'nosuch'),
    () => packets.setMulticastInterface('nosuch'),
  ]) {
    const message = `set udp4 ${String(packets.localAddr)}: ioctl: no such device`;
    assert.throws(call, { name: 'OpError', message, code: 'ENODEV' });
  }
});

test('texts of networks and hardware addresses', () => {
  const [addr, network] = parseCIDR('10.1.2.3/8');
  assert.deepEqual([String(addr), String(network)], ['10.1.2.3', '10.0.0.0/8']);
  assert.throws(() => parseCIDR('10.0.0.0/33'), ParseError);
  assert.deepEqual([...parseMAC('00-00-5e-00-53-01')], [0, 0, 0x5e, 0, 0x53, 1]);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeSockaddr } from '../syscall/sockaddr.ts';
import { AF_INET, AF_INET6 } from '../syscall/socket.ts';
import { parseIP } from './ip.ts';
import { PeerCache } from './peer-cache.ts';
import { UDPAddr } from './udp-addr.ts';

const memory = new Uint8Array(64);
const words = new Uint32Array(memory.buffer);

/** The address `text` by way of the cache, from an offset. */
function through(cache: PeerCache<UDPAddr>, ip: string, port: number, scopeId = 0): UDPAddr {
  const bytes = parseIP(ip)!;
  const sa = ip.includes(':')
    ? encodeSockaddr({ family: AF_INET6, addr: bytes, port, flowinfo: 0, scopeId })
    : encodeSockaddr({ family: AF_INET, addr: bytes.subarray(12), port });
  memory.fill(0xee);
  memory.set(sa, 32);
  return cache.get(memory, words, 32, sa.length);
}

test('a sender that was here is the same object, any other its own', () => {
  let made = 0;
  const cache = new PeerCache((bytes, size) => {
    made++;
    return UDPAddr.fromSockaddr(bytes, size, String)!;
  });
  const one = through(cache, '10.0.0.1', 53);
  assert.equal(through(cache, '10.0.0.1', 53), one);
  assert.notEqual(through(cache, '10.0.0.1', 54), one);
  const six = through(cache, '2001:db8::1', 53);
  assert.equal(through(cache, '2001:db8::1', 53), six);
  assert.equal(made, 3);
  // More peers than places: each is told right, though some are made again.
  for (let round = 0; round < 2; round++) {
    for (let port = 1; port < 2000; port++) {
      assert.equal(String(through(cache, '10.0.0.1', port)), `10.0.0.1:${port}`);
      assert.equal(String(through(cache, '::1', port)), `[::1]:${port}`);
    }
  }
});

test('an address of an interface is asked for each time', () => {
  const names = ['a', 'b'];
  const cache = new PeerCache((bytes, size) =>
    UDPAddr.fromSockaddr(bytes, size, () => names.shift()!)!,
  );
  assert.equal(String(through(cache, 'fe80::1', 1, 2)), '[fe80::1%a]:1');
  assert.equal(String(through(cache, 'fe80::1', 1, 2)), '[fe80::1%b]:1');
});

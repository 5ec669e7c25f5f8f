import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { noIPv6, openDescriptors } from '../../test/net/machine.ts';
import { real, wrapped } from '../../test/net/wrapped-system.ts';
import { linux } from '../kernel/linux.ts';
import { EMFILE } from '../syscall/errno.ts';
import { compareRoutes, type Route, sortAddresses } from './address-order.ts';
import { parseIP } from './ip.ts';
import { IPAddr } from './ip-addr.ts';

/** "destination < source", or a destination that cannot be reached. */
function route(text: string): Route & { text: string } {
  const [destination = '', source] = text.split(' < ');
  return {
    text,
    destination: parseIP(destination)!,
    source: source === undefined ? null : parseIP(source)!,
  };
}

function assertOrder(...expected: string[]): void {
  for (const given of [expected, expected.toReversed()]) {
    const sorted = given.map(route).sort(compareRoutes);
    assert.deepEqual(
      sorted.map(({ text }) => text),
      expected,
    );
  }
}

suite('RFC 6724, section 10.2: the examples', () => {
  test('prefer matching scope', () => {
    assertOrder('2001:db8:1::1 < 2001:db8:1::2', '198.51.100.121 < 169.254.13.78');
    assertOrder('198.51.100.121 < 198.51.100.117', '2001:db8:1::1 < fe80::1');
  });

  test('prefer higher precedence', () => {
    assertOrder('2001:db8:1::1 < 2001:db8:1::2', '10.1.2.3 < 10.1.2.4');
  });

  test('prefer smaller scope', () => {
    assertOrder('fe80::1 < fe80::2', '2001:db8:1::1 < 2001:db8:1::2');
  });

  test('prefer the longest matching prefix', () => {
    assertOrder('2001:db8:1::1 < 2001:db8:1::2', '2001:db8:3ffe::1 < 2001:db8:3f44::2');
  });

  test('prefer matching label', () => {
    assertOrder('2002:c633:6401::1 < 2002:c633:6401::2', '2001:db8:1::1 < fe80::2');
    assertOrder('2002:c633:6401::1 < 2002:c633:6401::2', '2001:db8:1::1 < 2002:c633:6401::2');
  });

  test('prefer higher precedence, of tunnels too', () => {
    assertOrder('2001:db8:1::1 < 2001:db8:1::2', '2002:c633:6401::1 < 2002:c633:6401::2');
    assertOrder('2001:db8:1::1 < 2001:db8:1::2', '2001::1 < 2001::2');
  });
});

suite('the rules beyond the examples', () => {
  test('what cannot be reached comes last', () => {
    assertOrder('10.1.2.3 < 10.1.2.4', '2001:db8:1::1');
    assert.equal(compareRoutes(route('2001:db8::1'), route('10.0.0.1')), 0);
  });

  test('the policy table: loopback, any, IPv4, 6to4, Teredo, unique local, the old ones', () => {
    const own = ['::1', '2001:db8::1', '2002::1', '2001::1', 'fc00::1'];
    assertOrder(...own.slice(0, 2).map((ip) => `${ip} < ${ip}`), '10.0.0.1 < 10.0.0.1');
    assertOrder(
      '10.0.0.1 < 10.0.0.1',
      ...own.slice(2).map((ip) => `${ip} < ${ip}`),
      '::2:3 < ::2:3',
    );
    assertOrder('fdff::1 < fdff::1', '3ffe::1 < 3ffe::1');
  });

  test('scopes: site-local and multicast', () => {
    assertOrder('fec0::1 < fec0::2', '3ffe::1 < 3ffe::2');
    assertOrder('ff02::1 < fe80::1', 'ff05::1 < fe80::1');
    assertOrder('ff05::1 < fec0::1', 'ff0e::1 < fec0::1');
  });

  test('the longest prefix: the first half only, and not of IPv4', () => {
    const [near, far] = ['2001:db8::ff < 2001:db8::fe', '2001:db8::1:0:0:0 < 2001:db8::fe'];
    assert.equal(compareRoutes(route(near), route(far)), 0);
    assert.equal(compareRoutes(route('10.0.0.1 < 10.0.0.2'), route('10.9.0.1 < 10.0.0.2')), 0);
    assert.equal(compareRoutes(route('8.8.8.8 < 10.0.0.2'), route('10.0.0.1 < 10.0.0.2')), 0);
  });
});

suite('by the routes of this machine', () => {
  const addrs = ['127.0.0.5', '::1', '127.0.0.6'].map((ip) => new IPAddr(ip));

  test('::1 comes before 127.0.0.1, and equal ones stay', { skip: noIPv6 }, () => {
    const open = openDescriptors();
    assert.deepEqual(sortAddresses(linux, addrs).map(String), ['::1', '127.0.0.5', '127.0.0.6']);
    const unknown = new IPAddr('fe80::1', 'nope');
    assert.deepEqual(sortAddresses(linux, [unknown, ...addrs]).map(String), [
      '::1',
      '127.0.0.5',
      '127.0.0.6',
      'fe80::1%nope',
    ]);
    assert.equal(openDescriptors(), open);
  });

  test('the order stays if nothing can be known, and one address is not asked about', () => {
    let sockets = 0;
    const none = wrapped({ socket: () => (sockets++, -EMFILE) });
    assert.deepEqual(sortAddresses(none, addrs), addrs);
    assert.equal(sockets, 3);
    assert.deepEqual(sortAddresses(none, addrs.slice(1, 2)), addrs.slice(1, 2));
    assert.equal(sockets, 3);
    const nameless = wrapped({ getsockname: () => -EMFILE });
    const open = openDescriptors();
    assert.deepEqual(sortAddresses(nameless, addrs), addrs);
    assert.equal(openDescriptors(), open);
    assert.ok(real.getsockname !== nameless.kernel.getsockname);
  });
});

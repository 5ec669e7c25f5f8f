/** Each struct against C's: what its compiler lays out is what is read and written here. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { noCompiler, structFromC as fromC } from '../../test/c-program.ts';
import {
  decodeCredentials,
  decodeExtendedError,
  decodeInt,
  decodePacketInfo,
  decodePacketInfo6,
  decodeRights,
  decodeTimestamp,
  decodeTimestamping,
  decodeTimestampNs,
  encodeCredentials,
  encodeInt,
  encodePacketInfo,
  encodeRights,
  encodeSegmentSize,
} from './ancillary.ts';
import { AF_INET } from './socket.ts';

const IN = ['netinet/in.h'];

suite('structs of control messages, as C has them', { skip: noCompiler }, () => {
  test('ucred', () => {
    const bytes = fromC(
      ['sys/socket.h'],
      'struct ucred',
      's.pid = 12345; s.uid = 4294967294u; s.gid = 7;',
    );
    const credentials = { pid: 12345, uid: 4294967294, gid: 7 };
    assert.deepEqual(decodeCredentials(bytes), credentials);
    assert.deepEqual(Buffer.from(encodeCredentials(credentials)), bytes);
  });

  test('descriptors', () => {
    const bytes = fromC([], 'int', 's = 1000000;');
    assert.deepEqual(Buffer.from(encodeRights([1000000])), bytes);
    const fds = [0, 1, 0x7fffffff];
    assert.deepEqual(decodeRights(encodeRights(fds)), fds);
    assert.deepEqual(decodeRights(encodeRights([])), []);
  });

  test('in_pktinfo', () => {
    const bytes = fromC(
      IN,
      'struct in_pktinfo',
      's.ipi_ifindex = 3; s.ipi_spec_dst.s_addr = htonl(0x0a000001);',
      's.ipi_addr.s_addr = htonl(0xe0000001);',
    );
    assert.deepEqual(decodePacketInfo(bytes), {
      ifindex: 3,
      local: Uint8Array.of(10, 0, 0, 1),
      addr: Uint8Array.of(224, 0, 0, 1),
    });
    const sent = fromC(
      IN,
      'struct in_pktinfo',
      's.ipi_ifindex = 3; s.ipi_spec_dst.s_addr = htonl(0x0a000001);',
    );
    const info = { ifindex: 3, addr: Uint8Array.of(10, 0, 0, 1) };
    assert.deepEqual(Buffer.from(encodePacketInfo(info)), sent);
  });

  test('in6_pktinfo', () => {
    const bytes = fromC(
      IN,
      'struct in6_pktinfo',
      's.ipi6_ifindex = 9; for (int i = 0; i < 16; i++) s.ipi6_addr.s6_addr[i] = i;',
    );
    const info = { ifindex: 9, addr: Uint8Array.from({ length: 16 }, (_, i) => i) };
    assert.deepEqual(decodePacketInfo6(bytes), info);
    assert.deepEqual(Buffer.from(encodePacketInfo(info)), bytes);
  });

  test('timeval, timespec, scm_timestamping', () => {
    const headers = ['sys/time.h', 'linux/errqueue.h'];
    const timeval = fromC(headers, 'struct timeval', 's.tv_sec = 1700000000; s.tv_usec = 123456;');
    assert.deepEqual(decodeTimestamp(timeval), { seconds: 1700000000, nanoseconds: 123456000 });
    const timespec = fromC(headers, 'struct timespec', 's.tv_sec = -1; s.tv_nsec = 999999999;');
    assert.deepEqual(decodeTimestampNs(timespec), { seconds: -1, nanoseconds: 999999999 });
    const three = fromC(
      headers,
      'struct scm_timestamping',
      's.ts[0].tv_sec = 1; s.ts[0].tv_nsec = 2;',
    );
    const software = { seconds: 1, nanoseconds: 2 };
    assert.deepEqual(decodeTimestamping(three), { software, hardware: null });
  });

  test('sock_extended_err, with and without an offender', () => {
    const headers = ['time.h', 'linux/errqueue.h', 'netinet/in.h'];
    const bytes = fromC(
      headers,
      'struct { struct sock_extended_err e; struct sockaddr_in a; }',
      's.e.ee_errno = 111; s.e.ee_origin = 2; s.e.ee_type = 3; s.e.ee_code = 4;',
      's.e.ee_info = 5; s.e.ee_data = 6;',
      's.a.sin_family = AF_INET; s.a.sin_addr.s_addr = htonl(0x7f000001); s.a.sin_port = htons(9);',
    );
    const said = { errno: 111, origin: 2, type: 3, code: 4, info: 5, data: 6 };
    const offender = { family: AF_INET, addr: Uint8Array.of(127, 0, 0, 1), port: 9 };
    assert.deepEqual(decodeExtendedError(bytes), { ...said, offender });
    assert.deepEqual(decodeExtendedError(bytes.subarray(0, 16)), { ...said, offender: null });
  });

  test('numbers', () => {
    assert.deepEqual(Buffer.from(encodeInt(-2)), fromC([], 'int', 's = -2;'));
    assert.equal(decodeInt(encodeInt(-2)), -2);
    assert.equal(decodeInt(Uint8Array.of(200)), 200);
    const segment = fromC(['stdint.h'], 'uint16_t', 's = 1472;');
    assert.deepEqual(Buffer.from(encodeSegmentSize(1472)), segment);
    assert.equal(decodeInt(segment), 1472);
  });
});

suite('what is too short or too large', () => {
  test('data that was cut is a RangeError that says how long it should be', () => {
    const decoders = [
      decodeCredentials,
      decodeExtendedError,
      decodeInt,
      decodePacketInfo,
      decodePacketInfo6,
      decodeTimestamping,
      decodeTimestampNs,
    ];
    for (const decode of decoders) {
      const expected = new RegExp(`^${decode.name}: data must have \\d+ bytes, not 3$`);
      assert.throws(() => decode(new Uint8Array(3)), { name: 'RangeError', message: expected });
    }
  });

  test('a value that does not fit is a RangeError that names it', () => {
    const wrong: readonly (readonly [() => unknown, RegExp])[] = [
      [() => encodeRights([-1]), /^encodeRights: a descriptor must be/],
      [() => encodeRights([1.5]), /^encodeRights: a descriptor must be/],
      [() => encodeCredentials({ pid: 1, uid: -1, gid: 0 }), /^encodeCredentials: uid must be/],
      [() => encodeCredentials({ pid: 1, uid: 0, gid: 2 ** 32 }), /^encodeCredentials: gid must/],
      [() => encodePacketInfo({ ifindex: 1, addr: new Uint8Array(5) }), /addr must have 4 or 16/],
      [() => encodePacketInfo({ ifindex: -1, addr: new Uint8Array(4) }), /ifindex must be/],
      [() => encodeInt(2 ** 31), /^encodeInt: value must be a 32-bit integer/],
      [() => encodeSegmentSize(65536), /^encodeSegmentSize: size must be an integer in 0..65535/],
    ];
    for (const [encode, message] of wrong) {
      assert.throws(encode, { name: 'RangeError', message });
    }
  });
});

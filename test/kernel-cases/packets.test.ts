import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  checksum,
  decodeIcmp,
  decodeIpv4,
  decodeTcp,
  decodeUdp,
  encodeIcmp,
  encodeIpv4,
  encodeTcp,
  encodeUdp,
  ICMP,
  sackRanges,
  TCP,
  tcpOptionNames,
  tcpOptions,
  timestampsOf,
  UDP,
} from './packets.ts';

const A = '10.0.0.1';
const B = '10.0.0.2';

test('the checksum of RFC 1071, section 3, and of an odd number of bytes', () => {
  const bytes = Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7);
  assert.equal(checksum(bytes), 0x220d);
  assert.equal(checksum(bytes.subarray(0, 4), bytes.subarray(4)), 0x220d);
  assert.equal(checksum(Uint8Array.of(0xff)), 0x00ff);
});

test('an IPv4 header, byte for byte', () => {
  const packet = { src: A, dst: B, protocol: UDP, payload: Uint8Array.of(7), id: 0x1234, df: true };
  const bytes = encodeIpv4(packet);
  assert.equal(Buffer.from(bytes).toString('hex'), '4500001512344000401114a20a0000010a00000207');
  assert.equal(checksum(bytes.subarray(0, 20)), 0);
  const { payload, ...rest } = decodeIpv4(bytes)!;
  assert.deepEqual([...payload], [7]);
  assert.deepEqual(rest, {
    src: A,
    dst: B,
    protocol: UDP,
    id: 0x1234,
    ttl: 64,
    df: true,
    mf: false,
    offset: 0,
    valid: true,
  });
});

function hex(bytes: Uint8Array, at: number): string {
  return Buffer.from(bytes.subarray(at, at + 2)).toString('hex');
}

test('fragments, damage, and what is not IPv4', () => {
  const payload = new Uint8Array(16);
  const bytes = encodeIpv4({ src: A, dst: B, protocol: UDP, payload, mf: true, offset: 24 });
  const { mf, offset } = decodeIpv4(bytes)!;
  assert.deepEqual([mf, offset], [true, 24]);
  bytes[8] = bytes[8]! - 1;
  assert.equal(decodeIpv4(bytes)!.valid, false);
  assert.throws(() => decodeIpv4(bytes.subarray(0, 30)), /IPv4: 36 bytes of 30/);
  assert.equal(decodeIpv4(Uint8Array.of(0x60, 0, 0, 0)), null);
  assert.equal(decodeIpv4(new Uint8Array(0)), null);
  assert.throws(
    () => encodeIpv4({ src: '10.0.0', dst: B, protocol: UDP, payload }),
    /no IPv4 address is 10\.0\.0/,
  );
});

test('a TCP segment: flags, numbers, options, data, and its checksum', () => {
  const options = tcpOptions({ mss: 1460, sack: true, wscale: 7 });
  const segment = { sport: 80, dport: 4000, seq: 4e9, ack: 5, flags: 'S.', window: 99, options };
  const payload = encodeTcp({ ...segment, payload: Buffer.from('hey') }, A, B);
  const packet = decodeIpv4(encodeIpv4({ src: A, dst: B, protocol: TCP, payload }))!;
  const tcp = decodeTcp(packet);
  assert.deepEqual(
    [tcp.sport, tcp.dport, tcp.seq, tcp.ack, tcp.flags, tcp.window, tcp.valid],
    [80, 4000, 4e9, 5, 'S.', 99, true],
  );
  assert.equal(Buffer.from(tcp.payload).toString(), 'hey');
  const names = tcpOptionNames(tcp).filter((name) => name !== 'NOP');
  assert.deepEqual(names, ['MSS=1460', 'SACKOK', 'WS=7']);
  packet.payload[4] = packet.payload[4]! ^ 1;
  assert.equal(decodeTcp(packet).valid, false);
  assert.throws(() => encodeTcp({ ...segment, flags: 'X' }, A, B), /no flag of TCP is written X/);
});

test('timestamps', () => {
  const options = tcpOptions({ timestamps: { value: 4e9, echo: 7 } });
  assert.deepEqual(timestampsOf({ options }), { value: 4e9, echo: 7 });
  assert.deepEqual(tcpOptionNames({ options }), ['NOP', 'NOP', 'TS']);
  assert.equal(timestampsOf({ options: tcpOptions({ mss: 1460 }) }), null);
});

test('SACK ranges, and options that end early or say too little', () => {
  const range = Uint8Array.of(1, 1, 5, 10, 0, 0, 0, 6, 0, 0, 0, 9);
  assert.deepEqual(sackRanges({ options: range }), [[6, 9]]);
  assert.deepEqual(tcpOptionNames({ options: range }), ['NOP', 'NOP', 'SACK(1)']);
  assert.deepEqual(sackRanges({ options: Uint8Array.of(0, 5, 10) }), []);
  assert.deepEqual(tcpOptionNames({ options: Uint8Array.of(99, 0, 1) }), ['option 99', 'NOP']);
});

test('UDP with and without a checksum, and ICMP', () => {
  const payload = Buffer.from('hello');
  const udp = encodeUdp({ sport: 1, dport: 65535, payload }, A, B);
  assert.notEqual(hex(udp, 6), '0000');
  assert.equal(hex(encodeUdp({ sport: 1, dport: 2, payload }), 6), '0000');
  const packet = decodeIpv4(encodeIpv4({ src: A, dst: B, protocol: UDP, payload: udp }))!;
  const { sport, dport, payload: data } = decodeUdp(packet);
  assert.deepEqual([sport, dport, Buffer.from(data).toString()], [1, 65535, 'hello']);
  const icmp = encodeIcmp({ type: 8, code: 0, rest: 0x12340001, payload });
  assert.equal(checksum(icmp), 0);
  const echo = decodeIcmp(
    decodeIpv4(encodeIpv4({ src: A, dst: B, protocol: ICMP, payload: icmp }))!,
  );
  assert.deepEqual([echo.type, echo.code, echo.rest], [8, 0, 0x12340001]);
});

/** struct tcp_info against C: each field is asked for where the header has it. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { askC, noCompiler, structFromC } from '../../test/c-program.ts';
import { decodeTcpInfo, type TcpInfo } from './tcp-info.ts';

const SIZE = 280;

/** In 6.1's header; the newer ones follow in the order that the last test has. */
const BIT_FIELDS = new Set([
  'tcpi_snd_wscale',
  'tcpi_rcv_wscale',
  'tcpi_delivery_rate_app_limited',
  'tcpi_fastopen_client_fail',
]);

const NEWER_THAN_HEADERS = [
  ['tcpi_rcv_wnd', 232, 4],
  ['tcpi_rehash', 236, 4],
  ['tcpi_total_rto', 240, 2],
  ['tcpi_total_rto_recoveries', 242, 2],
  ['tcpi_total_rto_time', 244, 4],
  ['tcpi_received_ce', 248, 4],
  ['tcpi_delivered_e1_bytes', 252, 4],
  ['tcpi_delivered_e0_bytes', 256, 4],
  ['tcpi_delivered_ce_bytes', 260, 4],
  ['tcpi_received_e1_bytes', 264, 4],
  ['tcpi_received_e0_bytes', 268, 4],
  ['tcpi_received_ce_bytes', 272, 4],
] as const;

/** Bytes of which every field of up to six bytes is another number. */
const pattern = Uint8Array.from({ length: SIZE }, (_, i) => (i * 7 + 1) & 0xff);
for (let at = 104; at < 216; at += 8) pattern.fill(0, at + 6, at + 8);

function integerAt(offset: number, size: number): number {
  const view = new DataView(pattern.buffer, offset, size);
  if (size === 8) return Number(view.getBigUint64(0, true));
  if (size === 4) return view.getUint32(0, true);
  return size === 2 ? view.getUint16(0, true) : view.getUint8(0);
}

suite('tcp_info', () => {
  const info = decodeTcpInfo(pattern);
  const names = Object.keys(info) as (keyof TcpInfo)[];
  const newer = new Map<string, readonly [number, number]>(
    NEWER_THAN_HEADERS.map(([name, offset, size]) => [name, [offset, size]]),
  );

  test(
    'every field of the header is there, and is read where C has it',
    { skip: noCompiler },
    () => {
      const plain = names.filter((name) => !BIT_FIELDS.has(name) && !newer.has(name));
      const found = askC(
        ['stddef.h', 'linux/tcp.h'],
        [
          ...plain.map(
            (name) =>
              `printf("${name} %zu %zu\\n", offsetof(struct tcp_info, ${name}), ` +
              `sizeof(((struct tcp_info *)0)->${name}));`,
          ),
          'printf("size %zu\\n", sizeof(struct tcp_info));',
        ],
      );
      for (const name of plain) {
        const [offset, size] = found.get(name)!.split(' ').map(Number);
        assert.equal(info[name], integerAt(offset!, size!), name);
      }
      // The fields leave no hole: what the header's struct has is what is read, and no more.
      const end = Number(found.get('size'));
      const cut = decodeTcpInfo(pattern.subarray(0, end));
      for (const name of plain) assert.notEqual(cut[name], undefined, name);
    },
  );

  test('the fields of bits', { skip: noCompiler }, () => {
    const bytes = structFromC(
      ['linux/tcp.h'],
      'struct tcp_info',
      's.tcpi_snd_wscale = 7; s.tcpi_rcv_wscale = 9;',
      's.tcpi_delivery_rate_app_limited = 1; s.tcpi_fastopen_client_fail = 2;',
    );
    const bits = decodeTcpInfo(bytes);
    assert.equal(bits.tcpi_snd_wscale, 7);
    assert.equal(bits.tcpi_rcv_wscale, 9);
    assert.equal(bits.tcpi_delivery_rate_app_limited, 1);
    assert.equal(bits.tcpi_fastopen_client_fail, 2);
  });

  test('the newer fields follow one after the other', () => {
    let end = 232;
    for (const [name, offset, size] of NEWER_THAN_HEADERS) {
      assert.equal(offset, end, name);
      assert.equal(info[name], integerAt(offset, size), name);
      end += size;
    }
  });

  test('of a shorter struct the rest is undefined', () => {
    const old = decodeTcpInfo(pattern.subarray(0, 106));
    const { tcpi_total_retrans, tcpi_pacing_rate, tcpi_received_ce_bytes } = old;
    assert.equal(tcpi_total_retrans, integerAt(100, 4));
    assert.equal(tcpi_pacing_rate, undefined);
    assert.equal(tcpi_received_ce_bytes, undefined);
    assert.equal(decodeTcpInfo(pattern.subarray(0, 242)).tcpi_total_rto_recoveries, undefined);
    const message = 'decodeTcpInfo: data must have 104 bytes, not 103';
    assert.throws(() => decodeTcpInfo(pattern.subarray(0, 103)), { name: 'RangeError', message });
  });

  test('rates without limit are Infinity', () => {
    const unlimited = decodeTcpInfo(new Uint8Array(SIZE).fill(0xff));
    assert.equal(unlimited.tcpi_pacing_rate, Infinity);
    assert.equal(unlimited.tcpi_max_pacing_rate, Infinity);
    assert.equal(unlimited.tcpi_min_rtt, 0xffffffff);
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askC, noCompiler } from '../../test/c-program.ts';
import { htonl, htons, ntohl, ntohs } from './byte-order.ts';

test('network order and back', () => {
  assert.equal(htons(0x0003), 0x0300);
  assert.equal(htons(0x88cc), 0xcc88);
  assert.equal(htonl(0x7f000001), 0x0100007f);
  assert.equal(htonl(0x000000ff), 0xff000000);
  for (const value of [0, 1, 0xff, 0x100, 0x1234, 0xffff]) assert.equal(ntohs(htons(value)), value);
  for (const value of [0, 1, 0x80000000, 0x12345678, 0xffffffff]) {
    assert.equal(ntohl(htonl(value)), value);
  }
});

test('as C does it', { skip: noCompiler }, () => {
  const values = [0, 1, 0x1234, 0xff00, 0xffff, 0x80000000, 0x12345678, 0xffffffff];
  const answers = askC(
    ['arpa/inet.h'],
    values.map(
      (value) => `printf("${value} %u %u\\n", htons(${value} & 0xffff), htonl(${value}u));`,
    ),
  );
  for (const value of values) {
    assert.equal(answers.get(String(value)), `${htons(value & 0xffff)} ${htonl(value)}`);
  }
});

test('a number that does not fit', () => {
  for (const value of [-1, 0x10000, 1.5, Number.NaN]) {
    assert.throws(() => htons(value), { name: 'RangeError', message: /htons: .* 0\.\.65535/ });
  }
  for (const value of [-1, 2 ** 32, 0.5]) {
    assert.throws(() => htonl(value), { name: 'RangeError', message: /htonl/ });
  }
});

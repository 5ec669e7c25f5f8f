import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { askC, noCompiler } from '../../test/c-program.ts';
import {
  CMSG_HEADER_SIZE,
  type ControlMessage,
  controlSpace,
  decodeControlMessages,
  encodeControlMessages,
} from './control-message.ts';
import { SCM_CREDENTIALS, SCM_RIGHTS, SOL_SOCKET } from './socket.ts';

const message = (level: number, type: number, ...data: number[]): ControlMessage => ({
  level,
  type,
  data: Uint8Array.from(data),
});

suite('control messages', () => {
  test('take up what C says', { skip: noCompiler }, () => {
    const sizes = [0, 1, 4, 7, 8, 9, 12, 16, 100, 1012];
    const body = sizes.map((size) => `printf("%d %zu\\n", ${size}, CMSG_SPACE(${size}));`);
    const found = askC(['sys/socket.h'], ['printf("len %zu\\n", CMSG_LEN(0));', ...body]);
    assert.equal(Number(found.get('len')), CMSG_HEADER_SIZE);
    for (const size of sizes) assert.equal(controlSpace(size), Number(found.get(String(size))));
  });

  test('are laid out as C does', { skip: noCompiler }, () => {
    const found = askC(
      ['sys/socket.h', 'string.h'],
      [
        'char b[256] = {0}; struct msghdr m = {.msg_control = b, .msg_controllen = sizeof b};',
        'struct cmsghdr *c = CMSG_FIRSTHDR(&m);',
        'c->cmsg_level = SOL_SOCKET; c->cmsg_type = SCM_RIGHTS; c->cmsg_len = CMSG_LEN(4);',
        'memset(CMSG_DATA(c), 7, 4); c = CMSG_NXTHDR(&m, c);',
        'c->cmsg_level = SOL_SOCKET; c->cmsg_type = SCM_CREDENTIALS; c->cmsg_len = CMSG_LEN(12);',
        'memset(CMSG_DATA(c), 9, 12);',
        'printf("bytes ");',
        'for (int i = 0; i < CMSG_SPACE(4) + CMSG_SPACE(12); i++) printf("%02x", b[i]);',
        'printf("\\n");',
      ],
    );
    const encoded = encodeControlMessages([
      message(SOL_SOCKET, SCM_RIGHTS, 7, 7, 7, 7),
      message(SOL_SOCKET, SCM_CREDENTIALS, ...Array<number>(12).fill(9)),
    ]);
    assert.equal(Buffer.from(encoded).toString('hex'), found.get('bytes'));
  });

  test('come back as they were, from the middle of a buffer, and share no memory with it', () => {
    const messages = [message(1, 2), message(-1, 0x7fffffff, 1, 2, 3), message(0, 0, 255)];
    const encoded = encodeControlMessages(messages);
    const within = Buffer.concat([Buffer.alloc(5), encoded, Buffer.alloc(50, 0xff)]);
    const decoded = decodeControlMessages(within.subarray(5), encoded.length);
    within.fill(0);
    assert.deepEqual(decoded, messages);
    assert.deepEqual(decodeControlMessages(new Uint8Array(0)), []);
    assert.deepEqual(decodeControlMessages(new Uint8Array(15)), []);
  });

  test('the last one may lack its padding', () => {
    const encoded = encodeControlMessages([message(1, 1, 1, 2, 3, 4), message(1, 1, 5)]);
    const decoded = decodeControlMessages(encoded, encoded.length - 7);
    assert.deepEqual(decoded[1]?.data, Uint8Array.of(5));
  });

  test('lengths that no kernel writes are RangeErrors that say where', () => {
    for (const length of [0, 15, 25, 2 ** 31, 2 ** 32 - 1]) {
      const bytes = encodeControlMessages([message(1, 1), message(1, 1)]);
      new DataView(bytes.buffer).setUint32(16, length, true);
      const wrong = {
        name: 'RangeError',
        message: /cmsg_len of the message at 16 must be in 16\.\.16/,
      };
      assert.throws(() => decodeControlMessages(bytes), wrong);
    }
  });

  test('what is no message is a TypeError', () => {
    const wrong: readonly (readonly [unknown, RegExp])[] = [
      [{ level: 1, type: 1, data: 'abc' }, /data of a message must be a Uint8Array/],
      [{ level: 1.5, type: 1, data: new Uint8Array(1) }, /level of a message must be a 32-bit/],
      [{ level: 1, type: 2 ** 31, data: new Uint8Array(1) }, /type of a message must be a 32-bit/],
    ];
    for (const [value, text] of wrong) {
      const expected = { name: 'TypeError', message: text };
      assert.throws(() => encodeControlMessages([value as ControlMessage]), expected);
    }
    for (const other of [5, null, {}, 'abc'] as unknown as never[]) {
      assert.throws(() => encodeControlMessages(other), {
        name: 'TypeError',
        message: 'encodeControlMessages: messages must be an array',
      });
      assert.throws(() => decodeControlMessages(other), {
        name: 'TypeError',
        message: 'decodeControlMessages: buf must be a Uint8Array',
      });
    }
  });

  test('random bytes: a RangeError at most, nothing read outside, and what is read can be written', () => {
    let seed = 12345;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      return (seed >>> 8) % below;
    };
    for (let round = 0; round < 20_000; round++) {
      const bytes = Uint8Array.from({ length: random(80) }, () => random(256));
      // Mostly lengths that may be right.
      for (let at = 0; at + 8 <= bytes.length; at += 8 * (1 + random(4))) {
        bytes.fill(0, at, at + 8);
        bytes[at] = random(50);
      }
      let decoded: ControlMessage[];
      try {
        decoded = decodeControlMessages(bytes, random(100));
      } catch (error) {
        assert.ok(error instanceof RangeError, String(error));
        continue;
      }
      assert.deepEqual(decodeControlMessages(encodeControlMessages(decoded)), decoded);
    }
  });
});

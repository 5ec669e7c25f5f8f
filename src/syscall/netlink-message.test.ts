import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { askC, noCompiler } from '../../test/c-program.ts';
import { Random, chosenSeed } from '../../test/native/random.ts';
import {
  NLA_HDRLEN,
  NLMSG_HDRLEN,
  type NetlinkMessage,
  attributeText,
  attributeUint32,
  decodeAttributes,
  decodeNetlinkDone,
  decodeNetlinkError,
  decodeNetlinkMessages,
  encodeAttributes,
  encodeNetlinkMessage,
  nestedAttribute,
  textAttribute,
  uint32Attribute,
} from './netlink-message.ts';
import * as netlink from './netlink.ts';

const { NLMSG_DONE, NLMSG_ERROR, NLM_F_ACK_TLVS, NLM_F_CAPPED, NLM_F_MULTI } = netlink;
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const joined = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
const plain = { nested: false, networkOrder: false } as const;

suite('messages', () => {
  const message: NetlinkMessage = {
    type: 0x0102,
    flags: 0x0304,
    seq: 0xfedcba98,
    pid: 0x89abcdef,
    payload: bytes(7),
  };

  test('as C lays them out', { skip: noCompiler }, () => {
    const answers = askC(
      ['string.h', 'linux/netlink.h'],
      [
        'struct { struct nlmsghdr h; unsigned char p; } m; memset(&m, 0, sizeof m);',
        'm.h.nlmsg_len = 17; m.h.nlmsg_type = 0x0102; m.h.nlmsg_flags = 0x0304;',
        'm.h.nlmsg_seq = 0xfedcba98; m.h.nlmsg_pid = 0x89abcdef; m.p = 7;',
        'printf("bytes "); for (int i = 0; i < 17; i++) printf("%02x", ((unsigned char *)&m)[i]);',
        'printf("\\nNLMSG_HDRLEN %d\\nNLA_HDRLEN %d\\n", (int)NLMSG_HDRLEN, (int)NLA_HDRLEN);',
      ],
    );
    assert.equal(Buffer.from(encodeNetlinkMessage(message)).toString('hex'), answers.get('bytes'));
    assert.equal(Number(answers.get('NLMSG_HDRLEN')), NLMSG_HDRLEN);
    assert.equal(Number(answers.get('NLA_HDRLEN')), NLA_HDRLEN);
  });

  test('one, and several with padding between them', () => {
    const one = encodeNetlinkMessage(message);
    assert.equal(one.length, 17);
    assert.deepEqual(decodeNetlinkMessages(one), [message]);
    const done = {
      type: NLMSG_DONE,
      flags: NLM_F_MULTI,
      seq: 1,
      pid: 2,
      payload: bytes(0, 0, 0, 0),
    };
    const both = joined(one, bytes(0, 0, 0), encodeNetlinkMessage(done));
    assert.deepEqual(decodeNetlinkMessages(both), [message, done]);
    // In a buffer with room, and with the padding after the last message or without it.
    const room = joined(both, new Uint8Array(100).fill(0xff));
    assert.deepEqual(decodeNetlinkMessages(room, both.length), [message, done]);
    assert.deepEqual(decodeNetlinkMessages(joined(one, bytes(0, 0, 0))), [message]);
    assert.deepEqual(decodeNetlinkMessages(room, 0), []);
  });

  test('what is left out is 0', () => {
    const [read] = decodeNetlinkMessages(encodeNetlinkMessage({ type: 3 }));
    assert.deepEqual(read, { type: 3, flags: 0, seq: 0, pid: 0, payload: bytes() });
  });

  test('a length that cannot be is a RangeError', () => {
    const one = encodeNetlinkMessage(message);
    for (const length of [1, 4, 15, 16]) {
      assert.throws(() => decodeNetlinkMessages(one, length), {
        name: 'RangeError',
        message: /nlmsg_len \d+ of the message at 0, where \d+ bytes are left/,
      });
    }
    for (const [size, at] of [
      [0, 0],
      [15, 0],
      [18, 0],
      [0xffffffff, 0],
    ] as const) {
      const wrong = one.slice();
      new DataView(wrong.buffer).setUint32(at, size, true);
      assert.throws(() => decodeNetlinkMessages(wrong), { name: 'RangeError' }, String(size));
    }
    const cut = joined(one, bytes(0, 0, 0), one.subarray(0, 8));
    assert.throws(() => decodeNetlinkMessages(cut), /message at 20, where 8 bytes/);
  });

  test('a field that does not fit is named', () => {
    const wrong: [Partial<NetlinkMessage>, RegExp][] = [
      [{ type: 65536 }, /type 65536/],
      [{ flags: -1 }, /flags -1/],
      [{ seq: 2 ** 32 }, /seq 4294967296/],
      [{ pid: 0.5 }, /pid 0.5/],
    ];
    for (const [fields, text] of wrong) {
      assert.throws(() => encodeNetlinkMessage({ ...message, ...fields }), {
        name: 'RangeError',
        message: text,
      });
    }
    const payload = 'text' as unknown as Uint8Array;
    assert.throws(() => encodeNetlinkMessage({ type: 1, payload }), /payload must be a Uint8Array/);
  });
});

suite('attributes', () => {
  const list = [
    { type: 1, data: bytes(), ...plain },
    { type: 0x3fff, data: bytes(1), nested: true, networkOrder: true },
    { type: 2, data: bytes(1, 2, 3, 4, 5), ...plain },
  ];
  // Three headers with their data, of which the second and the third are padded.
  const encoded = new Uint8Array(
    Buffer.from('04000100 0500ffff01000000 090002000102030405000000'.replaceAll(' ', ''), 'hex'),
  );

  test('there and back', () => {
    assert.deepEqual(encodeAttributes(list), encoded);
    assert.deepEqual(decodeAttributes(encoded), list);
    assert.deepEqual(decodeAttributes(encoded, 12), list.slice(2));
    // Without the padding of the last one, and with less than an attribute after it.
    assert.deepEqual(decodeAttributes(encoded.subarray(0, 21)), list);
    assert.deepEqual(decodeAttributes(joined(encoded, bytes(9, 9, 9))), list);
    assert.deepEqual(decodeAttributes(encoded, 1000), []);
  });

  test('nested, numbers, text', () => {
    const link = nestedAttribute(18, [textAttribute(1, 'veth'), uint32Attribute(4, 0xfffffffe)]);
    const [read] = decodeAttributes(encodeAttributes([link]));
    assert.equal(read?.nested, true);
    const inner = decodeAttributes(read!.data);
    assert.equal(attributeText(inner, 1), 'veth');
    assert.equal(attributeUint32(inner, 4), 0xfffffffe);
    assert.equal(attributeText(inner, 9), null);
    assert.equal(attributeUint32(inner, 9), null);
    assert.throws(() => attributeUint32(inner, 1), /attribute 1: a number of 5 bytes, not 4/);
    assert.equal(attributeText([{ type: 1, data: bytes(97, 98), ...plain }], 1), 'ab');
    assert.throws(() => textAttribute(1, 'a\0b'), /text contains a NUL/);
    assert.throws(() => uint32Attribute(1, -1), /nlattr: value -1/);
  });

  test('a length that cannot be is a RangeError', () => {
    for (const size of [0, 3, 9, 0xffff]) {
      const wrong = bytes(size & 255, size >> 8, 1, 0, 1, 2, 3, 4);
      assert.throws(() => decodeAttributes(wrong), {
        name: 'RangeError',
        message: /nla_len \d+ of the attribute at 0, where 8 bytes are left/,
      });
    }
  });

  test('what does not fit', () => {
    const large = { type: 1, data: new Uint8Array(65532) };
    assert.throws(() => encodeAttributes([large]), /data has 65532 bytes, at most 65531/);
    assert.throws(() => encodeAttributes([{ type: 0x4000, data: bytes() }]), /nlattr: type 16384/);
    const text = { type: 1, data: 'x' as unknown as Uint8Array };
    assert.throws(() => encodeAttributes([text]), /data must be a Uint8Array/);
    assert.equal(encodeAttributes([{ type: 1, data: new Uint8Array(65531) }]).length, 65536);
  });
});

suite('results', () => {
  const request = encodeNetlinkMessage({ type: 18, flags: 5, seq: 9, pid: 3, payload: bytes(1) });
  const int = (value: number): Uint8Array => new Uint8Array(Int32Array.of(value).buffer);
  const answer = (type: number, flags: number, payload: Uint8Array): NetlinkMessage => ({
    type,
    flags,
    seq: 9,
    pid: 3,
    payload,
  });
  const told = encodeAttributes([
    textAttribute(netlink.NLMSGERR_ATTR_MSG, 'No such thing'),
    uint32Attribute(netlink.NLMSGERR_ATTR_OFFS, 20),
    { type: netlink.NLMSGERR_ATTR_COOKIE, data: bytes(1, 2, 3) },
    uint32Attribute(netlink.NLMSGERR_ATTR_MISS_TYPE, 7),
    uint32Attribute(netlink.NLMSGERR_ATTR_MISS_NEST, 24),
  ]);
  const nothing = {
    message: null,
    offset: null,
    cookie: null,
    missingType: null,
    missingNest: null,
  };
  const everything = {
    message: 'No such thing',
    offset: 20,
    cookie: bytes(1, 2, 3),
    missingType: 7,
    missingNest: 24,
  };
  const header = { type: 18, flags: 5, seq: 9, pid: 3, length: 17 };

  test('an error with the whole request, and with its header only', () => {
    const whole = joined(int(-22), request, bytes(0, 0, 0));
    assert.deepEqual(decodeNetlinkError(answer(NLMSG_ERROR, 0, whole)), {
      errno: 22,
      ...nothing,
      request: header,
    });
    assert.deepEqual(decodeNetlinkError(answer(NLMSG_ERROR, NLM_F_ACK_TLVS, joined(whole, told))), {
      errno: 22,
      ...everything,
      request: header,
    });
    const flags = NLM_F_CAPPED | NLM_F_ACK_TLVS;
    const capped = joined(int(-19), request.subarray(0, 16), told);
    assert.deepEqual(decodeNetlinkError(answer(NLMSG_ERROR, flags, capped)), {
      errno: 19,
      ...everything,
      request: header,
    });
  });

  test('an acknowledgement', () => {
    const ack = answer(NLMSG_ERROR, NLM_F_CAPPED, joined(int(0), request.subarray(0, 16)));
    const { errno } = decodeNetlinkError(ack);
    assert.ok(Object.is(errno, 0));
  });

  test('the end of a dump', () => {
    assert.deepEqual(decodeNetlinkDone(answer(NLMSG_DONE, NLM_F_MULTI, int(0))), {
      errno: 0,
      ...nothing,
    });
    const failed = answer(NLMSG_DONE, NLM_F_MULTI | NLM_F_ACK_TLVS, joined(int(-4), told));
    assert.deepEqual(decodeNetlinkDone(failed), { errno: 4, ...everything });
    assert.equal(decodeNetlinkDone(answer(NLMSG_DONE, 0, bytes())).errno, 0);
  });

  test('of another type, or cut short', () => {
    assert.throws(() => decodeNetlinkError(answer(NLMSG_DONE, 0, int(0))), {
      name: 'TypeError',
      message: /type 3, not NLMSG_ERROR/,
    });
    assert.throws(() => decodeNetlinkDone(answer(NLMSG_ERROR, 0, int(0))), { name: 'TypeError' });
    assert.throws(() => decodeNetlinkError(answer(NLMSG_ERROR, 0, new Uint8Array(19))), {
      name: 'RangeError',
      message: /payload has 19 bytes/,
    });
    const noRoom = answer(NLMSG_ERROR, NLM_F_ACK_TLVS, joined(int(-1), request));
    assert.throws(() => decodeNetlinkError(noRoom), { name: 'RangeError' });
  });
});

/** Either what `decode` gives or the RangeError it threw; anything else is a failure. */
function decodedOrRange(decode: () => unknown): unknown {
  try {
    return decode();
  } catch (error) {
    assert.ok(error instanceof RangeError, String(error));
    return error.message;
  }
}

test('random bytes: a RangeError at most, nothing read outside, what is read can be written', () => {
  const seed = chosenSeed();
  const random = new Random(seed);
  const why = `NETFD_SEED=${seed}`;
  let read = 0;
  for (let round = 0; round < 20_000; round++) {
    const length = random.below(90);
    const content = Uint8Array.from({ length }, () => random.below(random.chance(0.5) ? 30 : 256));
    for (let at = 0; at + 16 <= length && random.chance(0.9); at += 20) {
      content.set([random.chance(0.8) ? 20 : random.below(90), 0, 0, 0, random.below(5), 0], at);
    }
    const results = [0x00, 0xff].map((filler) => {
      const memory = new Uint8Array(length + 64).fill(filler);
      const inside = memory.subarray(32, 32 + length);
      inside.set(content);
      const attributes = decodedOrRange(() => decodeAttributes(inside));
      const messages = decodedOrRange(() => decodeNetlinkMessages(inside));
      const ends = Array.isArray(messages) ? messages.map(resultOrRange) : [];
      return { attributes, messages, ends };
    });
    assert.deepEqual(results[0], results[1], why);
    const { attributes, messages } = results[0]!;
    if (Array.isArray(attributes)) {
      assert.deepEqual(decodeAttributes(encodeAttributes(attributes)), attributes, why);
    }
    if (!Array.isArray(messages)) continue;
    for (const message of messages as NetlinkMessage[]) {
      assert.deepEqual(decodeNetlinkMessages(encodeNetlinkMessage(message)), [message], why);
      read++;
    }
  }
  assert.ok(read > 1000, `only ${read} messages were read, ${why}`);
});

function resultOrRange(message: NetlinkMessage): unknown {
  if (message.type === NLMSG_ERROR) return decodedOrRange(() => decodeNetlinkError(message));
  if (message.type === NLMSG_DONE) return decodedOrRange(() => decodeNetlinkDone(message));
  return null;
}

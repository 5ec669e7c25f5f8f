/** Programs of classic BPF as C lays them out; what the kernel says of them is in src/sockopt. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { noCompiler, structFromC } from '../../test/c-program.ts';
import {
  BPF_ABS,
  BPF_B,
  BPF_JEQ,
  BPF_JMP,
  BPF_K,
  BPF_LD,
  BPF_MAXINSNS,
  BPF_RET,
  type BpfInstruction,
  bpfJump,
  bpfStatement,
  decodeBpfProgram,
  encodeBpfProgram,
  SKF_AD_OFF,
  SKF_AD_PROTOCOL,
} from './bpf.ts';

const program: readonly BpfInstruction[] = [
  bpfStatement(BPF_LD | BPF_B | BPF_ABS, SKF_AD_OFF + SKF_AD_PROTOCOL),
  bpfJump(BPF_JMP | BPF_JEQ | BPF_K, 0x41, 0, 1),
  bpfStatement(BPF_RET | BPF_K, 0xffffffff),
  bpfStatement(BPF_RET | BPF_K, 0),
];

test('a program has the bytes that C gives it', { skip: noCompiler }, () => {
  const bytes = structFromC(
    ['linux/filter.h'],
    'struct { struct sock_filter p[4]; }',
    's.p[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_B | BPF_ABS, SKF_AD_OFF + SKF_AD_PROTOCOL);',
    's.p[1] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x41, 0, 1);',
    's.p[2] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0xffffffff);',
    's.p[3] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0);',
  );
  assert.deepEqual(Buffer.from(encodeBpfProgram(program)), bytes);
});

test('what is decoded is what was encoded, with every k unsigned', () => {
  const decoded = decodeBpfProgram(encodeBpfProgram(program));
  assert.deepEqual(
    decoded,
    program.map((instruction) => ({ ...instruction, k: instruction.k >>> 0 })),
  );
  assert.deepEqual(decodeBpfProgram(new Uint8Array(0)), []);
});

suite('what is no program', () => {
  const wrong: readonly (readonly [readonly BpfInstruction[], RegExp])[] = [
    [[], /^a BPF program must be an array of 1 to 4096 instructions$/],
    [Array.from({ length: BPF_MAXINSNS + 1 }, () => bpfStatement(BPF_RET, 0)), /of 1 to 4096/],
    ['ret' as never, /must be an array/],
    [[null as never], /^instruction 0 of a BPF program: code must be an integer in 0..65535$/],
    [[bpfStatement(0x10000, 0)], /code must be an integer in 0..65535$/],
    [[program[0]!, bpfJump(0, 0, 256, 0)], /^instruction 1 .* jt must be an integer in 0..255$/],
    [[bpfJump(0, 0, 0, -1)], /jf must be an integer/],
    [[bpfStatement(0, 2 ** 32)], /k must be an integer in -2147483648..4294967295$/],
  ];
  for (const [instructions, message] of wrong) {
    test(String(message), () => {
      assert.throws(() => encodeBpfProgram(instructions), { name: 'RangeError', message });
    });
  }

  test('bytes that are cut', () => {
    const message = 'a BPF program must have 8 bytes an instruction, not 12 in all';
    assert.throws(() => decodeBpfProgram(new Uint8Array(12)), { name: 'RangeError', message });
  });

  test('the longest is taken', () => {
    const longest = Array.from({ length: BPF_MAXINSNS }, () => bpfStatement(BPF_RET, 0));
    assert.equal(encodeBpfProgram(longest).length, 8 * BPF_MAXINSNS);
  });
});

/**
 * Classic BPF: the programs that SO_ATTACH_FILTER and SO_ATTACH_REUSEPORT_CBPF run on each packet.
 *
 * A program looks at the packet through an accumulator, an index register and 16 words of memory, and
 * returns how many bytes of the packet are kept (0 drops it), or the number of the socket in its group.
 * Only the vocabulary and the bytes are here; whether a program is valid, the kernel says (EINVAL).
 * Source: <linux/bpf_common.h>, <linux/filter.h>, Documentation/networking/filter.rst.
 */

// Classes of instruction, the low three bits of a code: <linux/bpf_common.h>.
export const BPF_LD = 0x00;
export const BPF_LDX = 0x01;
export const BPF_ST = 0x02;
export const BPF_STX = 0x03;
export const BPF_ALU = 0x04;
export const BPF_JMP = 0x05;
export const BPF_RET = 0x06;
export const BPF_MISC = 0x07;

// How much is loaded: a word of 32 bits, a half, a byte: <linux/bpf_common.h>.
export const BPF_W = 0x00;
export const BPF_H = 0x08;
export const BPF_B = 0x10;

// From where it is loaded: <linux/bpf_common.h>.
export const BPF_IMM = 0x00;
export const BPF_ABS = 0x20;
export const BPF_IND = 0x40;
export const BPF_MEM = 0x60;
export const BPF_LEN = 0x80;
export const BPF_MSH = 0xa0;

// What BPF_ALU computes: <linux/bpf_common.h>.
export const BPF_ADD = 0x00;
export const BPF_SUB = 0x10;
export const BPF_MUL = 0x20;
export const BPF_DIV = 0x30;
export const BPF_OR = 0x40;
export const BPF_AND = 0x50;
export const BPF_LSH = 0x60;
export const BPF_RSH = 0x70;
export const BPF_NEG = 0x80;
export const BPF_MOD = 0x90;
export const BPF_XOR = 0xa0;

// When BPF_JMP jumps: <linux/bpf_common.h>.
export const BPF_JA = 0x00;
export const BPF_JEQ = 0x10;
export const BPF_JGT = 0x20;
export const BPF_JGE = 0x30;
export const BPF_JSET = 0x40;

// The other operand, or what BPF_RET returns: k, the index register, the accumulator: <linux/filter.h>.
export const BPF_K = 0x00;
export const BPF_X = 0x08;
export const BPF_A = 0x10;

// What BPF_MISC copies: A to X, X to A: <linux/filter.h>.
export const BPF_TAX = 0x00;
export const BPF_TXA = 0x80;

/** The most instructions of a program: <linux/bpf_common.h>. */
export const BPF_MAXINSNS = 4096;
/** The words of memory: <linux/filter.h>. */
export const BPF_MEMWORDS = 16;

// Offsets below 0 are not in the packet; SKF_AD_OFF + SKF_AD_… is what the kernel knows of it, SKF_NET_OFF
// + n a byte of its network header, SKF_LL_OFF + n one of its link header: <linux/filter.h>.
export const SKF_AD_OFF = -0x1000;
export const SKF_AD_PROTOCOL = 0;
export const SKF_AD_PKTTYPE = 4;
export const SKF_AD_IFINDEX = 8;
export const SKF_AD_NLATTR = 12;
export const SKF_AD_NLATTR_NEST = 16;
export const SKF_AD_MARK = 20;
export const SKF_AD_QUEUE = 24;
export const SKF_AD_HATYPE = 28;
export const SKF_AD_RXHASH = 32;
export const SKF_AD_CPU = 36;
export const SKF_AD_ALU_XOR_X = 40;
export const SKF_AD_VLAN_TAG = 44;
export const SKF_AD_VLAN_TAG_PRESENT = 48;
export const SKF_AD_PAY_OFFSET = 52;
export const SKF_AD_RANDOM = 56;
export const SKF_AD_VLAN_TPID = 60;
export const SKF_AD_MAX = 64;
export const SKF_NET_OFF = -0x100000;
export const SKF_LL_OFF = -0x200000;

/** struct sock_filter: one instruction. */
export interface BpfInstruction {
  /** What it does: a class, or'ed with what the class asks for. 16 bits. */
  readonly code: number;
  /** How many instructions are skipped if the condition holds, 0 to 255. */
  readonly jt: number;
  /** And if it does not. */
  readonly jf: number;
  /** The operand: 32 bits, given with or without sign. */
  readonly k: number;
}

const INSTRUCTION_SIZE = 8;

/** An instruction that does not jump: BPF_STMT of C. */
export function bpfStatement(code: number, k: number): BpfInstruction {
  return { code, jt: 0, jf: 0, k };
}

/** An instruction that jumps, with the arguments in the order of C's BPF_JUMP. */
export function bpfJump(code: number, k: number, jt: number, jf: number): BpfInstruction {
  return { code, jt, jf, k };
}

/** The program as the kernel holds it, 8 bytes an instruction. TypeError or RangeError that says which. */
export function encodeBpfProgram(program: readonly BpfInstruction[]): Uint8Array {
  if (!Array.isArray(program) || program.length === 0 || program.length > BPF_MAXINSNS) {
    throw new RangeError(`a BPF program must be an array of 1 to ${BPF_MAXINSNS} instructions`);
  }
  const bytes = new Uint8Array(INSTRUCTION_SIZE * program.length);
  const view = new DataView(bytes.buffer);
  for (const [i, instruction] of program.entries()) {
    const { code, jt, jf, k } = (instruction ?? {}) as BpfInstruction;
    const at = INSTRUCTION_SIZE * i;
    view.setUint16(at, field(i, 'code', code, 0, 0xffff), true);
    view.setUint8(at + 2, field(i, 'jt', jt, 0, 0xff));
    view.setUint8(at + 3, field(i, 'jf', jf, 0, 0xff));
    view.setUint32(at + 4, field(i, 'k', k, -0x80000000, 0xffffffff), true);
  }
  return bytes;
}

/** The instructions in `bytes`; each `k` without sign. RangeError if the last one is cut. */
export function decodeBpfProgram(bytes: Uint8Array): BpfInstruction[] {
  if (bytes.length % INSTRUCTION_SIZE !== 0) {
    throw new RangeError(
      `a BPF program must have 8 bytes an instruction, not ${bytes.length} in all`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / INSTRUCTION_SIZE }, (_, i) => ({
    code: view.getUint16(INSTRUCTION_SIZE * i, true),
    jt: view.getUint8(INSTRUCTION_SIZE * i + 2),
    jf: view.getUint8(INSTRUCTION_SIZE * i + 3),
    k: view.getUint32(INSTRUCTION_SIZE * i + 4, true),
  }));
}

function field(index: number, name: string, value: number, min: number, max: number): number {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(
      `instruction ${index} of a BPF program: ${name} must be an integer in ${min}..${max}`,
    );
  }
  return value;
}

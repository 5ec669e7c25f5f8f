/**
 * From a command line to a command and its arguments, or to a UsageError that says in one line what is
 * wrong with it. node:util's parseArgs takes it apart; what it may contain is in usage.ts.
 */
import { parseArgs } from 'node:util';
import { type Arguments, type Command, COMMANDS, type OptionKind } from './usage.ts';

/** A command line that asks for nothing that there is. */
export class UsageError extends Error {
  /** Which help to look at: "netfd serve --help". */
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

/** What is asked for. */
export type Request =
  | { readonly kind: 'help'; readonly command: Command | null }
  | { readonly kind: 'version' }
  | { readonly kind: 'run'; readonly command: Command; readonly args: Arguments };

/** Takes a command line apart, without the name of the program. */
export function parseCommandLine(argv: readonly string[]): Request {
  const [first, ...rest] = argv;
  if (first === undefined) throw new UsageError('netfd: no command', 'netfd --help');
  if (first.startsWith('-')) return parseGlobal(argv);
  const command = Object.hasOwn(COMMANDS, first) ? COMMANDS[first] : undefined;
  if (command === undefined) {
    throw new UsageError(`netfd: unknown command ${quote(first)}`, 'netfd --help');
  }
  const name = `netfd ${first}`;
  if (command.raw === true) {
    if (rest[0] === '--help' || rest[0] === '-h') return { kind: 'help', command };
    return { kind: 'run', command, args: { flags: new Set(), values: new Map(), operands: rest } };
  }
  const args = parse(name, rest, { ...command.options, help: 'boolean' });
  if (args.flags.has('help')) return { kind: 'help', command };
  const { length } = args.operands;
  if (!command.operands.includes(length)) {
    const what = length > Math.max(...command.operands) ? 'too many operands' : 'operands missing';
    throw new UsageError(`${name}: ${what}`, `${name} --help`);
  }
  return { kind: 'run', command, args };
}

function parseGlobal(argv: readonly string[]): Request {
  const { flags, operands } = parse('netfd', argv, { help: 'boolean', version: 'boolean' });
  if (flags.has('help')) return { kind: 'help', command: null };
  if (flags.has('version')) return { kind: 'version' };
  const what = operands.length > 0 ? 'an option before the command' : 'no command';
  throw new UsageError(`netfd: ${what}`, 'netfd --help');
}

function parse(
  name: string,
  argv: readonly string[],
  kinds: Readonly<Record<string, OptionKind>>,
): Arguments {
  const options = Object.fromEntries(
    Object.entries(kinds).map(([option, type]) =>
      option === 'help' ? [option, { type, short: 'h' }] : [option, { type }],
    ),
  );
  const { tokens } = parseArgs({ args: [...argv], options, strict: false, tokens: true });
  const flags = new Set<string>();
  const values = new Map<string, string>();
  const operands: string[] = [];
  const fail = (what: string): never => {
    throw new UsageError(`${name}: ${what}`, `${name} --help`);
  };
  for (const token of tokens) {
    if (token.kind === 'positional') operands.push(token.value);
    if (token.kind !== 'option') continue;
    const { rawName, value } = token;
    const kind = Object.hasOwn(kinds, token.name) ? kinds[token.name] : undefined;
    if (kind === undefined) return fail(`unknown option ${quote(rawName)}`);
    if (kind === 'string' && value === undefined) return fail(`${rawName} needs a value`);
    if (kind === 'boolean' && value !== undefined) return fail(`${rawName} takes no value`);
    if (value === undefined) flags.add(token.name);
    else values.set(token.name, value);
  }
  return { flags, values, operands };
}

/** In quotes, and in one line. */
function quote(text: string): string {
  return JSON.stringify(text);
}

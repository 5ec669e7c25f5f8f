/**
 * netfd trace: runs a program with its system calls shown, as strace does. The program is a process of its own, on
 * the same Node, with the same standard streams; what shows its calls is loaded before it (trace-register.ts) and finds
 * the options in NETFD_TRACE.
 *
 * Signals that come to this process are passed on, and it ends as the program does: with its status, or by
 * its signal.
 */
import { spawn } from 'node:child_process';
import { closeSync, openSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { extname } from 'node:path';
import { faulty } from '../kernel/faulty.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { refuseRing, traceVariable } from '../node/trace-settings.ts';
import { readTraceOptions, type TraceArguments } from '../trace/options.ts';
import { UsageError } from './arguments.ts';
import type { Arguments } from './usage.ts';

const NAME = 'netfd trace';

const PASSED_ON = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP', 'SIGUSR2'] as const;

/** Those that a terminal sends to the program by itself. */
const FROM_TERMINAL: ReadonlySet<string> = new Set(['SIGINT', 'SIGQUIT']);

const TYPESCRIPT: ReadonlySet<string> = new Set(['.ts', '.mts', '.cts']);

const STRIP = '--experimental-strip-types';

function wrong(message: string): UsageError {
  return new UsageError(`${NAME}: ${message}`, `${NAME} --help`);
}

/** Options, program and arguments. UsageError for what is wrong with the options. */
function read(words: readonly string[]): TraceArguments {
  try {
    const all = readTraceOptions(words);
    refuseRing(all.settings);
    // Only to see whether the rules are rules; no call is made.
    faulty({} as Kernel, all.settings.inject);
    return all;
  } catch (error) {
    if (error instanceof TypeError) throw wrong(error.message.replace(/^trace: /, ''));
    throw error;
  }
}

/** What Node is to be told so that it runs `program`. Error if this Node cannot. */
function flagsFor(program: string): readonly string[] {
  const loaders = /--(import|require|loader|experimental-loader)\b|-r\b/;
  if (!TYPESCRIPT.has(extname(program))) return [];
  const { features, version } = process as { features: { typescript?: unknown }; version: string };
  if (typeof features.typescript === 'string') return [];
  if (process.allowedNodeEnvironmentFlags.has(STRIP)) return [STRIP];
  // Somebody else's loader may do it.
  if (loaders.test([...process.execArgv, process.env['NODE_OPTIONS']].join(' '))) return [];
  throw new Error(
    `${NAME}: ${program}: Node ${version} does not run TypeScript: it takes 22.6 or later, ` +
      'or a loader in NODE_OPTIONS, or the compiled program',
  );
}

/** The file of -o, made here so that what is wrong with it is told before anything runs. */
function makeOutput(path: string | null): void {
  if (path === null) return;
  try {
    closeSync(openSync(path, 'w'));
  } catch (error) {
    throw new Error(`${NAME}: option -o: ${(error as Error).message}`, { cause: error });
  }
}

function requireProgram(program: string | undefined): string {
  if (program === undefined) throw wrong('no program');
  if (statSync(program, { throwIfNoEntry: false }) === undefined) {
    throw new Error(`${NAME}: ${program}: no such file`);
  }
  return program;
}

/** Runs the program to its end; gives its status. */
export async function trace({ operands }: Arguments): Promise<number> {
  const { settings, rest } = read(operands);
  const [first, ...args] = rest;
  const program = requireProgram(first);
  const flags = flagsFor(program);
  makeOutput(settings.output);
  const register = new URL('../node/trace-register.js', import.meta.url);
  const options = operands.slice(0, operands.length - rest.length);
  const { NETFD_TRACE_OF: _of, ...env } = process.env;
  const child = spawn(
    process.execPath,
    [...process.execArgv, ...flags, '--import', register.href, program, ...args],
    { stdio: 'inherit', env: { ...env, NETFD_TRACE: traceVariable(options) } },
  );
  const { stdin, stdout, stderr } = process;
  const atTerminal = stdin.isTTY || stdout.isTTY || stderr.isTTY;
  const passOn = (signal: NodeJS.Signals): void => {
    if (!atTerminal || !FROM_TERMINAL.has(signal)) child.kill(signal);
  };
  for (const signal of PASSED_ON) process.on(signal, passOn);
  const [status, signal] = await new Promise<[number | null, NodeJS.Signals | null]>(
    (resolve, reject) => {
      child.on('error', reject);
      child.on('close', (...end) => resolve(end));
    },
  );
  for (const name of PASSED_ON) process.off(name, passOn);
  if (signal === null) return status ?? 1;
  process.kill(process.pid, signal);
  // Only if this process does not end by it.
  return 128 + constants.signals[signal];
}

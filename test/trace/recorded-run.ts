/**
 * A run of listenAndServe with one request, recorded: the lines for docs/what-happens-when-you-listen.md, by stages.
 *
 * What differs from run to run is made the same: descriptors count from 3 in the order in which they appear, ports are
 * 8080 and 50000, the Date is one day, somaxconn is 4096.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { listenAndServe } from '../../src/http/server/listen-and-serve.ts';
import type { Server } from '../../src/http/server/server.ts';
import { linux } from '../../src/index.ts';
import { Stack } from '../../src/net/stack.ts';
import { type Call, keptCall } from '../../src/trace/call.ts';
import { explanationsOf } from '../../src/trace/explanations.ts';
import { History } from '../../src/trace/history.ts';
import { plainStyle } from '../../src/trace/style.ts';
import { DEFAULT_COLUMN } from '../../src/trace/settings.ts';
import { lineOf } from '../../src/trace/text.ts';
import { traced } from '../../src/trace/traced.ts';

/** Of the names of stages the lines, with the explanations under them. */
export type Recording = ReadonlyMap<string, readonly string[]>;

/** The calls with which a stage begins, while the server is being set up. */
const BEGINNINGS: readonly (readonly [string, string])[] = [
  ['IPPROTO_IP)', 'socket'],
  ['openat(', 'somaxconn'],
  ['SO_REUSEADDR', 'bind'],
  ['TCP_NODELAY', 'inherited'],
  ['listen(', 'listen'],
  ['epoll_create1(', 'poll'],
];

class Recorder {
  readonly stages: Map<string, string[]> = new Map();
  readonly #history: History = new History();
  readonly #style = { ...plainStyle(linux.kernel), strings: 160 };
  readonly #awaited: { text: string; met: () => void }[] = [];
  readonly #names: Map<number, number> = new Map();
  #stage = 'probe';

  begin(stage: string): void {
    this.#stage = stage;
  }

  /** Fulfilled when a line that has this is recorded in the present stage. */
  line(text: string): Promise<void> {
    return new Promise((met) => this.#awaited.push({ text, met }));
  }

  call(call: Call): void {
    const line = lineOf(this.#renamed(call), this.#style);
    const beginning = this.#stage === 'done' ? undefined : this.#beginningOf(line);
    if (beginning !== undefined) this.#stage = beginning;
    const lines = this.stages.get(this.#stage) ?? [];
    this.stages.set(this.#stage, lines);
    lines.push(line);
    for (const { text } of explanationsOf(call, this.#history)) lines.push(`    # ${text}`);
    this.#style.note(call);
    this.#history.note(call);
    for (const each of this.#awaited.filter(({ text }) => line.includes(text))) {
      this.#awaited.splice(this.#awaited.indexOf(each), 1);
      each.met();
    }
  }

  #beginningOf(line: string): string | undefined {
    return BEGINNINGS.find(([text, stage]) => line.includes(text) && !this.stages.has(stage))?.[1];
  }

  /** The number of a descriptor in the document. */
  #name(fd: number): number {
    const known = this.#names.get(fd);
    if (known !== undefined) return known;
    const name = 3 + this.#names.size;
    this.#names.set(fd, name);
    return name;
  }

  /** The same call, with descriptors by their names. */
  #renamed(call: Call): Call {
    const copy = keptCall(call);
    const args = [...copy.args];
    const { name, result } = call;
    if (name === 'socket' || name === 'openat' || name === 'poll') {
      if (name === 'poll') this.#renameWord(args[0] as Int32Array, 0);
    } else if (name === 'epoll_create1') args[0] = call.args[0];
    else args[0] = this.#name(args[0] as number);
    if (name === 'epoll_ctl') {
      args[2] = this.#name(args[2] as number);
      if (args[3] instanceof Uint32Array) this.#renameWord(args[3], 1);
    }
    if (name === 'epoll_wait') {
      for (let i = 0; i < result; i += 1) this.#renameWord(args[1] as Uint32Array, 3 * i + 1);
    }
    const makes = ['socket', 'openat', 'epoll_create1', 'accept4'].includes(name) && result >= 0;
    return { ...copy, args, result: makes ? this.#name(result) : result };
  }

  #renameWord(words: Uint32Array | Int32Array, at: number): void {
    words[at] = this.#name(words[at]!);
  }
}

/** A line in which nothing differs from run to run. */
function normalised(line: string, port: number): string {
  if (line.startsWith(' ')) return line;
  const text = line
    .replaceAll(`htons(${port})`, 'htons(8080)')
    .replaceAll(/htons\((?!0\)|8080\))\d+\)/g, 'htons(50000)')
    .replaceAll(/Date: [^\\]*/g, 'Date: Thu, 01 Jan 2026 00:00:00 GMT')
    .replaceAll(/0x7f[0-9a-f]{10}/g, '0x7f…')
    .replace(/u64=\d+/, 'u64=…')
    .replace(/^(?<head>read\(\d+, ")\d+(?<rest>\\n".*)= \d+$/, '$<head>4096$<rest>= 5')
    .replace(/^(?<head>listen\(\d+, )\d+/, '$<head>4096');
  const [, call = text, result = ''] = /^(.*?) += (-?\d.*)$/s.exec(text) ?? [];
  return `${`${call} `.padEnd(DEFAULT_COLUMN)}= ${result}`;
}

/** Serves one request of a client of node:net, and shuts down. */
export async function recordedRun(): Promise<Recording> {
  const recorder = new Recorder();
  const system = { ...linux, kernel: traced(linux.kernel, recorder) };
  let port = 0;
  let server: Server | null = null;
  const tried = recorder.line('accept4(');
  const served = listenAndServe(
    new Stack(system),
    ':0',
    async (w) => {
      w.header().set('Content-Type', 'text/plain');
      await w.write('Hello.\n');
    },
    {
      onListen(listener, made) {
        port = Number(String(listener.addr).split(':').at(-1));
        server = made;
        recorder.begin('first accept');
      },
    },
  );
  await tried;
  recorder.begin('accept');
  const registered = recorder.line('[{events=EPOLLOUT,');
  const client = connect(port, '127.0.0.1');
  await registered;
  recorder.begin('request');
  client.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await once(client, 'data');
  recorder.begin('close');
  const ended = recorder.line('close(');
  client.end();
  await ended;
  recorder.begin('shutdown');
  await server!.shutdown();
  await served;
  const entries = [...recorder.stages].map(
    ([stage, lines]) => [stage, lines.map((line) => normalised(line, port))] as const,
  );
  return new Map(entries);
}

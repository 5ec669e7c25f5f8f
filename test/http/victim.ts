/** A server in a process of its own under attack, what it costs, and good clients that want to be served. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dial, type TCPConn } from '../../src/index.ts';
import type { ServerOptions } from '../../src/http/server/server-options.ts';
import { type Outcome, Program } from '../net/programs/program.ts';
import { RawClient } from './raw-client.ts';

const MIB = 1024 * 1024;

/** What a server has in memory, in bytes, without what is garbage. */
export interface Report {
  readonly heapUsed: number;
  readonly external: number;
  readonly connections: number;
  readonly log: readonly string[];
}

const GET = 'GET /hello HTTP/1.1\r\nHost: x\r\n\r\n';

export class Victim implements AsyncDisposable {
  readonly port: number;
  /** What it had logged by the last report. */
  log: readonly string[] = [];
  readonly #program: Program;
  readonly #pid: number;
  #ended = false;
  #calm: Report;
  #descriptors: number;

  private constructor(program: Program, pid: number, port: number, calm: Report) {
    this.#program = program;
    this.#pid = pid;
    this.port = port;
    this.#calm = calm;
    this.#descriptors = 0;
  }

  /** Starts it, and lets it warm up: what it has then is what it has again at the end. */
  static async start(options: ServerOptions = {}): Promise<Victim> {
    const program = new Program('../../http/hostile-server', [JSON.stringify(options)], {
      node: ['--expose-gc'],
      limit: 600_000,
    });
    const port = await program.next<number>();
    const victim = new Victim(program, program.pid, port, {} as Report);
    for (let i = 0; i < 50; i++) await victim.ask();
    victim.#calm = await victim.report();
    victim.#descriptors = victim.descriptors;
    return victim;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  connect(): Promise<TCPConn> {
    return dial('tcp', this.address);
  }

  async client(): Promise<RawClient> {
    return new RawClient(await this.connect());
  }

  /** A good client: one request, which has to be answered. */
  async ask(): Promise<void> {
    const client = await this.client();
    try {
      await client.send(GET);
      const text = await client.until((received) => received.endsWith('hello'));
      assert.match(text, /^HTTP\/1\.1 200 OK\r\n/);
    } finally {
      client.close();
    }
  }

  /** What `text` on a connection of its own is answered with, to the end. */
  async answer(text: string): Promise<string> {
    const client = await this.client();
    await client.send(text);
    const answer = await client.rest();
    client.close();
    return answer;
  }

  async report(): Promise<Report> {
    this.#program.tell('report');
    const report = await this.#program.next<Report>();
    this.log = report.log;
    return report;
  }

  /** Descriptors that it may have from now on. False if that cannot be said here. */
  limitDescriptors(count: number): boolean {
    const args = ['--pid', String(this.#pid), `--nofile=${count}:`];
    return spawnSync('prlimit', args).status === 0;
  }

  /** All of its memory, as the kernel sees it. */
  get resident(): number {
    const status = readFileSync(`/proc/${this.#pid}/status`, 'latin1');
    return 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]);
  }

  get descriptors(): number {
    return readdirSync(`/proc/${this.#pid}/fd`).length;
  }

  /** Milliseconds of CPU time that it has used. */
  get cpu(): number {
    const stat = readFileSync(`/proc/${this.#pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return 10 * (Number(fields[11]) + Number(fields[12]));
  }

  /** Memory beyond that of a calm server, without garbage. */
  async extra(): Promise<number> {
    const now = await this.report();
    const total = ({ heapUsed, external }: Report): number => heapUsed + external;
    return total(now) - total(this.#calm);
  }

  /** Until nothing is left of the attack: no connection, no descriptor, no memory to speak of. */
  async recovered(): Promise<void> {
    while ((await this.report()).connections > 0 || this.descriptors > this.#descriptors) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await this.ask();
    const extra = await this.extra();
    assert.ok(extra < 4 * MIB, `${extra} bytes are left`);
  }

  async end(): Promise<Outcome> {
    if (!this.#ended) this.#program.endInput();
    this.#ended = true;
    return this.#program.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { status, stderr } = await this.end();
    assert.equal(status, 0, stderr);
    assert.equal(stderr, '');
  }
}

/** Good clients, one after the other, for as long as something goes on: each has to be served. */
export async function served<T>(victim: Victim, during: () => Promise<T>): Promise<T> {
  let over = false;
  let count = 0;
  const good = (async () => {
    while (!over) {
      await victim.ask();
      count++;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  try {
    return await during();
  } finally {
    over = true;
    await good;
    assert.ok(count > 0, 'no good client was served meanwhile');
  }
}

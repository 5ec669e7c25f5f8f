/**
 * The end of a server under load: `kill -TERM` in the middle of it, and an account of each request that was
 * sent. The server is the program netfd; beside clients that keep account there is wrk, if it is here.
 *
 * NETFD_DRAINS says how often it is done (1).
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { suite, test, type TestContext } from 'node:test';
import { type Program, serving } from '../cli/program.ts';
import { Account, LoadClient, type Style } from './load-client.ts';

const DRAINS = Number(process.env['NETFD_DRAINS'] ?? 1);

const STYLES: readonly (readonly [count: number, style: Style])[] = [
  [16, { pipelined: 1, close: false }],
  [4, { pipelined: 16, close: false }],
  [8, { pipelined: 1, close: true }],
];

const hasWrk: boolean = spawnSync('wrk', ['--version']).error === undefined;

/** What wrk prints, until the server is gone. */
function runWrk(t: TestContext, port: number): Promise<string> {
  const url = `http://127.0.0.1:${port}/hello`;
  const wrk = spawn('wrk', ['-t1', '-c16', '-d5', url], { stdio: ['ignore', 'pipe', 'ignore'] });
  t.after(() => wrk.kill('SIGKILL'));
  let text = '';
  wrk.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  return new Promise((resolve) => wrk.on('close', () => resolve(text)));
}

/** Load until `count` requests are answered, then TERM, until nobody gets a connection. */
async function drain(program: Program, port: number): Promise<Account> {
  const account = new Account();
  const clients = STYLES.flatMap(([count, style]) =>
    Array.from({ length: count }, () => new LoadClient(port, style, account)),
  );
  while (account.answered < 5000) await new Promise((resolve) => setTimeout(resolve, 5));
  program.child.kill('SIGTERM');
  await Promise.all(clients.map(({ finished }) => finished));
  assert.equal((await program.ended()).status, 0);
  return account;
}

function nothingIsCut(t: TestContext, account: Account): void {
  t.diagnostic(JSON.stringify(account));
  assert.deepEqual(account.errors, []);
  assert.equal(account.cut, 0, 'replies that were cut');
  assert.equal(account.unheard, 0, 'first requests of a connection without an answer');
  assert.equal(account.behindLast, 0, 'pipelined ones that were told to go');
}

suite('SIGTERM under load', { timeout: 60_000 + DRAINS * 60_000 }, () => {
  for (let i = 0; i < DRAINS; i++) {
    test(`with a lame duck no request is lost at all, ${i + 1}`, async (t) => {
      const { program, port } = await serving(t, '--lame-duck', '3');
      const wrk = hasWrk ? runWrk(t, port) : null;
      const account = await drain(program, port);
      nothingIsCut(t, account);
      assert.equal(account.raced, 0, 'on kept connections');
      assert.ok(account.last > 0);
      const text = (await wrk) ?? '';
      if (hasWrk) assert.match(text, /Requests\/sec/);
      else t.diagnostic('there is no wrk');
      assert.doesNotMatch(text, /read [1-9]|Non-2xx/);
    });

    test(`without, none but on kept connections as they are closed, ${i + 1}`, async (t) => {
      const { program, port } = await serving(t, '--lame-duck', '0');
      nothingIsCut(t, await drain(program, port));
    });
  }
});

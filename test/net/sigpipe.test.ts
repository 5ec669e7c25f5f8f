/** EPIPE is an error and nothing else: no signal, no end of the process. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { suite, test } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);
const face = new URL('../../src/index.js', import.meta.url).href;

/** What a program prints that has netfd's face. */
async function program(text: string): Promise<string> {
  const source = `import { dial, linux, listen } from '${face}';\n${text}`;
  const args = ['--input-type=module', '-e', source];
  const { stdout } = await run(process.execPath, args, { timeout: 60_000 });
  return stdout;
}

const CLOSED = `
  let signals = 0;
  process.on('SIGPIPE', () => signals++);
  const ends = async (network, address) => {
    const listener = await listen(network, address);
    const conn = await dial(network, String(listener.addr));
    (await listener.accept()).close();
    listener.close();
    return conn;
  };
  const turn = () => new Promise((resolve) => setImmediate(resolve));
`;

suite('no handler of SIGPIPE runs', () => {
  for (const [network, address] of [
    ['tcp', '127.0.0.1:0'],
    ['unix', `@netfd-sigpipe-${process.pid}`],
    ['unixpacket', `@netfd-sigpipe-packet-${process.pid}`],
  ]) {
    test(network!, async () => {
      const printed = await program(`${CLOSED}
        const conn = await ends('${network}', '${address}');
        const codes = new Set();
        while (codes.size < 2) {
          for (const data of ['x', new Uint8Array(100_000)]) {
            await conn.write(data).catch(({ code }) => codes.add(\`write \${code}\`));
            await conn.writev([Buffer.from('x')]).catch(({ code }) => codes.add(\`writev \${code}\`));
          }
        }
        conn.close();
        for (let i = 0; i < 100; i++) await turn();
        console.log(signals, [...codes].sort().join(', '));
        process.exit();
      `);
      assert.match(printed, /^0 write (EPIPE|ECONNRESET), writev EPIPE\n$/);
    });
  }
});

test('one from outside is as it was, and children have no blocked signals', async () => {
  const printed = await program(`
    import { execFileSync } from 'node:child_process';
    process.on('SIGPIPE', () => {
      const status = execFileSync('cat', ['/proc/self/status'], { encoding: 'utf8' });
      console.log(/SigBlk:\\s*(\\w+)/.exec(status)[1]);
      process.exit();
    });
    setTimeout(() => {}, 20_000);
    process.kill(process.pid, 'SIGPIPE');
  `);
  assert.equal(printed, '0000000000000000\n');
});

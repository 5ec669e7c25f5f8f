/** What `npm run test:traced` stands on: the hook of `linux` is used, and what is loaded by it prints. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

const tracing = new URL('./every-kernel.js', import.meta.url).href;
const face = new URL('../../src/index.js', import.meta.url).href;

function printed(...options: string[]): number {
  const program = `
    import { dial, listen } from ${JSON.stringify(face)};
    const listener = await listen('tcp', '127.0.0.1:0');
    const [client, server] = await Promise.all([
      dial('tcp', String(listener.addr)),
      listener.accept(),
    ]);
    await client.write('hello');
    if ((await server.read(new Uint8Array(8))) !== 5) throw new Error('not what was sent');
    for (const one of [client, server, listener]) one.close();
    const { charactersPrinted } = await import(${JSON.stringify(tracing)});
    console.log(charactersPrinted());
  `;
  const args = [...options, '--input-type=module', '--eval', program];
  return Number(execFileSync(process.execPath, args, { encoding: 'utf8' }));
}

test('a program is traced if that was loaded first, and only then', () => {
  assert.ok(printed(`--import=${tracing}`) > 1000);
  assert.equal(printed(), 0);
});

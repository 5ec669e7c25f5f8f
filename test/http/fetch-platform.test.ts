/**
 * The platform's Request, Response and Headers next to ours: not loaded before they are needed, and found
 * again where a program has put others in their place.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { suite, test } from 'node:test';

const face: string = new URL('../../src/http.js', import.meta.url).href;

/** What a program prints that has imported netfd/http, as lines. */
function printed(program: string): string[] {
  const source = `
    import { fetchHandler, Response, serve } from '${face}';
    const platforms = () => process.moduleLoadList.some((name) => name.includes('undici'));
    ${program}`;
  const args = ['--input-type=module', '--eval', source];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.equal(stderr, '');
  return stdout.trimEnd().split('\n');
}

/** Where they are not getters, nobody can look at them without loading them. */
function lacksGetter(): boolean {
  const program = `console.log(
    Object.getOwnPropertyDescriptor(globalThis, 'Response').get === undefined)`;
  const { stdout } = spawnSync(process.execPath, ['--eval', program], { encoding: 'utf8' });
  return stdout.trim() === 'true';
}

suite("the platform's classes", { timeout: 60_000 }, () => {
  const skip = lacksGetter() ? 'this runtime has no getters for them' : false;

  test('are not loaded by an import, but by a Response', { skip }, () => {
    const lines = printed(`
      console.log(platforms());
      new Response('x');
      console.log(platforms());`);
    assert.deepEqual(lines, ['false', 'true']);
  });

  test('and by a fetch handler, before its first request', { skip }, () => {
    const lines = printed(`
      console.log(platforms());
      fetchHandler({ fetch: () => new Response('x') });
      console.log(platforms());`);
    assert.deepEqual(lines, ['false', 'true']);
  });

  test('ours are theirs from the first one on', () => {
    const lines = printed(`
      class Own extends Response {}
      const own = new Own('x', { status: 201 });
      console.log(own instanceof globalThis.Response, own instanceof Own, own.type);
      console.log(Object.getPrototypeOf(Response) === globalThis.Response);`);
    assert.deepEqual(lines, ['true true default', 'true']);
  });

  test('are found if ours has been put in their place', () => {
    const lines = printed(`
      globalThis.Response = Response;
      const text = await new globalThis.Response(new Blob(['x'])).text();
      console.log(text, globalThis.Response === Response, Response.error().type);
      const { url, close } = await serve({
        hostname: '127.0.0.1', port: 0,
        fetch: (request) => new globalThis.Response(
          JSON.stringify([request instanceof Request, request.headers instanceof Headers])),
      });
      console.log(await (await fetch(url)).text());
      console.log(globalThis.Response === Response);
      close();`);
    assert.deepEqual(lines, ['x true error', '[true,true]', 'true']);
  });

  test('are found if another has been put in their place', () => {
    const lines = printed(`
      const other = class {};
      Object.assign(globalThis, { Request: other, Headers: other });
      const { url, close } = await serve({
        hostname: '127.0.0.1', port: 0,
        fetch: async (request) => new Response(
          (await request.clone().text()) + [...request.headers.keys()].includes('host')),
      });
      console.log(await (await fetch(url)).text());
      console.log(globalThis.Request === other, globalThis.Headers === other);
      close();`);
    assert.deepEqual(lines, ['true', 'true true']);
  });
});

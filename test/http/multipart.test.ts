/**
 * Forms with files over TCP: sent by fetch and curl, and as bytes, well formed or not. However a request
 * ends, no temporary file is left.
 */
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { HandlerFunc } from '../../src/http/handler.ts';
import { type MultipartFormOptions, parseMultipartForm } from '../../src/node/multipart-form.ts';
import { type MultipartOptions, multipartReader } from '../../src/node/multipart-reader.ts';
import { head } from './raw-cases.ts';
import { deferred, run, type Running, turn, turnsUntil } from './raw-client.ts';

const timeout = 60_000;
const MIB = 1024 * 1024;

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'netfd-multipart-'));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

function url(running: Running): string {
  return `http://${String(running.listener.addr)}/`;
}

/** A request whose body is this, of the boundary "b". */
function form(body: string, type = 'multipart/form-data; boundary=b'): string {
  const fields = [`Content-Type: ${type}`, `Content-Length: ${body.length}`, 'Connection: close'];
  return head('POST / HTTP/1.1', 'Host: x', ...fields) + body;
}

function part(disposition: string, content: string, ...fields: string[]): string {
  return `--b\r\n${head(`Content-Disposition: form-data; ${disposition}`, ...fields)}${content}\r\n`;
}

const END = '--b--\r\n';

/** All parts, as text; or the status of the refusal. */
async function read(
  sent: string,
  options: MultipartOptions = {},
  cut = sent.length,
): Promise<string> {
  await using running = await run('tcp', async (w, r) => {
    const parts: unknown[] = [];
    for await (const { name, filename, type, ...rest } of multipartReader(r, options)) {
      void rest;
      parts.push([name, filename, type]);
    }
    await w.write(JSON.stringify(parts));
  });
  await using client = await running.dial();
  for (let at = 0; at < sent.length; at += cut) {
    await client.send(sent.slice(at, at + cut));
    if (cut < sent.length) await turn();
  }
  if (sent.endsWith('!')) client.conn.closeWrite();
  const text = await client.rest();
  assert.deepEqual(running.log, []);
  return text.startsWith('HTTP/1.1 200') ? text.split('\r\n\r\n')[1]! : text.slice(9, 12);
}

suite('multipartReader', { timeout }, () => {
  test('the parts, however they are cut', async () => {
    const body =
      'before\r\n' +
      part('name="a"', '1') +
      part(
        'name="\xc3\xa4 %22\\""; filename="../x/C:\\y\\z\\\\ %0d.txt"',
        'zzz',
        'content-type: a/b',
      ) +
      part('filename=""; name=e', '') +
      `${END}after`;
    const expected = '[["a",null,"text/plain"],["ä \\"\\"",".txt","a/b"],["e",null,"text/plain"]]';
    const seen = Buffer.from(await read(form(body)), 'latin1').toString();
    assert.equal(seen, expected);
    for (const cut of [1, 7, 100])
      assert.equal(await read(form(body), {}, cut), await read(form(body)));
    assert.equal(await read(form(END)), '[]');
  });

  test('what is malformed is a bad request', async () => {
    const good = part('name=a', '1');
    const bad = [
      form(good),
      form(''),
      form(`${good}--b`),
      form('nothing of the kind'),
      form(`--b\r\nContent-Disposition: form-data; name=a\r\n--b--\r\n`),
      form(`--b\r\n\r\n1\r\n${END}`),
      form(`--b\r\nContent-Disposition: attachment; name=a\r\n\r\n1\r\n${END}`),
      form(part('filename=a', '1') + END),
      form(part('name=a; name=b', '1') + END),
      form(part('name="a', '1') + END),
      form(part('name=a', '1', 'b\x00d: 1') + END),
      form(part('name=a', '1', 'Content-Disposition: form-data; name=b') + END),
      form(good + END, 'multipart/form-data'),
      form(good + END, 'multipart/form-data; boundary='),
      form(good + END, `multipart/form-data; boundary=${'b'.repeat(71)}`),
      form(good + END, 'multipart/form-data; boundary="b\x7f"'),
      form(good + END, 'multipart/form-data; boundary=b; boundary=c'),
      form(`${good}${good}!`).replace(/Length: \d+/, 'Length: 1000'),
    ];
    for (const sent of bad) assert.equal(await read(sent), '400', JSON.stringify(sent));
    assert.equal(await read(form(good + END, 'text/plain')), '415');
    assert.equal(await read(form(good + END, 'multipart/mixed; boundary=b')), '415');
  });

  test('limits', async () => {
    const good = part('name=a', '1') + part('name=b', '2') + END;
    assert.match(await read(form(good), { maxParts: 2, maxBytes: good.length }), /^\[/);
    assert.equal(await read(form(good), { maxParts: 1 }), '413');
    assert.equal(await read(form(good), { maxBytes: good.length - 1 }), '413');
    const fields = part('name=a', '1', 'x: 1', 'y: 2') + END;
    assert.match(await read(form(fields), { maxHeaders: 3 }), /^\[/);
    assert.equal(await read(form(fields), { maxHeaders: 2 }), '413');
    assert.equal(
      await read(form(part('name=a', '1', `x: ${'y'.repeat(2000)}`) + END), {
        maxHeaderBytes: 1000,
      }),
      '413',
    );
  });

  test('a head that does not end', async () => {
    let sent = 0;
    await using running = await run('tcp', async (_w, r) => {
      for await (const found of multipartReader(r)) void found;
    });
    await using client = await running.dial();
    const type = 'Content-Type: multipart/form-data; boundary=b';
    await client.send(head('POST / HTTP/1.1', 'Host: x', type, 'Content-Length: 200000000'));
    await client.send('--b\r\n');
    while (!client.ended && (await client.send('x: y\r\n'.repeat(1000)))) sent += 6000;
    assert.match(client.text, /^HTTP\/1.1 413 /);
    assert.ok(sent < 100 * MIB);
  });

  test('what is not read is not received', async () => {
    const gate = deferred();
    let length = 0;
    await using running = await run('tcp', async (w, r) => {
      for await (const found of multipartReader(r)) {
        await gate.promise;
        if (found.name === 'skipped') continue;
        for await (const chunk of found.stream) length += chunk.length;
      }
      await w.write(String(length));
    });
    await using client = await running.dial();
    const size = 50 * MIB;
    const before = part('name=skipped; filename=s', 'x'.repeat(MIB));
    const after = `\r\n${END}`;
    const start = before + part('name=f; filename=f', '').slice(0, -2);
    const type = 'Content-Type: multipart/form-data; boundary=b';
    const whole = `Content-Length: ${start.length + size + after.length}`;
    await client.send(head('POST / HTTP/1.1', 'Host: x', type, whole, 'Connection: close') + start);
    let sent = 0;
    const block = 'y'.repeat(MIB);
    const sending = (async () => {
      for (; sent < size; sent += MIB) await client.send(block);
      await client.send(after);
    })();
    for (let same = 0, last = -1; same < 30; same = sent === last ? same + 1 : 0) {
      last = sent;
      await turn();
    }
    assert.ok(sent < size, `${sent} bytes were taken`);
    gate.resolve();
    await sending;
    assert.ok((await client.rest()).endsWith(`\r\n\r\n${size}`));
  });

  test('whatever a part holds, however it comes', async () => {
    const seed = Number(process.env['NETFD_SEED'] ?? Date.now() % 1e6);
    let state = seed;
    const below = (limit: number): number => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return (state >>> 8) % limit;
    };
    const odd = [
      '\r\n',
      '--b',
      '\r\n--',
      '\r\n--B',
      '\r',
      '\n',
      '-',
      'x',
      '\r\n\r\n',
      'y'.repeat(70_000),
    ];
    const content = (): string => {
      return Array.from({ length: below(12) }, () => odd[below(odd.length)]).join('');
    };
    let seen: string[] = [];
    await using running = await run('pipe', async (_w, r) => {
      seen = [];
      for await (const found of multipartReader(r)) {
        const isSkipped = found.name.startsWith('skip');
        seen.push(isSkipped ? 'skipped' : Buffer.from(await found.bytes()).toString('latin1'));
      }
    });
    for (let round = 0; round < 60; round++) {
      const parts = Array.from({ length: below(6) }, () => ({
        content: content(),
        skip: below(4) === 0,
      }));
      // What looks like the border between parts is one.
      const good = parts.filter((p) => !`\r\n${p.content}`.includes('\r\n--b'));
      const body =
        good.map((p, i) => part(`name=${p.skip ? 'skip' : ''}${i}`, p.content)).join('') + END;
      await using client = await running.dial();
      const sent = form(body);
      for (let at = 0, size; at < sent.length; at += size) {
        size = 1 + below(below(2) === 0 ? 50 : 100_000);
        await client.send(sent.slice(at, at + size));
        if (below(3) === 0) await turn();
      }
      assert.match(await client.rest(), /^HTTP\/1.1 200 /, `NETFD_SEED=${seed}`);
      const expected = good.map((p) => (p.skip ? 'skipped' : p.content));
      assert.ok(JSON.stringify(seen) === JSON.stringify(expected), `NETFD_SEED=${seed}`);
    }
  });

  test('whoever has seen enough goes on at once', async () => {
    await using running = await run('tcp', async (w, r) => {
      for await (const { name } of multipartReader(r)) {
        await w.write(name);
        break;
      }
    });
    await using client = await running.dial();
    await client.send(
      form(part('name=a', '1') + part('name=b', '2')).replace(/Length: \d+/, 'Length: 1000'),
    );
    assert.match(await client.until((text) => text.includes('\r\n\r\na')), /\r\n\r\na$/);
  });
});

suite('parseMultipartForm', { timeout }, () => {
  const show: (options: MultipartFormOptions) => HandlerFunc = (options) => async (w, r) => {
    const { values, files } = await parseMultipartForm(r, options);
    const shown = [];
    for (const file of files) {
      const { name, filename, type, size, path } = file;
      if (path !== null) assert.equal(statSync(path).mode & 0o777, 0o600);
      assert.equal(await new Response(file.stream()).text(), await file.text());
      shown.push({
        name,
        filename,
        type,
        size,
        content: (await file.text()).slice(0, 10),
        onDisk: path !== null,
      });
    }
    await w.write(JSON.stringify({ values: String(values), files: shown }));
  };

  test('fetch', async (t) => {
    const home = folder(t);
    await using running = await run('tcp', show({ maxMemory: 20, folder: home }));
    const body = new FormData();
    body.append('a', 'ä "1"');
    body.append('a', '');
    body.append('f', new Blob(['in memory'], { type: 'text/x' }), 'ü "1".txt');
    body.append('g', new Blob(['on the disk'.repeat(100_000)]), 'g');
    body.append('f', new Blob(['small']), 's');
    const reply = await fetch(url(running), { method: 'POST', body });
    assert.deepEqual(await reply.json(), {
      values: 'a=%C3%A4+%221%22&a=',
      files: [
        {
          name: 'f',
          filename: 'ü "1".txt',
          type: 'text/x',
          size: 9,
          content: 'in memory',
          onDisk: false,
        },
        {
          name: 'g',
          filename: 'g',
          type: 'application/octet-stream',
          size: 1_100_000,
          content: 'on the dis',
          onDisk: true,
        },
        {
          name: 'f',
          filename: 's',
          type: 'application/octet-stream',
          size: 5,
          content: 'small',
          onDisk: false,
        },
      ],
    });
    await turnsUntil(() => readdirSync(home).length === 0);
  });

  const noCurl = spawnSync('curl', ['--version']).status === 0 ? false : 'curl is not installed';
  test('curl', { skip: noCurl }, async (t) => {
    const home = folder(t);
    const file = join(home, 'odd "name".bin');
    writeFileSync(file, Buffer.alloc(100_000, 'x'));
    await using running = await run('tcp', show({ maxMemory: 0, folder: home }));
    const quoted = `f=@"${file.replace(/"/g, '\\"')}";type=a/b`;
    const args = ['-s', '-F', 'a=1', '-F', quoted, '-H', 'Expect: 100-continue', url(running)];
    const { stdout } = await promisify(execFile)('curl', args);
    assert.deepEqual(JSON.parse(stdout), {
      values: 'a=1',
      files: [
        {
          name: 'f',
          filename: 'odd "name".bin',
          type: 'a/b',
          size: 100_000,
          content: 'xxxxxxxxxx',
          onDisk: true,
        },
      ],
    });
  });

  /** The status of the reply to a form with two files, and that nothing is left. */
  async function refused(
    t: TestContext,
    options: MultipartFormOptions,
    sent?: string,
  ): Promise<string> {
    const home = folder(t);
    await using running = await run('tcp', show({ maxMemory: 0, folder: home, ...options }));
    await using client = await running.dial();
    const file = 'x'.repeat(100_000);
    const parts = part('name=a', '123') + part('name=b', '456') + part('name=f; filename=f', file);
    await client.send(sent ?? form(parts + part('name=g; filename=g', file) + END));
    const text = await client.rest();
    await turnsUntil(() => readdirSync(home).length === 0);
    return text.slice(9, 12);
  }

  test('limits, and nothing is left', async (t) => {
    assert.equal(await refused(t, {}), '200');
    assert.equal(await refused(t, { maxFileBytes: 99_999 }), '413');
    assert.equal(await refused(t, { maxFiles: 1 }), '413');
    assert.equal(await refused(t, { maxFields: 1 }), '413');
    assert.equal(await refused(t, { maxFieldBytes: 2 }), '413');
    assert.equal(await refused(t, { maxValueBytes: 5 }), '413');
    assert.equal(await refused(t, { maxParts: 3 }), '413');
    assert.equal(await refused(t, { maxBytes: 150_000 }), '413');
    const half = form(part('name=f; filename=f', 'x'.repeat(300_000)) + part('name=g', '') + 'x');
    assert.equal(await refused(t, {}, half), '400');
  });

  test('a disk that refuses is no fault of the client’s', async (t) => {
    const home = folder(t);
    const program = fileURLToPath(new URL('./multipart-program.js', import.meta.url));
    // No file may be larger than 64 KiB: the write(2) that would make it so fails with EFBIG.
    const args = ['-c', 'ulimit -f 64; exec "$0" "$@"', process.execPath, program, home];
    const { stdout } = await promisify(execFile)('bash', args);
    assert.deepEqual(JSON.parse(stdout), { status: 500, code: 'EFBIG', left: 0 });
    assert.equal(await refused(t, { folder: join(home, 'none') }), '500');
  });

  test('a client that goes leaves nothing, before the form is whole and after it', async (t) => {
    for (const isWhole of [false, true]) {
      const home = folder(t);
      const reached = deferred();
      const over = deferred<unknown>();
      await using running = await run('tcp', async (_w, r) => {
        try {
          const reading = parseMultipartForm(r, { maxMemory: 0, folder: home });
          if (!isWhole) await turnsUntil(() => readdirSync(home).length > 0);
          else assert.ok(existsSync((await reading).file('f')!.path!));
          reached.resolve();
          await reading;
          await turnsUntil(() => r.signal.aborted);
          over.resolve(null);
        } catch (error) {
          over.resolve(error);
        }
      });
      const client = await running.dial();
      const sent = form(part('name=f; filename=f', 'x'.repeat(300_000)) + END);
      await client.send(isWhole ? sent : sent.slice(0, -100));
      await reached.promise;
      client.close();
      assert.equal((await over.promise) === null, isWhole);
      await turnsUntil(() => readdirSync(home).length === 0);
    }
  });

  test('what a handler has moved away stays, and a form can be disposed of', async (t) => {
    const home = folder(t);
    const { rename } = await import('node:fs/promises');
    await using running = await run('tcp', async (w, r) => {
      await using parsed = await parseMultipartForm(r, { maxMemory: 0, folder: home });
      await rename(parsed.file('f')!.path!, join(home, 'kept'));
      await w.write(parsed.file('none')?.name ?? 'undefined');
    });
    const body = new FormData();
    body.append('f', new Blob(['keep me']), 'f');
    body.append('g', new Blob(['not me']), 'g');
    assert.equal(await (await fetch(url(running), { method: 'POST', body })).text(), 'undefined');
    assert.deepEqual(readdirSync(home), ['kept']);
  });

  test('options are checked', async () => {
    for (const bad of [null, { maxMemory: -1 }, { maxFiles: 'x' }, { folder: 5 }]) {
      await assert.rejects(
        parseMultipartForm({} as never, bad as never),
        /TypeError: parseMultipartForm: option/,
      );
    }
    const reader = multipartReader({} as never, { maxParts: 0 });
    await assert.rejects(reader.next(), /^TypeError: multipartReader: option maxParts/);
  });
});

/**
 * Files are served as in Go: some hundred requests for files and contents, with every kind of range and
 * condition, are answered by a server with the same files and handlers as the Go program that
 * test/golden/http_files.jsonl was recorded with (files-oracle.go), and status, fields and body are compared.
 * files-differences.ts holds what differs on purpose.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { fileServer, type FileSystem, nodeFiles, serveContent, serveFile } from '../../src/http.ts';
import type { HandlerFunc } from '../../src/http/handler.ts';
import { goldenPath } from '../golden/net-values.ts';
import { type Answer, FILE_DIFFERENCES, type FileRequest } from './files-differences.ts';
import { run, type Running } from './raw-client.ts';

const timeout = 60_000;

/** Of all files: with half a second, which no field tells. */
const MODIFIED = 1_700_000_000_500;

const TEXT = '0123456789'.repeat(10);

const FILES: Readonly<Record<string, string>> = {
  'a.txt': TEXT,
  'empty.txt': '',
  'page.html': '<!doctype html><title>page</title>',
  'data.json': '{"a":1}',
  plain: 'words',
  markup: '<html><body>',
  bytes: '\0\x01\x02\x03',
  'big.txt': '0123456789abcdef'.repeat(2048),
  'dir/index.html': '<p>index</p>',
  'a b/c&d.txt': 'escaped',
  'dir/sub/one.txt': 'one',
};

type Row = FileRequest & Answer;

const rows: readonly Row[] = readFileSync(goldenPath('http_files.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Row);

let base: string;
let running: Running;

/** Contents that are no files: /content/NAME?etag=…&time=…&type=… */
const content: HandlerFunc = (w, r) => {
  for (const [field, name] of [
    ['etag', 'ETag'],
    ['type', 'Content-Type'],
  ] as const) {
    const value = r.query.get(field);
    if (value !== null) w.header().set(name, value);
  }
  const time = r.query.has('time') ? MODIFIED : null;
  return serveContent(w, r, r.path.slice(r.path.lastIndexOf('/') + 1), time, TEXT);
};

function handlerOf(files: FileSystem): HandlerFunc {
  const server = fileServer(files);
  return (w, r) => {
    if (r.path.startsWith('/content/')) return content(w, r);
    if (!r.path.startsWith('/served/')) return server.serveHTTP(w, r);
    return serveFile(w, r, files, r.query.get('name') ?? '', { etag: false });
  };
}

before(async () => {
  base = mkdtempSync(join(tmpdir(), 'netfd-golden-'));
  for (const [name, text] of Object.entries(FILES)) {
    const path = join(base, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, 'latin1');
    utimesSync(path, MODIFIED / 1000, MODIFIED / 1000);
  }
  running = await run('tcp', handlerOf(await nodeFiles(base)));
});

after(async () => {
  await running[Symbol.asyncDispose]();
  rmSync(base, { recursive: true });
});

async function ask({ method, target, header = {} }: FileRequest): Promise<Answer> {
  await using client = await running.dial();
  const fields = Object.entries(header).map(([name, value]) => `${name}: ${value}\r\n`);
  const end = 'Connection: close\r\nContent-Length: 0\r\n\r\n';
  await client.send(`${method} ${target} HTTP/1.1\r\nHost: x\r\n${fields.join('')}${end}`);
  return answerOf(await client.rest());
}

function answerOf(reply: string): Answer {
  const split = reply.indexOf('\r\n\r\n');
  const [line = '', ...lines] = reply.slice(0, split).split('\r\n');
  const fields: Record<string, string> = {};
  for (const field of lines) {
    const [, name = '', value = ''] = /^([^:]+): (.*)$/.exec(field) ?? [];
    if (name !== 'Date' && name !== 'Connection') fields[name] = value;
  }
  let body = reply.slice(split + 4);
  const boundary = /^multipart\/byteranges; boundary=(\w+)$/.exec(
    fields['Content-Type'] ?? '',
  )?.[1];
  if (boundary !== undefined) {
    fields['Content-Type'] = 'multipart/byteranges; boundary=BOUNDARY';
    body = body.replaceAll(boundary, 'BOUNDARY');
  }
  if (body.length > 4096) {
    body = `sha256 ${createHash('sha256').update(body, 'latin1').digest('hex')}`;
  }
  return { status: Number(line.split(' ')[1]), fields, body };
}

/** With the fields in one order, and where a redirect leads to. */
function sorted({ status, fields, body }: Answer, { target }: FileRequest): Answer {
  const entries = Object.entries(fields).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const here = `http://x${target}`;
  const resolved = entries.map(([name, value]) => {
    return [name, name === 'Location' ? new URL(value, here).href : value];
  });
  return { status, fields: Object.fromEntries(resolved), body };
}

suite('files as in Go', { timeout }, () => {
  const used = new Set<string>();

  test('every answer', async () => {
    assert.ok(rows.length > 500);
    const wrong: unknown[] = [];
    for (const row of rows) {
      let expected: Answer = { status: row.status, fields: row.fields, body: row.body };
      for (const difference of FILE_DIFFERENCES) {
        const changed = difference.apply(expected, row);
        if (changed !== expected) used.add(difference.name);
        expected = changed;
      }
      const actual = sorted(await ask(row), row);
      try {
        assert.deepEqual(actual, sorted(expected, row));
      } catch {
        const { method, target, header } = row;
        wrong.push({ method, target, header, actual, expected: sorted(expected, row) });
      }
    }
    assert.deepEqual(wrong, []);
  });

  test('every difference is there and is documented', () => {
    const text = readFileSync(goldenPath('../../docs/differences-from-go.md'), 'utf8');
    for (const { name } of FILE_DIFFERENCES) {
      assert.ok(used.has(name), `no answer of Go is changed by: ${name}`);
      const isDocumented = text.includes(`### ${name}\n`) || text.includes(`- **${name}**`);
      assert.ok(isDocumented, `docs/differences-from-go.md does not have: ${name}`);
    }
  });
});

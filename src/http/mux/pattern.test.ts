import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostKey, parsePattern } from './pattern.ts';

/** A pattern's parts in short: "GET h literal:a wildcard:x rest: end:". */
function parts(text: string): string {
  const { method, host, segments } = parsePattern(text);
  return [method || '-', host || '-', ...segments.map((s) => `${s.kind}:${s.text}`)].join(' ');
}

test('patterns are taken apart', () => {
  const cases: [string, string][] = [
    ['/', '- - rest:'],
    ['/a', '- - literal:a'],
    ['/a/', '- - literal:a rest:'],
    ['/{$}', '- - end:'],
    ['/path/to/something', '- - literal:path literal:to literal:something'],
    ['/{w1}/lit/{w2}', '- - wildcard:w1 literal:lit wildcard:w2'],
    ['/{w1}/lit/{w2}/', '- - wildcard:w1 literal:lit wildcard:w2 rest:'],
    ['example.com/', '- example.com rest:'],
    ['Example.COM/a', '- example.com literal:a'],
    ['[::1]/', '- ::1 rest:'],
    ['GET /', 'GET - rest:'],
    ['POST example.com/foo/{w}', 'POST example.com literal:foo wildcard:w'],
    ['GET \t /x', 'GET - literal:x'],
    ['GET\t/x', 'GET - literal:x'],
    ['M-X.y /x', 'M-X.y - literal:x'],

    ['DELETE example.com/a/{foo12}/{$}', 'DELETE example.com literal:a wildcard:foo12 end:'],
    ['/foo/{$}', '- - literal:foo end:'],
    ['/{a}/foo/{rest...}', '- - wildcard:a literal:foo rest:rest'],
    ['/{größe_1}', '- - wildcard:größe_1'],
    ['/a%2Fb/%c3%a9/é', '- - literal:a/b literal:é literal:é'],
    ['/a%20b/%', '- - literal:a b literal:%'],
  ];
  for (const [text, expected] of cases) assert.equal(parts(text), expected, text);
});

test('what is no pattern is an Error that says where and why', () => {
  const cases: [string, RegExp][] = [
    ['', /^http: invalid pattern: empty$/],
    ['A=B /', /^parsing "A=B \/": at offset 0: invalid method "A=B"$/],
    [' /', /at offset 0: invalid method ""$/],
    ['GET', /at offset 0: host\/path missing \/$/],
    ['GET ', /at offset 4: host\/path missing \/$/],
    ['/a b/c', /invalid method "\/a"$/],
    ['POST a', /at offset 5: host\/path missing \/$/],
    ['{a}/b', /at offset 0: host contains '\{' \(missing initial '\/'\?\)$/],
    ['GET a{b/c', /at offset 4: host contains '\{'/],
    ['h:80/', /at offset 0: host with a port can never match$/],
    ['[::1]:80/', /at offset 0: host with a port can never match$/],
    ['/x{w}', /at offset 1: bad wildcard segment \(must start with '\{'\)$/],
    ['/{wx', /at offset 1: bad wildcard segment \(must end with '\}'\)$/],
    ['/a/{w}x', /at offset 3: bad wildcard segment \(must end with '\}'\)$/],
    ['/{a$}', /bad wildcard name "a\$"$/],
    ['/{}', /empty wildcard$/],
    ['/{...}', /empty wildcard$/],
    ['/{1a}', /bad wildcard name "1a"$/],
    ['/{a-b}', /bad wildcard name "a-b"$/],
    ['/{a.b...}', /bad wildcard name "a\.b"$/],
    ['/{$...}', /bad wildcard name "\$"$/],
    ['/{$}/', /\{\$\} not at end$/],
    ['/{a}/{$}/b', /\{\$\} not at end$/],
    ['/{a...}/', /\{\.\.\.\} wildcard not at end$/],
    ['/{a...}/b', /\{\.\.\.\} wildcard not at end$/],
    ['/{x}/{x}', /at offset 5: duplicate wildcard name "x"$/],
    ['/{a}/{a...}', /duplicate wildcard name "a"$/],
    ['GET //', /at offset 4: unclean path can never match$/],
    ['/a/../b', /at offset 0: unclean path can never match$/],
    ['CONNECT //', /unclean path can never match$/],
  ];
  for (const [text, message] of cases) {
    assert.throws(() => parsePattern(text), { name: 'Error', message }, text);
  }
});

test('hosts are compared without port, brackets and case', () => {
  const cases: [string, string][] = [
    ['', ''],
    ['h', 'h'],
    ['H.Test:8080', 'h.test'],
    ['h:', 'h'],
    ['127.0.0.1:80', '127.0.0.1'],
    ['[::1]:80', '::1'],
    ['[::1]', '::1'],
    ['[::FF]', '::ff'],
    ['::1', '::1'],
    ['[::1', '[::1'],
  ];
  for (const [host, key] of cases) assert.equal(hostKey(host), key, host);
});

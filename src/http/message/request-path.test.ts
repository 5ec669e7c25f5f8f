import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ESCAPED,
  UNCLEAN,
  cleanPath,
  decodePath,
  escapeBytes,
  escapePath,
  isEncoded,
  pathTraits,
  utf8Units,
} from './request-path.ts';

test('paths are cleaned as Go’s ServeMux does', () => {
  const cases: [string, string][] = [
    ['', '/'],
    ['/', '/'],
    ['a', '/a'],
    ['a/', '/a/'],
    ['//', '/'],
    ['//a//b//', '/a/b/'],
    ['/a/./b', '/a/b'],
    ['/a/b/..', '/a'],
    ['/a/b/../', '/a/'],
    ['/..', '/'],
    ['/../../a', '/a'],
    ['/a/.', '/a'],
    ['/a/./', '/a/'],
    ['/a/...', '/a/...'],
    ['/a/.b', '/a/.b'],
    ['/a/%2e%2e/b', '/a/%2e%2e/b'],
  ];
  for (const [path, clean] of cases) {
    assert.equal(cleanPath(path), clean, path);
    assert.equal(cleanPath(clean), clean);
    if (path !== clean) assert.ok(pathTraits(path) & UNCLEAN, path);
  }
});

test('the traits of a path', () => {
  assert.equal(pathTraits('/a/b.c/'), 0);
  assert.equal(pathTraits('/a%2F'), ESCAPED);
  assert.equal(pathTraits('/\xe9'), ESCAPED);
  assert.equal(pathTraits('/a//%20'), ESCAPED | UNCLEAN);
  assert.equal(pathTraits('a'), UNCLEAN);
  assert.equal(pathTraits(''), UNCLEAN);
});

test('escapes are decoded as UTF-8, wrong ones stay', () => {
  const cases: [string, string][] = [
    ['/plain', '/plain'],
    ['a%20b%2Fc', 'a b/c'],
    ['%C3%A9', 'é'],
    ['\xc3\xa9', 'é'],
    ['%f0%9f%98%80', '😀'],
    ['%EF%BB%BFx', '\ufeffx'],
    ['%e9', '\ufffd'],
    ['%', '%'],
    ['%2', '%2'],
    ['%zz%41', '%zzA'],
    ['%4', '%4'],
    ['100%', '100%'],
    ['%00', '\0'],
  ];
  for (const [text, decoded] of cases) assert.equal(decodePath(text), decoded, text);
});

test('a percent sign has to begin an escape', () => {
  for (const path of ['', '/', '/a/b', '/%20', '%41%4a%fF', '/\xe9%00', '/%25zz']) {
    assert.ok(isEncoded(path), path);
  }
  for (const path of ['%', '/%4', '/%zz', '/%4g', '/%g4', '/%%41', '/%41%', '/%41%4', '/% 1']) {
    assert.ok(!isEncoded(path), path);
  }
});

test('what is no part of a path is escaped', () => {
  assert.equal(escapePath("/a-b_c.~!$&'()*+,;=:@/%2F"), "/a-b_c.~!$&'()*+,;=:@/%2F");
  assert.equal(
    escapePath('/\\evil"<>^`{|} \x00\xe9?#'),
    '/%5Cevil%22%3C%3E%5E%60%7B%7C%7D%20%00%E9%3F%23',
  );
  assert.equal(escapeBytes('a b\r\n\x7f\xe9?"'), 'a b%0D%0A%7F%E9?"');
  assert.equal(utf8Units('é€a'), '\xc3\xa9\xe2\x82\xaca');
});

/** The documents made of the explanations are what a run prints now. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { explainedDocuments } from './explained-documents.ts';

const skip = existsSync('/proc/net/if_inet6')
  ? false
  : 'the recorded run is of a machine with IPv6';

test('the documents about system calls are up to date: npm run docs', { skip }, async () => {
  for (const { path, text } of await explainedDocuments()) {
    assert.equal(readFileSync(path, 'utf8'), text, path);
  }
});

/**
 * The declarations of netfd/http as a program sees them that the compiler checks: what they offer, and
 * that the inside of a server is not among it.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root: string = fileURLToPath(new URL('../../../', import.meta.url));

/** Each line after "@ts-expect-error" has to be an error, all others none. */
const program = `
import { type Connection, Server, serve, type ServerOptions } from '${root}dist/src/http.js';
import { listen } from '${root}dist/src/index.js';

const seen: Connection[] = [];
const options: ServerOptions = { connState: (conn, state) => void (state === 'new' && seen.push(conn)) };
const server: Server = new Server((w, r) => void w.write(r.path), options);
const served: Promise<void> = server.serve(await listen('tcp', ':0'));
for (const { remoteAddr, localAddr, state, requests } of server.connections) {
  console.log(String(remoteAddr), String(localAddr), state, requests);
}
for (const conn of server.connections) conn.close();
const running = await serve({ fetch: (request) => new Response(request.body) });
running.server.unref();
await running.shutdown({ signal: AbortSignal.timeout(1) });
await served;

type Members<T, Names extends string> = [keyof T, Names] extends [Names, keyof T] ? true : never;
const ofServer: Members<
  Server,
  | ('addrs' | 'close' | 'closing' | 'connections' | 'draining' | 'ref' | 'registerOnShutdown')
  | ('serve' | 'setKeepAlivesEnabled' | 'shutdown' | 'unref')
> = true;
const ofConnection: Members<
  Connection,
  'close' | 'localAddr' | 'remoteAddr' | 'requests' | 'state' | 'whenGone'
> = true;
console.log(ofServer, ofConnection);
// @ts-expect-error: it has others
const tooFew: Members<Connection, 'close'> = true;
// @ts-expect-error: nobody may add connections
server.connections.add(seen[0]!);
`;

test('a program compiles with them, and sees no internals', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'netfd-declarations-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'program.mts');
  writeFileSync(file, program);
  const types = join(root, 'node_modules/@types');
  const options =
    '--ignoreConfig --noEmit --strict --target ES2022 --module NodeNext --types node'.split(' ');
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/typescript/bin/tsc'), ...options, '--typeRoots', types, file],
    { encoding: 'utf8' },
  );
  assert.equal(stdout + stderr, '');
});

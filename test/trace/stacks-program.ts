/**
 * A program whose calls are traced with where they come from: `stacks-program.js`. Prints a JSON array of
 * { name, result, where, subject, text }. Lines that stacks.test.ts asks for end in "@name".
 */
import type { Call } from '../../src/trace/call.ts';
import { linux, Stack } from '../../src/index.ts';
import { Server as SystemServer } from '../../src/http/server/server.ts';
import { DiagnosedHandler } from '../../src/node/diagnostics.ts';
import { nodeStacks } from '../../src/node/trace-stacks.ts';
import { TextSink } from '../../src/trace/text-sink.ts';
import { traced } from '../../src/trace/traced.ts';

interface Seen {
  readonly name: string;
  readonly result: number;
  readonly where?: string | undefined;
  readonly subject?: string | undefined;
  readonly text: string;
}

const seen: Seen[] = [];
let text = '';
const lines = new TextSink((line) => (text = line));
const sink = {
  call(call: Call): void {
    lines.call(call);
    const { name, result, where, subject } = call;
    seen.push({ name, result, where, subject, text });
  },
};
const stacks = nodeStacks();
const stack = new Stack({ ...linux, kernel: traced(linux.kernel, sink, { stacks }) });

const listener = await stack.listen('tcp', '127.0.0.1:0'); // @listen
const address = listener.addr.toString();
const accepting = listener.accept(); // @accept
const client = await stack.dial('tcp', address); // @dial
const server = await accepting;
const reading = server.read(new Uint8Array(8)); // @read
await client.write(new Uint8Array(3)); // @write
await reading;
client.close(); // @close-client
server.close();
listener.close();

const handler = new DiagnosedHandler('program', async (w, r) => {
  await w.write(`you asked for ${r.path}`);
});
const web = new SystemServer(stack, handler);
const site = await stack.listen('tcp', '[::]:0'); // @site
const serving = web.serve(site).catch(() => {});
const visitor = await stack.dial('tcp', `127.0.0.1:${site.addr.toString().split(':').at(-1)!}`);
for (const path of ['/one', '/two']) {
  await visitor.write(new TextEncoder().encode(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`));
  await visitor.read(new Uint8Array(1000));
}
visitor.close();
await web.shutdown();
await serving;
stacks.close();
console.log(JSON.stringify(seen));

/**
 * A fetch handler on netfd answering GET /hello: what bun.ts and deno.ts have, but
 * that Response is imported.
 */
import { Response, serve } from '../../src/http.ts';

const port = Number(process.argv[2] ?? '8080');
const headers = { 'Content-Type': 'text/plain; charset=utf-8' };

await serve({
  hostname: '127.0.0.1',
  port,
  fetch(request) {
    if (request.method === 'GET' && new URL(request.url).pathname === '/hello') {
      return new Response('Hello, world!', { headers });
    }
    return new Response(null, { status: 404 });
  },
});
console.log(`listening ${port}`);

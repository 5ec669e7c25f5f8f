/** Deno.serve answering GET /hello. */
declare const Deno: {
  readonly args: readonly string[];
  serve(
    options: { hostname: string; port: number; onListen: () => void },
    handler: (request: Request) => Response,
  ): unknown;
};

const port = Number(Deno.args[0] ?? '8080');
const headers = { 'Content-Type': 'text/plain; charset=utf-8' };

function hello(request: Request): Response {
  if (request.method === 'GET' && new URL(request.url).pathname === '/hello') {
    return new Response('Hello, world!', { headers });
  }
  return new Response(null, { status: 404 });
}

Deno.serve(
  { hostname: '127.0.0.1', port, onListen: () => console.log(`listening ${port}`) },
  hello,
);

export {};

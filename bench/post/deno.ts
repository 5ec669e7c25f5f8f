/** Deno.serve reading what is posted to /upload to its end, and answering its length. */
declare const Deno: {
  readonly args: readonly string[];
  serve(
    options: { hostname: string; port: number; onListen: () => void },
    handler: (request: Request) => Promise<Response>,
  ): unknown;
};

const port = Number(Deno.args[0] ?? '8080');
const headers = { 'Content-Type': 'text/plain; charset=utf-8' };

async function upload(request: Request): Promise<Response> {
  if (request.method === 'POST' && new URL(request.url).pathname === '/upload') {
    let length = 0;
    for await (const chunk of request.body ?? []) length += chunk.length;
    return new Response(String(length), { headers });
  }
  return new Response(null, { status: 404 });
}

Deno.serve(
  { hostname: '127.0.0.1', port, onListen: () => console.log(`listening ${port}`) },
  upload,
);

export {};

/** Bun.serve reading what is posted to /upload to its end, and answering its length. */
declare const Bun: {
  serve(options: {
    hostname: string;
    port: number;
    fetch: (request: Request) => Promise<Response>;
  }): unknown;
};

const port = Number(process.argv[2] ?? '8080');
const headers = { 'Content-Type': 'text/plain; charset=utf-8' };

Bun.serve({
  hostname: '127.0.0.1',
  port,
  async fetch(request) {
    if (request.method === 'POST' && new URL(request.url).pathname === '/upload') {
      let length = 0;
      for await (const chunk of request.body ?? []) length += chunk.length;
      return new Response(String(length), { headers });
    }
    return new Response(null, { status: 404 });
  },
});
console.log(`listening ${port}`);

export {};

/** Bun.serve serving the files of a folder. */
declare const Bun: {
  file(path: string): unknown;
  serve(options: {
    hostname: string;
    port: number;
    fetch: (request: Request) => Response;
  }): unknown;
};

const port = Number(process.argv[2] ?? '8080');
const folder = process.argv[3] ?? '.';

Bun.serve({
  hostname: '127.0.0.1',
  port,
  fetch(request) {
    const { pathname } = new URL(request.url);
    return new Response(Bun.file(`${folder}${pathname}`) as BodyInit);
  },
});
console.log(`listening ${port}`);

export {};

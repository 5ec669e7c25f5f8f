/** Deno.serve serving the files of a folder, as streams with their length. */
interface DenoFile {
  readonly readable: ReadableStream<Uint8Array>;
  stat(): Promise<{ readonly size: number; readonly mtime: Date | null }>;
}

declare const Deno: {
  readonly args: readonly string[];
  open(path: string): Promise<DenoFile>;
  serve(
    options: { hostname: string; port: number; onListen: () => void },
    handler: (request: Request) => Promise<Response>,
  ): unknown;
};

const port = Number(Deno.args[0] ?? '8080');
const folder = Deno.args[1] ?? '.';

async function serveFile(request: Request): Promise<Response> {
  const file = await Deno.open(`${folder}${new URL(request.url).pathname}`);
  const { size, mtime } = await file.stat();
  const headers = new Headers({
    'Content-Type': 'application/octet-stream',
    'Content-Length': String(size),
  });
  if (mtime !== null) headers.set('Last-Modified', mtime.toUTCString());
  return new Response(file.readable, { headers });
}

Deno.serve(
  { hostname: '127.0.0.1', port, onListen: () => console.log(`listening ${port}`) },
  serveFile,
);

export {};

/** Deno.listen as an echo server. */
interface DenoConn {
  read(buf: Uint8Array): Promise<number | null>;
  write(data: Uint8Array): Promise<number>;
  close(): void;
}
declare const Deno: {
  readonly args: readonly string[];
  listen(options: { hostname: string; port: number }): AsyncIterable<DenoConn>;
};

const port = Number(Deno.args[0] ?? '8080');

async function echo(conn: DenoConn): Promise<void> {
  const buf = new Uint8Array(65536);
  for (;;) {
    const n = await conn.read(buf);
    if (n === null) break;
    for (let at = 0; at < n;) at += await conn.write(buf.subarray(at, n));
  }
  conn.close();
}

const listener = Deno.listen({ hostname: '127.0.0.1', port });
console.log(`listening ${port}`);
for await (const conn of listener) echo(conn).catch(() => conn.close());

export {};

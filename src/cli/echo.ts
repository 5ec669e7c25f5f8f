/** netfd echo: sends back to each client what it sends. */
import { type Conn, listen, type Listener } from '../index.ts';
import { nextSignal } from './signals.ts';
import type { Arguments } from './usage.ts';

const DEFAULT_ADDR = ['tcp', '127.0.0.1:7777'] as const;

const BUFFER = 64 * 1024;

/** After an accept that failed for lack of descriptors, in milliseconds. */
const PAUSE = 100;

/** Echoes until it is told to end; gives the exit status. */
export async function echo(args: Arguments): Promise<number> {
  const [network = DEFAULT_ADDR[0], address = DEFAULT_ADDR[1]] = args.operands;
  const listener = await listen(network, address);
  const signal = nextSignal(); // before anybody knows that there is something to end
  console.log(`netfd echoing on ${network} ${String(listener.addr)}`);
  const print = args.flags.has('quiet') ? () => {} : console.log;
  const failed = acceptAll(listener, print).catch((error: unknown) => error);
  const ended = await Promise.race([signal, failed]);
  await listener[Symbol.asyncDispose]();
  if (typeof ended !== 'string') throw ended;
  return 0;
}

/** Until the listener is closed, or broken. */
async function acceptAll(listener: Listener, print: (line: string) => void): Promise<never> {
  for (;;) {
    try {
      void serveConn(await listener.accept(), print);
    } catch (error) {
      if ((error as { temporary?: boolean }).temporary !== true) throw error;
      print((error as Error).message);
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }
}

async function serveConn(conn: Conn, print: (line: string) => void): Promise<void> {
  const name = String(conn.remoteAddr);
  let bytes = 0;
  let end = '';
  try {
    const buf = new Uint8Array(BUFFER);
    for (;;) {
      const count = await conn.read(buf);
      if (count === null) break;
      bytes += await conn.write(buf.subarray(0, count));
    }
  } catch (error) {
    end = `: ${(error as Error).message}`;
  }
  await conn[Symbol.asyncDispose]();
  print(`${name} ${bytes} bytes${end}`);
}

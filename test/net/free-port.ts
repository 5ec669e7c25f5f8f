/**
 * Ports for programs that must be told one and cannot say which the kernel gave them. They are below those
 * that the kernel gives out by itself: between the choice and the use of a port it cannot become the near
 * end of somebody's connection, of which other tests make thousands.
 */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';

const LOWEST = 10_000;
const TRIES = 100;

/** The first port that the kernel gives out by itself. */
function firstGivenOut(): number {
  const [first] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8')
    .trim()
    .split(/\s+/);
  return Number(first);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}

/** A port of 127.0.0.1 that nobody uses at the moment; any one, if the kernel gives out all. */
export async function freePort(): Promise<number> {
  const end = firstGivenOut();
  const [from, to] = end > 2 * LOWEST ? [LOWEST, end] : [LOWEST, 65_536];
  for (let i = 0; i < TRIES; i++) {
    const port = randomInt(from, to);
    if (await isFree(port)) return port;
  }
  throw new Error(`none of ${TRIES} ports in ${from}..${to} is free`);
}

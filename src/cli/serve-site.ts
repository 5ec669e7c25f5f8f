/**
 * What each thread of `netfd serve` serves, and where it says that it does: the handler that its operand
 * names, with a log around it, and TLS over its listener.
 */
import { readFile, stat } from 'node:fs/promises';
import { accessLog } from '../http/around/access-log.ts';
import type { Activity } from '../http/server/activity.ts';
import { fileServer } from '../http/files/file-server.ts';
import type { Handler } from '../http/handler.ts';
import { nodeFiles, type Server } from '../http.ts';
import { demoHandler } from './demo.ts';
import { isHandlerFile, loadHandler } from './handler-file.ts';
import type { ServeOptions } from './serve-options.ts';

/** What answers the requests: the demonstration, the files of a directory, or a module. */
export async function handlerFor(options: ServeOptions, activity: Activity): Promise<Handler> {
  const handler = await innerHandler(options.operand, activity);
  if (options.log === null) return handler;
  return accessLog(handler, { format: options.log, write: process.stdout });
}

async function innerHandler(operand: string | undefined, activity: Activity): Promise<Handler> {
  if (operand === undefined) return demoHandler(activity);
  const stats = await stat(operand).catch((error: Error) => fail(operand, error));
  if (stats.isDirectory()) return fileServer(await nodeFiles(operand));
  if (isHandlerFile(operand)) return loadHandler(operand);
  throw new Error(`netfd serve: ${operand}: neither a directory nor a .js, .mjs or .ts file`);
}

/** Certificate and key can be read. What is in them is for others to look at. */
export async function requireFiles(tls: ServeOptions['tls']): Promise<void> {
  for (const path of tls === null ? [] : [tls.cert, tls.key]) {
    await readFile(path).catch((error: Error) => fail(path, error));
  }
}

function fail(path: string, error: Error): never {
  throw new Error(`netfd serve: ${path}: ${reasonOf(error)}`);
}

/** "ENOENT: no such file or directory, stat 'x'" → "no such file or directory" */
function reasonOf({ message }: Error): string {
  return /^\w+: (.*), \w+ '/.exec(message)?.[1] ?? message;
}

/** Where it serves: what to type into a browser, if that is possible, and who it is. */
export function announce({ tls, network }: ServeOptions, addr: string, threads: string): void {
  console.log(
    `netfd serving ${placeOf(network, addr, tls !== null)} (pid ${process.pid}${threads})`,
  );
}

/** Any address is most easily reached as localhost. */
function placeOf(network: string, addr: string, secure: boolean): string {
  if (!network.startsWith('tcp')) return `${network} ${addr}`;
  const place = addr.replace(/^(\[::\]|0\.0\.0\.0):/, 'localhost:');
  return `${secure ? 'https' : 'http'}://${place}/`;
}

/** What is still to be done when it does not listen any more. */
export function tellWaiting({ connections: { size } }: Server): void {
  if (size === 0) return;
  const what = size === 1 ? 'a connection' : `${size} connections`;
  console.error(`netfd serve: waiting for ${what}; another signal closes at once`);
}

/** That it goes on for a while, as it was asked to. */
export function tellLameDuck(milliseconds: number): void {
  const seconds = milliseconds / 1000;
  console.error(`netfd serve: goes on for ${seconds} s; another signal closes at once`);
}

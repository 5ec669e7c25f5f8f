/**
 * Real servers for tests: PostgreSQL and Redis in a folder of their own, on a unix socket and a TCP port,
 * gone when the test is. Null, with the reason, where they are not installed.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  accessSync,
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../net/free-port.ts';
import { dial } from '../../src/index.ts';

export interface DatabaseServer {
  /** Where its unix socket is. */
  readonly path: string;
  readonly folder: string;
  readonly port: number;
  /** Kills it, as a crash would. */
  kill(): Promise<void>;
  /** Ends it, and removes what it has written. */
  stop(): Promise<void>;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, 1);
    return true;
  } catch {
    return false;
  }
}

const POSTGRES = '/usr/lib/postgresql';

function postgresFolder(): string | null {
  try {
    const [version] = readdirSync(POSTGRES).sort().reverse();
    const folder = join(POSTGRES, version!, 'bin');
    return isProgram(join(folder, 'initdb')) ? folder : null;
  } catch {
    return null;
  }
}

const bin = postgresFolder();

/** Why a test with it cannot run; false if it can. */
export const noPostgres: string | false = bin === null ? 'PostgreSQL is not installed' : false;

const redis = ['/usr/bin/redis-server', '/usr/local/bin/redis-server'].find(isProgram);
export const noRedis: string | false =
  redis === undefined ? 'redis-server is not installed' : false;

/** The user that it runs as: PostgreSQL does not run as root. */
function unprivileged(): { uid: number; gid: number } | object {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string): number =>
    Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/** `ask` throws while it does not answer. */
async function untilItAnswers(ask: () => unknown, child: ChildProcess): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await ask();
      return;
    } catch (error) {
      if (tries > 300 || child.exitCode !== null) throw error;
      await sleep(50);
    }
  }
}

function serverOf(child: ChildProcess, folder: string, path: string, port: number): DatabaseServer {
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, 'close');
    child.kill(signal);
    await closed;
  };
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', () => {
    child.kill('SIGKILL');
    remove();
  });
  return {
    path,
    folder,
    port,
    kill: () => end('SIGKILL'),
    stop: async () => {
      // Of PostgreSQL that is a fast shutdown, of Redis a clean one.
      await end('SIGINT');
      remove();
    },
  };
}

/** With a user "test" that needs no password, and a database "postgres". */
export async function startPostgres(): Promise<DatabaseServer> {
  const folder = mkdtempSync(join(tmpdir(), 'netfd-pg-'));
  const user = unprivileged();
  const data = join(folder, 'data');
  mkdirSync(data, { mode: 0o700 });
  chmodSync(folder, 0o755);
  if ('uid' in user)
    for (const path of [folder, data]) chownSync(path, user.uid, (user as { gid: number }).gid);
  const options = { ...user, cwd: folder, stdio: 'ignore' } as const;
  const initial = ['-D', data, '-U', 'test', '-A', 'trust', '-N', '--no-locale', '-E', 'UTF8'];
  execFileSync(join(bin!, 'initdb'), initial, options);
  const port = await freePort();
  const settings = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${folder}`,
  ];
  settings.push('fsync=off', 'shared_buffers=16MB', 'max_connections=20');
  const args = settings.flatMap((setting) => ['-c', setting]);
  const child = spawn(join(bin!, 'postgres'), ['-D', data, ...args], options);
  const path = join(folder, `.s.PGSQL.${port}`);
  const isReady = ['-q', '-h', folder, '-p', String(port)];
  await untilItAnswers(() => execFileSync(join(bin!, 'pg_isready'), isReady), child);
  return serverOf(child, folder, path, port);
}

export async function startRedis(): Promise<DatabaseServer> {
  const folder = mkdtempSync(join(tmpdir(), 'netfd-redis-'));
  const path = join(folder, 'redis.sock');
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--unixsocket', path];
  args.push('--save', '', '--appendonly', 'no', '--dir', folder);
  const child = spawn(redis!, args, { stdio: 'ignore' });
  await untilItAnswers(async () => (await dial('unix', path)).close(), child);
  return serverOf(child, folder, path, port);
}

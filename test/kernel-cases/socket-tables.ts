/** The kernel's lists of sockets as text: /proc/net/tcp and /proc/net/unix. Source: proc(5). */
import type { Run } from './run.ts';

interface TcpLine {
  readonly local: number;
  readonly remote: number;
  /** Two hexadecimal digits: "0A" is LISTEN. */
  readonly state: string;
}

function tcpLines(run: Run): TcpLine[] {
  const [, ...lines] = run.machine.files.read('/proc/net/tcp').trimEnd().split('\n');
  return lines.map((line) => {
    const [, local = '', remote = '', state = ''] = line.trim().split(/\s+/);
    return { local: portOf(local), remote: portOf(remote), state };
  });
}

function portOf(address: string): number {
  return Number.parseInt(address.split(':')[1]!, 16);
}

/** The states of all TCP sockets, sorted. */
export function statesOf(run: Run): string[] {
  return tcpLines(run)
    .map(({ state }) => state)
    .sort();
}

/** Flags, type, state and path of the unix sockets with that path. */
export function unixLines(run: Run, path: string): string[][] {
  const [, ...lines] = run.machine.files.read('/proc/net/unix').trimEnd().split('\n');
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[7] === path)
    .map(([, , , flags = '', type = '', state = '']) => [flags, type, state, path]);
}

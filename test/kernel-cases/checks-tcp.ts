/** The steps about TCP connections: their state, what is in their buffers, how much they take. */
import { IPPROTO_TCP } from '../../src/syscall/inet.ts';
import { decodeTcpInfo, type TcpInfo } from '../../src/syscall/tcp-info.ts';
import { TCP_INFO, TCP_MAXSEG } from '../../src/syscall/tcp.ts';
import { type Action, type Check, type Handlers, Plausible } from './checks.ts';
import { tuple } from './recorded.ts';
import { int32At, int32s } from './results.ts';
import type { Run } from './run.ts';
import { statesOf } from './socket-tables.ts';
import { constant } from './vocabulary.ts';

/** Sends pieces of that many bytes until the call fails; how many bytes were taken. */
export function fill(run: Run, name: string, size: number): number {
  const piece = new Uint8Array(size);
  let taken = 0;
  for (;;) {
    const result = run.subject.sendto(run.fd(name), piece, 0, null);
    if (result < 0) return taken;
    taken += result;
  }
}

/** Reads until there is nothing left, or the stream ends; how many bytes there were. */
export function drain(run: Run, name: string): number {
  let read = 0;
  for (;;) {
    const { result } = run.subject.recvfrom(run.fd(name), 1 << 16, 0);
    if (result <= 0) return read;
    read += result;
  }
}

function tcpInfoBytes(run: Run, name: string): Uint8Array {
  return run.subject.getsockopt(run.fd(name), IPPROTO_TCP, TCP_INFO, 1024).data;
}

export function tcpInfo(run: Run, name: string): TcpInfo {
  return decodeTcpInfo(tcpInfoBytes(run, name));
}

/** What the socket has accepted in total, and what of it has arrived, until both stand still. */
async function transfer(run: Run, total: number): Promise<number> {
  let arrived = 0;
  for (let idle = 0; arrived < total && idle < 500; idle++) {
    const read = drain(run, 's');
    if (read > 0) idle = 0;
    arrived += read;
    await run.machine.sleep(10);
  }
  return arrived;
}

const actions: Readonly<Record<string, Action>> = {
  'c sends until EAGAIN, s does not read': (run) => {
    run.notes.set('sent', fill(run, 'c', 4096));
  },
  's reads': async (run) => {
    run.notes.set('arrived', await transfer(run, run.notes.get('sent') as number));
  },
};

const states: Check = (run) => statesOf(run);

const infoChecks: Readonly<Record<string, Check>> = {
  tcpi_sacked: (run) => tcpInfo(run, 's').tcpi_sacked,
  'options byte (TS|SACK|WSCALE) & 7': (run) => tcpInfo(run, 'c').tcpi_options & 7,
  ca_state: (run) => tcpInfo(run, 'c').tcpi_ca_state,
  snd_mss: (run) => {
    const mss = tcpInfo(run, 'c').tcpi_snd_mss;
    const { data } = run.subject.getsockopt(run.fd('c'), IPPROTO_TCP, TCP_MAXSEG, 4);
    return new Plausible(mss, mss === int32At(data) && mss >= 536);
  },
  'rtt > 0': (run) => tcpInfo(run, 'c').tcpi_rtt > 0,
  bytes_acked: (run) => tcpInfo(run, 'c').tcpi_bytes_acked ?? null,
  'segs_out >= 2': (run) => (tcpInfo(run, 'c').tcpi_segs_out ?? 0) >= 2,
  'size of struct on 6.18': (run) => {
    const size = tcpInfoBytes(run, 'c').length;
    return new Plausible(size, size >= 192 && size % 8 === 0);
  },
  unacked: (run) => tcpInfo(run, 'c').tcpi_unacked,
  'snd_wscale, rcv_wscale': (run) => {
    const { tcpi_snd_wscale: sent, tcpi_rcv_wscale: received } = tcpInfo(run, 'c');
    return tuple(sent, received);
  },
  snd_cwnd: (run) => tcpInfo(run, 'c').tcpi_snd_cwnd,
  rcv_space: (run) => tcpInfo(run, 'c').tcpi_rcv_space,
};

const streamChecks: Readonly<Record<string, Check>> = {
  '/proc/net/tcp: sockets left and state of the client tuple': states,
  'states in /proc/net/tcp (06 = TIME_WAIT)': states,
  states,
  'bytes read before EOF': (run) => drain(run, 's'),
  'unsent/unacked in c (SIOCOUTQ) > 0': (run) => {
    const queued = int32s(0);
    return (
      run.subject.ioctl(run.fd('c'), constant('SIOCOUTQ'), queued) === 0 && int32At(queued) > 0
    );
  },
  'all bytes arrive': (run) => run.notes.get('arrived') === run.notes.get('sent'),
  'bytes in the receive queue (FIONREAD)': (run) => Number(run.history.at(-1)!.text),
};

export const tcpHandlers: Handlers = {
  actions,
  checks: { ...infoChecks, ...streamChecks },
  actionForms: [
    [
      /^fill (\w+)(?: until EAGAIN)?$/,
      (run, [name = '']) => {
        fill(run, name, 4096);
      },
    ],
  ],
  checkForms: [[/^total bytes \(/, (run) => fill(run, 'c', 65_536)]],
  before: {
    // On a busy machine some of what was sent is taken a little later, and there is room again.
    'TCP-25 7': (run) => {
      fill(run, 'c', 1000);
    },
  },
};

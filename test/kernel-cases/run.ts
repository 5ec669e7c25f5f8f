/**
 * The state of one case while it is replayed: which descriptor has which name, which port is P1, how long
 * the last call took, and what was received.
 *
 * Ports: the cases name a port that the kernel chose P1, P2, …, in the order in which they had to be
 * written down. That of the listener behind tcppair() has a name at once. A name that is first met in an
 * answer is the port that stands there. One that is first met in an address to use is the first port that
 * bind or listen chose and that has no name yet. Where that does not fit, see OWNERS.
 */
import { F_GETFL, F_SETFL, O_NONBLOCK } from '../../src/syscall/fcntl.ts';
import { sockaddrPort } from '../../src/syscall/sockaddr.ts';
import { encodeAddress, showAddress } from './address.ts';
import type { Machine } from './machine.ts';
import type { Named, Subject } from './subject.ts';

/** Names of ports that are those of a socket that was not bound: by case, then by the socket's name. */
const OWNERS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'TCP-10': { c: 'P2' },
  'WIR-13': { c: 'P1' },
};

/** The cases that tell what SO_REUSEADDR of a closed listener is good for: of which pair it was. */
const REUSING: Readonly<Record<string, number>> = { 'BND-21': 2, 'BND-22': 2 };

export class Run {
  /** The case. */
  readonly id: string;
  readonly subject: Subject;
  readonly machine: Machine;
  readonly #fds: Map<string, number> = new Map();
  readonly #ports: Map<string, number> = new Map();
  readonly #bound: number[] = [];
  readonly #explicit: Set<number> = new Set();
  /** Milliseconds that the last call took. */
  elapsed = 0;
  /** The descriptor that bind or listen was asked for last. */
  lastBound = -1;
  #pairs = 0;
  /** What the last call gave: for the checks. */
  last: unknown = null;
  /** Descriptors that came in messages. */
  readonly rights: number[] = [];
  /** What was received since the last send. */
  received: Uint8Array[] = [];
  /** The values that were read, in order. */
  readonly given: Uint8Array[] = [];
  /** The steps so far, and what came of them. */
  readonly history: { readonly op: string; readonly text: string }[] = [];
  /** What the handlers of `do` and `check` keep for each other: threads, times, counts. */
  readonly notes: Map<string, unknown> = new Map();

  constructor(id: string, subject: Subject, machine: Machine) {
    this.id = id;
    this.subject = subject;
    this.machine = machine;
  }

  /** Times a call and keeps what it gave. */
  call<T>(make: () => T): T {
    const start = this.machine.now();
    const given = make();
    this.elapsed = this.machine.now() - start;
    this.last = given;
    if (typeof given === 'object' && given !== null && 'data' in given) {
      this.given.push(given.data as Uint8Array);
    }
    return given;
  }

  /**
   * The descriptor with this name: of a socket, or of something that the cases take for granted. A name
   * that nothing was given is that of the descriptor that a message brought last.
   */
  fd(name: string): number {
    const known = this.#fds.get(name);
    if (known !== undefined) return known;
    const given = /^(?:fd)?(\d+)$/.exec(name);
    if (given !== null) return Number(given[1]);
    const closed = /^closed(\d+)$/.exec(name);
    if (closed !== null) return this.#closed(Number(closed[1]));
    const fd = this.#made(name) ?? this.machine.open(name) ?? this.rights.at(-1);
    if (fd === undefined) throw new Error(`no descriptor is called ${name}`);
    this.#fds.set(name, fd);
    return fd;
  }

  /**
   * A number that was a descriptor until now. It must have been one: select(2) looks no further than the
   * table of descriptors reaches, and that only grows when a high number is used.
   */
  #closed(fd: number): number {
    const any = this.machine.open('devnull')!;
    this.subject.dup3(any, fd, 0);
    this.subject.close(fd);
    this.subject.close(any);
    return fd;
  }

  #made(name: string): number | undefined {
    if (/^e\d$/.test(name)) return this.subject.epoll_create1(0);
    if (name !== 'pipe') return undefined;
    const [reader, writer] = this.subject.pipe2(0).pair;
    this.#fds.set('reader', reader!);
    return writer;
  }

  name(name: string, fd: number): void {
    this.#fds.set(name, fd);
  }

  /** The name of a descriptor, the newest if it had several. */
  nameOf(fd: number): string {
    const names = [...this.#fds].filter(([, other]) => other === fd).map(([name]) => name);
    return names.at(-1) ?? `fd${fd}`;
  }

  /** The port that the kernel has chosen for `fd` can be named from now on. */
  noteBound(fd: number): void {
    this.lastBound = fd;
    const port = this.portOf(fd);
    if (port === 0 || this.#explicit.has(port) || this.#bound.includes(port)) return;
    this.#bound.push(port);
  }

  /** The local port; 0 if it has none. */
  portOf(fd: number): number {
    const { result, addr } = this.subject.getsockname(fd);
    return result === 0 && isInet(addr) ? sockaddrPort(addr) : 0;
  }

  /** Whether the listener behind the next pair of connections has SO_REUSEADDR. */
  reusesAddress(): boolean {
    this.#pairs++;
    return REUSING[this.id] === this.#pairs;
  }

  /** Gives the next name to a port. */
  nextPort(port: number): void {
    this.#ports.set(`P${this.#ports.size + 1}`, port);
  }

  /** To be told of sockets that have got a port in some other way. */
  noteConnected(socket: string): void {
    const name = OWNERS[this.id]?.[socket];
    if (name !== undefined) this.#ports.set(name, this.portOf(this.fd(socket)));
  }

  port(text: string): number {
    const known = this.#ports.get(text);
    if (known !== undefined) return known;
    if (!text.startsWith('P')) {
      this.#explicit.add(Number(text));
      return Number(text);
    }
    const named = new Set(this.#ports.values());
    const port = this.#bound.find((other) => !named.has(other));
    if (port === undefined) throw new Error(`no port was bound that could be ${text}`);
    this.#ports.set(text, port);
    return port;
  }

  address(text: string): Uint8Array | null {
    return encodeAddress(text, (port) => this.port(port));
  }

  /** An address that was told, in the words of `expected`, from which a port gets its name. */
  show({ addr, addrlen }: Named, expected: string): string {
    const name = /:(P\d+)/.exec(expected)?.[1];
    if (name !== undefined && !this.#ports.has(name) && isInet(addr)) {
      this.#ports.set(name, sockaddrPort(addr));
    }
    return showAddress(addr, addrlen, this.machine.pid, (port) => {
      if (!/:P\d+/.test(expected)) return String(port);
      const found = [...this.#ports].find(([, other]) => other === port);
      return found?.[0] ?? String(port);
    });
  }

  setNonblock(fd: number, on: boolean): number {
    const flags = this.subject.fcntl(fd, F_GETFL, 0);
    const changed = on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
    return this.subject.fcntl(fd, F_SETFL, changed);
  }
}

function isInet(addr: Uint8Array): boolean {
  return addr.length >= 8 && (addr[0] === 2 || addr[0] === 10);
}

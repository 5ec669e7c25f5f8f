/**
 * What the program can be asked to do, as data: the commands, their options and operands, their help.
 * Loads none of them, so that asking for help needs no addon.
 */

export type OptionKind = 'boolean' | 'string';

/** The values of options and the operands, checked against the command's own. */
export interface Arguments {
  readonly flags: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, string>;
  readonly operands: readonly string[];
}

/** Runs to the end; gives the exit status. */
export type Run = (args: Arguments) => Promise<number>;

export interface Command {
  readonly help: string;
  readonly options: Readonly<Record<string, OptionKind>>;
  /** How many operands there may be. */
  readonly operands: readonly number[];
  /** It reads its words by itself: all of them are operands, but for a first one that asks for help. */
  readonly raw?: true;
  readonly load: () => Promise<Run>;
}

export const HELP = `netfd: the Linux socket

  netfd serve [--addr ADDR] [OPTIONS] [DIR | FILE]
                                 an HTTP server
  netfd echo [--quiet] [NETWORK ADDR]
                                 sends back what it gets
  netfd dial NETWORK ADDR        stdin and stdout over a connection

  netfd trace [OPTIONS] PROGRAM [ARGS]
                                 a program's system calls, as strace shows them

  netfd COMMAND --help           more about one of them
  netfd --version

A NETWORK is tcp, tcp4, tcp6, unix or unixpacket. An ADDR is "host:port"
(":8080" is any address of this machine, port 0 one that is free), a path, or
"@name" for an abstract unix socket.
`;

const SERVE = `netfd serve [--addr ADDR] [OPTIONS] [DIR | FILE]

Serves HTTP. Without an operand: "Hello, world!" at /hello, and at / a page
that shows the connections of this server as they come and go. With a
directory: its files, but none whose name begins with a dot, and nothing that
a link outside of it leads to. With a .js, .mjs or .ts file: the handler that
this module exports, in one of the forms

  export default { fetch(request) { return new Response('hello') } }
  export function fetch(request) { return new Response('hello') }
  export default function (w, r) { w.write('hello') }

  --addr ADDR         where to listen (127.0.0.1:8080)
  --grace SECONDS     how long requests may take to complete at the end (10)
  --lame-duck SECONDS how long it goes on before that (0.2 with connections)
  --log FORMAT        a line for each request on stdout, refused ones too:
                      common, combined or json (none)
  --network NETWORK   tcp, tcp4, tcp6 or unix (unix if ADDR is a path or @name,
                      else tcp)
  --tls-cert FILE     serves https, HTTP/2 and HTTP/1.1: the certificate, and
  --tls-key FILE      its private key, as PEM
  --workers N         N threads serve, each with its own connections, which the
                      kernel deals out; "auto" is one for each CPU. For tcp

SIGINT and SIGTERM end it in good order: it accepts no more connections,
completes the replies that it has begun, and exits with status 0. For a moment
before that it goes on, but tells clients with each reply to connect elsewhere,
so that no request is lost on a connection that is kept. A second one
closes everything at once; the status is then 130 (SIGINT) or 143 (SIGTERM).
If it cannot listen, the status is 1.
`;

const ECHO = `netfd echo [--quiet] [NETWORK ADDR]

Listens (on tcp 127.0.0.1:7777 if not told otherwise) and sends back to each
client what it sends. Prints a line for each connection that has ended.

  --quiet   does not

SIGINT and SIGTERM end it with status 0; the file of a unix socket is removed.
`;

const DIAL = `netfd dial NETWORK ADDR

Connects, sends what it reads from stdin, and writes to stdout what it
receives. At the end of stdin the peer is told that no more will come (the
connection is half-closed). It is over when the peer has ended its stream too;
what is left of stdin is still sent, as long as it comes without a pause of
half a second. The status is 0, or 1 if the connection failed.
`;

const TRACE = `netfd trace [OPTIONS] PROGRAM [ARGS]

Runs a program that uses netfd, a .js file or a .ts file where Node runs those,
and shows the system calls that netfd makes for it, as strace would. The
program is not changed: its streams, arguments and signals are its own, and
the exit status is the program's.

  -e trace=SET, -e SET  only these: names (accept4), classes (%network, %desc,
                        %file), /REGEX, joined by commas; "!" for all others
  -e inject=RULE, --inject RULE
                        SET:error=ERRNO, :retval=VALUE, :delay_enter=TIME,
                        :delay_exit=TIME, :when=FIRST[..LAST][+[STEP]]
  -o FILE               into a file, not to standard error
  -c, -C                how often and how long, at the end; -C: the calls too
  --format FORMAT       text, ndjson or chrome
  -s N                  so many bytes of each string (32)
  -x, -xx               strings in hex: those that are not ASCII, all
  -y, -yy               what a descriptor is
  -T, -r, -t, -tt, -ttt how long a call took, since when, the time of day
  -a N                  the column of results (40)
  --stacks              the line of the program that asked
  --explain             what each call is for

NETFD_TRACE="OPTIONS" in the environment does the same for a program that is
started otherwise; NETFD_TRACE=1 is without options. See docs/tracing.md.
`;

export const COMMANDS: Readonly<Record<string, Command>> = {
  serve: {
    help: SERVE,
    options: {
      addr: 'string',
      network: 'string',
      grace: 'string',
      'lame-duck': 'string',
      log: 'string',
      'tls-cert': 'string',
      'tls-key': 'string',
      workers: 'string',
    },
    operands: [0, 1],
    load: async () => (await import('./serve.ts')).serve,
  },
  echo: {
    help: ECHO,
    options: { quiet: 'boolean' },
    operands: [0, 2],
    load: async () => (await import('./echo.ts')).echo,
  },
  dial: {
    help: DIAL,
    options: {},
    operands: [2],
    load: async () => (await import('./dial.ts')).dial,
  },
  trace: {
    help: TRACE,
    options: {},
    operands: [],
    raw: true,
    load: async () => (await import('./trace.ts')).trace,
  },
};

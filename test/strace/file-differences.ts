/** Those of {@link Difference} that are about files that are served: the scene http_servefile. */

interface FileDifference {
  readonly name: string;
  readonly reason: string;
  apply(lines: readonly string[]): string[];
}

const FOLDER = '"/tmp/golden-1/';
const FLAGS = '{flags=O_RDONLY|O_NOCTTY|O_NONBLOCK|O_CLOEXEC, resolve=RESOLVE_NO_SYMLINKS}';
const MASK = 'STATX_TYPE|STATX_MTIME|STATX_INO|STATX_SIZE';

/** What strace shows of a text. */
const SHOWN = 200;
/** Stands in for a date, which is as long. */
const DATE = 'x'.repeat(29);
const MODIFIED = 1_700_000_000_000_000;

/** The head of a reply with a file of `size` bytes, as strace shows it, and its length. */
function head(status: string, size: number, fields: readonly string[]): [string, number] {
  const lines = [
    `HTTP/1.1 ${status}`,
    `Last-Modified: ${DATE}`,
    `Etag: "${MODIFIED.toString(16)}-${size.toString(16)}"`,
    'X-Content-Type-Options: nosniff',
    'Accept-Ranges: bytes',
    ...fields,
    `Date: ${DATE}`,
    'Connection: close',
  ];
  const text = `${lines.join('\r\n')}\r\n\r\n`;
  const shown = text.slice(0, SHOWN).replaceAll('\r\n', '\\r\\n').replaceAll('"', '\\"');
  return [`"${shown.replaceAll(DATE, '<date>')}"...`, text.length];
}

const BIN = 'Content-Type: application/octet-stream';
const WHOLE = head('200 OK', 100_000, [BIN, 'Content-Length: 100000']);
const PART = head('206 Partial Content', 100_000, [
  BIN,
  'Content-Length: 60000',
  'Content-Range: bytes 1000-60999/100000',
]);
const SMALL = head('200 OK', 300, [
  'Content-Type: text/plain; charset=utf-8',
  'Content-Length: 300',
]);

/** The names that are left, in the order in which they are made. */
function withoutGaps(lines: readonly string[]): string[] {
  const names = new Map<string, string>();
  for (const line of lines) {
    const name = /^openat2?\(.* = (f\d+)$/.exec(line)?.[1];
    if (name !== undefined) names.set(name, `f${names.size + 1}`);
  }
  return lines.map((line) => line.replaceAll(/\bf\d+\b/g, (name) => names.get(name) ?? name));
}

export const FILE_DIFFERENCES: readonly FileDifference[] = [
  {
    name: 'What the programs do with files is their own',
    reason: 'os.WriteFile of the Go program has opened the poller before',
    apply: (lines) => ['epoll_create1(EPOLL_CLOEXEC) = ep', ...lines],
  },
  {
    name: 'A file is opened without following links',
    reason: 'openat2 refuses them on the whole way; and a file is not put into the poller',
    apply(lines) {
      const files = new Set<string>();
      const opened = lines.map((line) => {
        const [, path = '', file] = /^openat\(AT_FDCWD, (".*"), .* = (f\d+)$/.exec(line) ?? [];
        if (file === undefined || !path.startsWith(FOLDER)) return line;
        files.add(file);
        return `openat2(AT_FDCWD, ${path}, ${FLAGS}, 24) = ${file}`;
      });
      const kept = opened.filter((line) => {
        const polled = /^epoll_ctl\(ep, EPOLL_CTL_ADD, (f\d+),/.exec(line)?.[1];
        return polled === undefined || !files.has(polled);
      });
      const flags = 'AT_STATX_SYNC_AS_STAT|AT_EMPTY_PATH';
      return withoutGaps(
        kept.map((line) =>
          line
            .replace(/^fstat\((f\d+), \{st_mode/, `statx($1, "", ${flags}, ${MASK}, {stx_mode`)
            .replace(', st_size=', ', stx_size='),
        ),
      );
    },
  },
  {
    name: 'More media types are known',
    reason: '".bin" is one of them, so the file is not read to find out',
    apply: (lines) =>
      lines.filter((_, at) => {
        const rewinds = (place: number): boolean =>
          (lines[place] ?? '').endsWith(' 0, SEEK_SET) = 0');
        return !rewinds(at) && !rewinds(at + 1);
      }),
  },
  {
    name: 'The body of a file goes by sendfile alone',
    reason: 'its beginning is not copied to go with the head, which waits for it in the kernel',
    apply: (lines) =>
      lines
        .filter((line) => !/^lseek|^read\(f\d+, "<A x 200>"/.test(line))
        .map((line) =>
          line
            .replace(
              /^write\((c[14]), (".*"\.\.\.), \d+\) = \d+$/,
              'sendto($1, $2, N, MSG_MORE, NULL, 0) = N',
            )
            .replace(/^(sendfile\(c1, f\d+), .*/, '$1, [0] => [100000], 100000) = 100000')
            .replace(/^(sendfile\(c4, f\d+), .*/, '$1, [1000] => [61000], 60000) = 60000')
            .replace(/^read(\(f\d+, "<b x 200>"\.\.\., 300)\)/, 'pread64$1, 0)'),
        ),
  },
  {
    name: 'A file has an entity tag',
    reason: 'and a few fields more, in another order',
    apply: (lines) =>
      lines.map((line) => {
        const heads = { c1: WHOLE, c2: SMALL, c3: WHOLE, c4: PART };
        const [, call = '', conn] = /^(\w+)\((c[1-4]), "HTTP\/1\.1 /.exec(line) ?? [];
        if (conn === undefined) return line;
        const [text, length] = heads[conn as keyof typeof heads];
        if (call === 'sendto')
          return `sendto(${conn}, ${text}, ${length}, MSG_MORE, NULL, 0) = ${length}`;
        const count = conn === 'c2' ? length + 300 : length;
        return `write(${conn}, ${text}, ${count}) = ${count}`;
      }),
  },
];

/**
 * Mistakes in what a program passes to netfd/http and netfd/node: each is an error at once that names the
 * function, the argument or option, and says what was expected.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as http from '../../src/http.ts';
import { listen, pipe } from '../../src/index.ts';
import * as node from '../../src/node.ts';

/** What the compiler would not let pass. */
const wrong = (value: unknown): never => value as never;

const ok = (w: http.ResponseWriter): void => void w.write('ok');
const fetch = (): Response => new Response('ok');
const files = await http.nodeFiles(import.meta.dirname);
const nobody = (): boolean => false;

type Case = readonly [mistake: () => unknown, message: RegExp];

const NAMES: readonly Case[] = [
  [
    () => http.cors(ok, wrong({ origin: ['https://a.example'] })),
    /^cors: .*option origin; is origins meant/,
  ],
  [() => http.cors(ok, wrong({ credential: true })), /^cors: .* is credentials meant\?$/],
  [
    () => http.basicAuth(ok, wrong({ check: nobody, relm: 'x' })),
    /^basicAuth: there is no option relm; is realm meant\?$/,
  ],
  [() => http.requestId(ok, wrong({ trusted: false })), /^requestId: there is no option trusted$/],
  [
    () => http.accessLog(ok, wrong({ write: ok, formatt: 'json' })),
    /^accessLog: there is no option formatt; is format meant\?$/,
  ],
  [() => new http.Metrics(wrong({ maxSerie: 5 })), /^Metrics: .* is maxSeries meant\?$/],
  [
    () => http.fileServer(files, wrong({ listing: false })),
    /^fileServer: there is no option listing; is listings meant\?$/,
  ],
  [
    () => http.nodeFiles('.', wrong({ link: 'none' })),
    /^nodeFiles: there is no option link; is links meant\?$/,
  ],
  [
    () => http.openLogFile('/dev/null', wrong({ bufferd: 1 })),
    /^openLogFile: there is no option bufferd$/,
  ],
  [() => http.serve(wrong({ fetch, host: '127.0.0.1' })), /^serve: .*host; is hostname meant\?$/],
  [() => http.serve(wrong({ fetch, unix: '/run/x' })), /^serve: .*unix; is path meant\?$/],
  [
    () => http.serve({ fetch, tls: wrong({ certs: 'x', key: 'y' }) }),
    /^serve: there is no option certs; is cert meant\?$/,
  ],
  [
    () => node.fromNodeSocket(wrong(node.dialSocket()), wrong({ local: 1 })),
    /^fromNodeSocket: .* local$/,
  ],
];

const VALUES: readonly Case[] = [
  [() => http.redirectHandler(wrong(5), 302), /^redirectHandler: url must be a string$/],
  [
    () => http.redirectHandler('/', 200),
    /^redirectHandler: code must be an integer in 300\.\.399$/,
  ],
  [() => http.stripPrefix(wrong(undefined), ok), /^stripPrefix: prefix must be a string$/],
  [() => http.error(wrong(null), wrong(undefined), 400), /^error: message must be a string$/],
  [() => http.httpDate(wrong(new Date())), /^httpDate: ms must be a number of milliseconds/],
  [() => http.nodeFiles(import.meta.filename), /^nodeFiles: root must be a directory, which /],
  [() => new http.Server(ok, wrong([])), /^Server: options must be an object$/],
  [
    () => http.listenAndServe(':0', ok, wrong({ signal: 5 })),
    /^listenAndServe: option signal must/,
  ],
  [() => http.listenAndServe(wrong(8080)), /^listenAndServe: addr must be a string, as ":8080"/],
  [() => http.listenAndServe(':0', wrong({})), /^listenAndServe: handler must be a function/],
  [
    () => http.listenAndServeTLS(wrong(8443), 'c', 'k'),
    /^listenAndServeTLS: addr must be a string/,
  ],
  [
    () => http.listenAndServeTLS(':0', 'c', 'k', wrong(1)),
    /^listenAndServeTLS: handler must be a function/,
  ],
  [
    () => http.serve({ fetch, tls: { cert: 'c', key: 'k', serverNames: wrong(5) } }),
    /option serverNames must be an object of \{ cert, key \}/,
  ],
  [
    () => http.serve({ fetch, tls: { cert: 'c', key: 'k', ca: wrong(5) } }),
    /^serve: option ca must be PEM/,
  ],
  [
    () => http.serve({ fetch, tls: { cert: '-----BEGIN x', key: '-----BEGIN y' } }),
    /^serve: option cert is no certificate in PEM: /,
  ],
  [() => node.connectSocket('tcp', '', wrong(5)), /^connectSocket: options must be an object$/],
  [() => node.toNodeSocket(pipe()[0], wrong([])), /^toNodeSocket: options must be an object$/],
  [
    () => node.tlsListener(wrong({}), { cert: 'c', key: 'k' }),
    /^tlsListener: listener must have a method accept$/,
  ],
  [
    () => new http.ObservedHandler({ serveHTTP: ok }, wrong({ begun: ok })),
    /^ObservedHandler: observer must have a method ended$/,
  ],
];

for (const [title, cases] of Object.entries({ 'names of options': NAMES, values: VALUES })) {
  suite(`mistakes: ${title}`, () => {
    for (const [mistake, message] of cases) {
      test(String(mistake).replace(/\s+/g, ' '), async () => {
        // As what is thrown, or as what a promise is rejected with: then it is nobody's to hear of twice.
        await assert.rejects(async () => mistake(), { message });
      });
    }
  });
}

test('the options of a form', async () => {
  const listener = await listen('tcp', '127.0.0.1:0');
  const told: string[] = [];
  const server = new http.Server(async (_w, r) => {
    for (const parse of [http.parseForm, http.parseMultipartForm]) {
      await parse(r, wrong({ maxSize: 1 })).catch((error: Error) => told.push(error.message));
    }
    const parts = http.multipartReader(r, wrong({ maxFiles: 1 }));
    await parts.next().catch((error: Error) => told.push(error.message));
  });
  const served = server.serve(listener);
  await globalThis.fetch(`http://${String(listener.addr)}/`, { method: 'POST', body: 'a=1' });
  await server.shutdown();
  await served;
  assert.deepEqual(told, [
    'parseForm: there is no option maxSize',
    'parseMultipartForm: there is no option maxSize',
    'multipartReader: there is no option maxFiles',
  ]);
});

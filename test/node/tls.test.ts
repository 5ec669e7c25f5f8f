/** TLS: what a handshake agrees on, what becomes of those that fail, and certificates that change. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { connect as connectTCP, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { suite, test } from 'node:test';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { listenAndServeTLS, type HandlerFunc } from '../../src/http.ts';
import { listen } from '../../src/index.ts';
import { type TLSConn, tlsListener } from '../../src/node.ts';
import { openSockets } from '../net/machine.ts';
import {
  type Certificate,
  certificateFolder,
  localhost,
  noOpenSSL,
  overwrite,
  secureServer,
  selfSigned,
  signed,
} from './secure-server.ts';

const timeout = 60_000;

const tellTLS: HandlerFunc = (w, r) => w.write(JSON.stringify({ ...r.tls, proto: r.proto }));

interface Reply {
  readonly status: number;
  readonly body: string;
  /** The common name of the server's certificate. */
  readonly server: string;
}

async function ask(port: number, options: RequestOptions = {}): Promise<Reply> {
  const certificate = localhost();
  const asked = httpsRequest({
    host: '127.0.0.1',
    port,
    ca: certificate.cert,
    servername: 'localhost',
    agent: false,
    ...options,
  });
  asked.end();
  const [reply] = await once(asked, 'response');
  const server = String((reply.socket as TLSSocket).getPeerCertificate().subject.CN);
  return { status: reply.statusCode, body: await text(reply), server };
}

/** A handshake alone. */
async function shake(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options });
  await once(socket, 'secureConnect');
  return socket;
}

/** How a client that is refused is told: by an alert at its handshake, or after it (TLS 1.3). */
async function refused(port: number, options: ConnectionOptions): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options });
  socket.resume();
  return new Promise((resolve) => {
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(String(error.code)));
    socket.once('close', () => resolve('closed'));
  });
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}

suite('TLS', { skip: noOpenSSL, timeout: 120_000 }, () => {
  test('what r.tls says, of both versions of TLS', { timeout }, async () => {
    await using server = await secureServer(tellTLS);
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const { body } = await ask(server.port, { minVersion: version, maxVersion: version });
      const told = JSON.parse(body) as Record<string, unknown>;
      assert.equal(told['version'], version);
      assert.match(String(told['cipherSuite']), /^TLS_/);
      assert.equal(told['serverName'], 'localhost');
      assert.equal(told['proto'], 'HTTP/1.1');
      assert.deepEqual(
        [told['peerCertificate'], told['authorized'], told['didResume']],
        [null, false, false],
      );
    }
  });

  test('ALPN: the better protocol of those that both know, and none', { timeout }, async () => {
    await using server = await secureServer(tellTLS);
    const cases: [string[] | undefined, string | false][] = [
      [['http/1.1', 'h2'], 'h2'],
      [['http/1.1'], 'http/1.1'],
      [undefined, false],
    ];
    for (const [ALPNProtocols, expected] of cases) {
      const socket = await shake(server.port, ALPNProtocols ? { ALPNProtocols } : {});
      assert.equal(socket.alpnProtocol, expected);
      socket.destroy();
    }
    assert.match(
      await refused(server.port, { ALPNProtocols: ['imap'] }),
      /ALERT_NO_APPLICATION_PROTOCOL|RESET/,
    );
  });

  test('a session is resumed', { timeout }, async () => {
    await using server = await secureServer(tellTLS);
    const asked = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
    const socket = await shake(server.port);
    const session = once(socket, 'session') as Promise<[Buffer]>;
    socket.write(asked);
    assert.match(await text(socket), /"didResume":false/);
    const again = await shake(server.port, { session: (await session)[0] });
    assert.equal(again.isSessionReused(), true);
    again.write(asked);
    assert.match(await text(again), /"didResume":true/);
  });

  test('certificates by the name that is asked for', { timeout }, async () => {
    const [one, star, found] = ['one.example', 'star.example', 'found.example'].map((name) =>
      selfSigned(name),
    );
    const names: string[] = [];
    await using server = await secureServer(tellTLS, {
      tls: {
        serverNames: {
          'one.example': one!,
          '*.star.example': { cert: star!.certFile, key: star!.keyFile },
        },
        getCertificate: async (name) => {
          names.push(name);
          if (name === 'broken.example') throw new Error('no certificate today');
          return name === 'found.example' ? found! : null;
        },
      },
    });
    const cases: [string, string][] = [
      ['one.example', 'one.example'],
      ['ONE.example', 'one.example'],
      ['a.star.example', 'star.example'],
      ['a.b.star.example', 'localhost'],
      ['found.example', 'found.example'],
      ['other.example', 'localhost'],
    ];
    for (const [servername, expected] of cases) {
      const reply = await ask(server.port, { servername, rejectUnauthorized: false });
      assert.equal(reply.server, expected, servername);
    }
    assert.equal(
      (await ask(server.port, { servername: '', rejectUnauthorized: false })).server,
      'localhost',
    );
    assert.ok(names.includes('one.example'), 'names come in lower case');
    await refused(server.port, { servername: 'broken.example' });
    await until(() => server.log.length > 0);
    assert.match(
      server.log[0]!,
      /^http: TLS handshake error from 127\.0\.0\.1:\d+: no certificate today$/,
    );
  });

  test('certificates of clients: required, and asked for only', { timeout }, async () => {
    const authority = selfSigned('authority');
    const [alice, mallory] = [signed('alice', authority), selfSigned('mallory')];
    const shown = ({ cert, key }: Certificate): { cert: string; key: string } => ({ cert, key });
    {
      await using server = await secureServer(tellTLS, {
        tls: { requestCert: true, ca: authority.certFile },
      });
      for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
        const { body } = await ask(server.port, { ...shown(alice), maxVersion });
        const told = JSON.parse(body);
        assert.equal(told.authorized, true);
        assert.equal(told.authorizationError, '');
        assert.equal(told.peerCertificate.subject, 'O=Tests,CN=alice');
        assert.equal(told.peerCertificate.issuer, 'CN=authority');
        assert.match(told.peerCertificate.fingerprint256, /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
        await refused(server.port, { maxVersion });
        await refused(server.port, { maxVersion, ...shown(mallory) });
      }
      await until(() => server.log.length === 4);
      for (const line of server.log)
        assert.match(line, /^http: TLS handshake error from 127[^ ]+: tls: /);
      assert.match(server.log[0]!, /peer did not return a certificate/);
      assert.match(server.log[1]!, /client certificate: DEPTH_ZERO_SELF_SIGNED_CERT/);
    }
    await using server = await secureServer(tellTLS, {
      tls: { requestCert: true, rejectUnauthorized: false, ca: authority.cert },
    });
    const told = JSON.parse((await ask(server.port, shown(mallory))).body);
    assert.deepEqual(
      [told.authorized, told.authorizationError],
      [false, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    );
    assert.equal(told.peerCertificate.subject, 'CN=mallory');
    assert.equal(JSON.parse((await ask(server.port)).body).peerCertificate, null);
  });

  test(
    'files that change are read again; what cannot be used changes nothing',
    { timeout },
    async () => {
      const [before, later] = [selfSigned('before'), selfSigned('later')];
      await using server = await secureServer(tellTLS, {}, before);
      const name = async (): Promise<string> =>
        (await ask(server.port, { rejectUnauthorized: false })).server;
      const open = await shake(server.port);
      overwrite(before, { cert: 'no certificate', key: later.key });
      await assert.rejects(server.listener.reload(), /PEM|no start line/i);
      assert.equal(await name(), 'before');
      overwrite(before, { cert: later.cert, key: localhost().key });
      await assert.rejects(server.listener.reload(), /key values mismatch/);
      assert.equal(await name(), 'before');
      overwrite(before, later);
      await server.listener.reload();
      assert.equal(await name(), 'later');
      const { cert, key } = localhost();
      await server.listener.setCertificate({ cert, key, serverNames: { 'x.example': later } });
      assert.equal(await name(), 'localhost');
      assert.equal(
        (await ask(server.port, { servername: 'x.example', rejectUnauthorized: false })).server,
        'later',
      );
      open.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
      assert.match(await text(open), /^HTTP\/1\.1 200/, 'an open connection stays as it was');
    },
  );

  test('a bad certificate is told before anything listens', { timeout }, async () => {
    const { certFile, keyFile, cert, key } = localhost();
    const start = (one: unknown, other: unknown, tls: object = {}): Promise<void> =>
      listenAndServeTLS('127.0.0.1:0', one as string, other as string, tellTLS, { tls });
    await assert.rejects(start(`${certificateFolder()}/none.pem`, keyFile), { code: 'ENOENT' });
    const folder = certificateFolder();
    await assert.rejects(start(folder, keyFile), ({ code, message }: NodeJS.ErrnoException) => {
      return code === 'EISDIR' && message.endsWith(`'${folder}'`);
    });
    await assert.rejects(start(cert, cert), /no start line|PEM|unsupported|DECODER/i);
    await assert.rejects(start(certFile, selfSigned('another').keyFile), /key values mismatch/);
    await assert.rejects(
      start(undefined, key),
      /listenAndServeTLS: option cert must be PEM, or the path/,
    );
    await assert.rejects(
      start(cert, key, { serverNames: { x: { cert } } }),
      /of serverNames x option key/,
    );
    await assert.rejects(
      start(cert, key, { handshakeTimeout: 'x' }),
      /option handshakeTimeout must be/,
    );
    await assert.rejects(start(cert, key, { ALPNProtocols: 'h2' }), /option ALPNProtocols must be/);
  });
});

suite('handshakes that go wrong', { skip: noOpenSSL, timeout: 120_000 }, () => {
  test('HTTP on the port of https is told so, as Go tells it', { timeout }, async () => {
    await using server = await secureServer(tellTLS);
    const said =
      'HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n';
    for (const pieces of [
      ['GET / HTTP/1.1\r\nHost: x\r\n\r\n'],
      ['P', 'OS', 'T / HTTP/1.1\r\n\r\n'],
      ['OPTIONS'],
    ]) {
      const socket = connectTCP({ port: server.port, host: '127.0.0.1', noDelay: true });
      for (const piece of pieces) {
        socket.write(piece);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      assert.equal(await text(socket), said);
      socket.destroy();
    }
    assert.deepEqual(server.log, []);
  });

  test(
    'junk, a client that leaves, one that resets, one that knows no version',
    { timeout },
    async () => {
      await using server = await secureServer(tellTLS, { tls: { minVersion: 'TLSv1.3' } });
      const junk = connectTCP(server.port, '127.0.0.1').on('error', () => {});
      junk.end('junk and more of it');
      await until(() => server.log.length === 1);
      connectTCP(server.port, '127.0.0.1').end();
      await until(() => server.log.length === 2);
      const resetting = connectTCP(server.port, '127.0.0.1');
      await once(resetting, 'connect');
      resetting.write(Buffer.from([0x16, 3, 1, 2, 0]), () => resetting.resetAndDestroy());
      await until(() => server.log.length === 3);
      await refused(server.port, { maxVersion: 'TLSv1.2' });
      await until(() => server.log.length === 4);
      const reasons = server.log.map((line) =>
        line.replace(/^http: TLS handshake error from 127[^ ]+: /, ''),
      );
      assert.equal(reasons[0], 'tls: wrong version number');
      assert.equal(reasons[1], 'EOF');
      assert.match(reasons[2]!, /connection reset by peer/);
      assert.match(reasons[3]!, /tls: (unsupported protocol|no shared cipher|.*version.*)/);
      assert.equal((await ask(server.port)).status, 200);
    },
  );

  test(
    'who says nothing, or half of it, has his time and keeps nobody waiting',
    { timeout },
    async () => {
      const sockets = openSockets();
      const server = await secureServer(tellTLS, {
        tls: { handshakeTimeout: 1500, maxHandshakes: 100 },
      });
      const silent = Array.from({ length: 30 }, (_, i) => {
        const socket = connectTCP(server.port, '127.0.0.1').on('error', () => {});
        if (i % 2 === 0) socket.write(Buffer.from([0x16, 3, 1, 2, 0, 1]));
        return socket;
      });
      await until(() => server.listener.handshakes === 30);
      assert.equal((await ask(server.port)).status, 200);
      await Promise.all(silent.map((socket) => once(socket.resume(), 'close')));
      await until(() => server.log.length === 30);
      for (const line of server.log)
        assert.match(line, /TLS handshake error from 127.*i\/o timeout$/);
      assert.equal(server.listener.handshakes, 0);
      await server[Symbol.asyncDispose]();
      await until(() => openSockets() <= sockets);
    },
  );

  test(
    'no more than maxHandshakes at a time: the rest waits in the queue of the kernel',
    { timeout },
    async () => {
      await using server = await secureServer(tellTLS, { tls: { maxHandshakes: 3 } });
      const silent = Array.from({ length: 3 }, () => connectTCP(server.port, '127.0.0.1'));
      await until(() => server.listener.handshakes === 3);
      const asking = ask(server.port);
      await new Promise((resolve) => setTimeout(resolve, 50));
      assert.equal(server.listener.handshakes, 3);
      silent[0]!.destroy();
      assert.equal((await asking).status, 200);
      for (const socket of silent) socket.destroy();
    },
  );

  test('a shutdown lets handshakes finish that have begun', { timeout }, async () => {
    const server = await secureServer(tellTLS);
    const asking = Array.from({ length: 3 }, () => ask(server.port));
    await until(() => server.listener.handshakes > 0);
    const ended = server[Symbol.asyncDispose]();
    for (const { status } of await Promise.all(asking)) assert.equal(status, 200);
    await ended;
    assert.deepEqual(server.log, []);
  });

  test('a server that is full lets connections stay while nobody waits', { timeout }, async () => {
    await using server = await secureServer(tellTLS, { maxConnections: 1 });
    const socket = await shake(server.port);
    /** Whether the reply to another request is the last one. */
    const isLast = async (): Promise<boolean> => {
      let said = '';
      socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
      while (!said.endsWith('}')) said += String((await once(socket, 'data'))[0]);
      return said.includes('Connection: close');
    };
    for (let i = 0; i < 3; i++) assert.equal(await isLast(), false);
    const asking = ask(server.port);
    while (!(await isLast())) await new Promise(setImmediate);
    assert.equal((await asking).status, 200);
    socket.destroy();
  });

  test(
    'closing ends handshakes, and connections that nobody has accepted',
    { timeout },
    async () => {
      const sockets = openSockets();
      const bare = await listen('tcp', '127.0.0.1:0');
      const { cert, key } = localhost();
      const listener = await tlsListener(bare, { cert, key });
      const closes: Promise<unknown>[] = [];
      const watched = (socket: Socket): void => {
        closes.push(new Promise((resolve) => socket.once('close', resolve)));
        socket.resume().on('error', () => {});
      };
      const accepting = listener.accept();
      watched(await shake(bare.addr.port));
      const conn = await accepting;
      watched(await shake(bare.addr.port));
      watched(connectTCP(bare.addr.port, '127.0.0.1'));
      await until(() => listener.handshakes === 1);
      const waiting = listener.accept().then((accepted) => accepted.close());
      await waiting;
      const failing = listener.accept();
      listener.close();
      await assert.rejects(failing, /use of closed network connection/);
      assert.throws(() => listener.tryAccept(), /use of closed network connection/);
      conn.close();
      await Promise.all(closes);
      await until(() => openSockets() <= sockets);
    },
  );
});

suite('a TLS listener for any protocol', { skip: noOpenSSL, timeout: 60_000 }, () => {
  test(
    'an echo over it, the end of each direction, and what the connection knows',
    { timeout },
    async () => {
      const { cert, key } = localhost();
      await using listener = await tlsListener(await listen('tcp', '127.0.0.1:0'), { cert, key });
      const port = (listener.addr as { port?: number }).port!;
      const echo = async (conn: TLSConn): Promise<void> => {
        await using _ = conn;
        assert.equal(conn.tls.version, 'TLSv1.3');
        assert.ok(conn.netConn.remoteAddr === conn.remoteAddr);
        for await (const chunk of conn) await conn.write(chunk);
        conn.closeWrite();
      };
      const serving = (async () => {
        for await (const conn of listener) await echo(conn);
      })();
      const data = readFileSync(process.execPath).subarray(0, 5_000_000);
      for (let i = 0; i < 2; i++) {
        const socket = await shake(port);
        socket.end(data);
        const chunks: Buffer[] = [];
        for await (const chunk of socket) chunks.push(chunk as Buffer);
        assert.ok(Buffer.concat(chunks).equals(data));
      }
      listener.close();
      await serving;
    },
  );
});

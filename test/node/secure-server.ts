/** Certificates for tests, made by openssl, and a server that uses them. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  listenAndServeTLS,
  type Handler,
  type HandlerFunc,
  type ListenAndServeTLSOptions,
  type Server,
  type TLSListener,
} from '../../src/http.ts';

/** Why a test that needs certificates cannot run; false if it can. */
export const noOpenSSL: string | false =
  spawnSync('openssl', ['version']).status === 0 ? false : 'openssl is not installed';

export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: string;
  readonly key: string;
}

let folder: string | null = null;

/** A folder that is removed at the end of the process. */
export function certificateFolder(): string {
  if (folder === null) {
    const made = mkdtempSync(join(tmpdir(), 'netfd-tls-'));
    process.once('exit', () => rmSync(made, { recursive: true, force: true }));
    folder = made;
  }
  return folder;
}

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { stdio: 'ignore', cwd: certificateFolder() });
}

const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** Of an authority, or of a host that stands for itself. */
export function selfSigned(name: string, ...extensions: string[]): Certificate {
  const more = extensions.flatMap((extension) => ['-addext', extension]);
  const out = ['-keyout', `${name}.key`, '-out', `${name}.pem`];
  openssl('req', '-x509', ...EC, ...out, '-days', '2', '-subj', `/CN=${name}`, ...more);
  return read(name);
}

/** Signed by the authority `by`. */
export function signed(name: string, by: Certificate): Certificate {
  const request = join(certificateFolder(), `${name}.csr`);
  openssl(
    'req',
    '-new',
    ...EC,
    '-keyout',
    `${name}.key`,
    '-out',
    request,
    '-subj',
    `/CN=${name}/O=Tests`,
  );
  const authority = ['-CA', by.certFile, '-CAkey', by.keyFile, '-CAcreateserial'];
  openssl('x509', '-req', '-in', request, ...authority, '-out', `${name}.pem`, '-days', '2');
  return read(name);
}

function read(name: string): Certificate {
  const [certFile, keyFile] = ['pem', 'key'].map((kind) =>
    join(certificateFolder(), `${name}.${kind}`),
  );
  return {
    certFile: certFile!,
    keyFile: keyFile!,
    cert: readFileSync(certFile!, 'utf8'),
    key: readFileSync(keyFile!, 'utf8'),
  };
}

/** Puts the contents of `other` where `certificate` is. */
export function overwrite(
  certificate: Certificate,
  other: Pick<Certificate, 'cert' | 'key'>,
): void {
  writeFileSync(certificate.certFile, other.cert);
  writeFileSync(certificate.keyFile, other.key);
}

let usual: Certificate | null = null;

/** For localhost and 127.0.0.1. */
export function localhost(): Certificate {
  return (usual ??= selfSigned('localhost', 'subjectAltName=DNS:localhost,IP:127.0.0.1'));
}

export interface SecureServer {
  readonly server: Server;
  readonly listener: TLSListener;
  /** "127.0.0.1:1234" */
  readonly address: string;
  readonly port: number;
  /** "https://localhost:1234" */
  readonly url: string;
  /** What it had to say. */
  readonly log: string[];
  /** Ends it gracefully; every connection has to be gone then. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** A server with the usual certificate. */
export async function secureServer(
  handler: Handler | HandlerFunc,
  options: ListenAndServeTLSOptions = {},
  certificate: Certificate = localhost(),
): Promise<SecureServer> {
  const log: string[] = [];
  let started: (running: [TLSListener, Server]) => void;
  const running = new Promise<[TLSListener, Server]>((resolve) => (started = resolve));
  const served = listenAndServeTLS(
    '127.0.0.1:0',
    certificate.certFile,
    certificate.keyFile,
    handler,
    {
      errorLog: (message) => log.push(message),
      ...options,
      onListen: (listener, server) => started([listener as TLSListener, server]),
    },
  );
  const [listener, server] = await Promise.race([running, served.then(() => assert.fail())]);
  const address = String(listener.addr);
  const port = Number(address.split(':').at(-1));
  return {
    server,
    listener,
    address,
    port,
    url: `https://localhost:${port}`,
    log,
    [Symbol.asyncDispose]: async () => {
      await server.shutdown({ signal: AbortSignal.timeout(10_000) });
      await served;
      assert.equal(server.connections.size, 0);
    },
  };
}

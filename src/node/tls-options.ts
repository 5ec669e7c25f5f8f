/**
 * The options of a TLS server: what they mean, and how they become those of node:tls. Certificates and
 * keys are PEM, or the paths of files with PEM in them, which can be read again.
 */
import { readFile } from 'node:fs/promises';
import {
  createSecureContext,
  type SecureContext,
  type SecureContextOptions,
  type SecureVersion,
  type TlsOptions,
} from 'node:tls';
import { namesOf, refuseUnknown } from '../http/option-names.ts';
import {
  optionalBoolean,
  optionalDuration,
  optionalFunction,
  optionalInteger,
  requireOptions,
} from '../net/options.ts';

/** PEM as text or bytes, or the path of a file that holds it. */
export type PEM = string | Uint8Array;

/** A certificate, those that follow up to its authority included, and its private key. */
export interface TLSCertificate {
  readonly cert: PEM | readonly PEM[];
  readonly key: PEM | readonly PEM[];
  /** Of an encrypted key. */
  readonly passphrase?: string | undefined;
}

/** The options of a TLS server. Certificates and keys are PEM, or the paths of files that hold it. */
export interface TLSOptions extends TLSCertificate {
  /** Certificates by the host that the client asks for; "*.example.com" is for one label there. */
  readonly serverNames?: Readonly<Record<string, TLSCertificate>> | undefined;
  /**
   * Finds the certificate for a host that the client asks for; null for the one of `serverNames`, or the
   * usual one. What it throws ends the handshake. After Go's GetCertificate.
   */
  readonly getCertificate?:
    | ((serverName: string) => TLSCertificate | null | Promise<TLSCertificate | null>)
    | undefined;
  /** Asks clients for a certificate [false]. */
  readonly requestCert?: boolean | undefined;
  /** Lets only those in whose certificate an authority of `ca` has signed [true, if they are asked]. */
  readonly rejectUnauthorized?: boolean | undefined;
  /** The authorities that may have signed the certificates of clients [those of the system]. */
  readonly ca?: PEM | readonly PEM[] | undefined;
  /** Lists of revoked certificates. */
  readonly crl?: PEM | readonly PEM[] | undefined;
  /** ["TLSv1.2"] */
  readonly minVersion?: SecureVersion | undefined;
  readonly maxVersion?: SecureVersion | undefined;
  /** In OpenSSL's words. */
  readonly ciphers?: string | undefined;
  readonly sigalgs?: string | undefined;
  readonly ecdhCurve?: string | undefined;
  /** Protocols for ALPN, the best one first. */
  readonly ALPNProtocols?: readonly string[] | undefined;
  /** 48 bytes by which session tickets are made: for several processes that share them [random]. */
  readonly ticketKeys?: Uint8Array | undefined;
  /** How long a session can be resumed, in seconds [300]. */
  readonly sessionTimeout?: number | undefined;
  /** Of the whole handshake, in milliseconds [10 s]. */
  readonly handshakeTimeout?: number | undefined;
  /** Connections whose handshake has not ended, or that nobody has accepted; more wait [1024]. */
  readonly maxHandshakes?: number | undefined;
  /** Told of handshakes that failed [console.error]. */
  readonly errorLog?: ((message: string) => void) | undefined;
}

const KNOWN_OF_CERTIFICATE: Readonly<Record<keyof TLSCertificate, true>> = {
  cert: true,
  key: true,
  passphrase: true,
};

const KNOWN: ReadonlySet<string> = namesOf<TLSOptions>({
  ...KNOWN_OF_CERTIFICATE,
  serverNames: true,
  getCertificate: true,
  requestCert: true,
  rejectUnauthorized: true,
  ca: true,
  crl: true,
  minVersion: true,
  maxVersion: true,
  ciphers: true,
  sigalgs: true,
  ecdhCurve: true,
  ALPNProtocols: true,
  ticketKeys: true,
  sessionTimeout: true,
  handshakeTimeout: true,
  maxHandshakes: true,
  errorLog: true,
});

/** For a client's certificate, which it may have shown on another connection. */
const SESSION_CONTEXT = 'netfd';

/** TypeError that names the option. */
export function checkTLSOptions(method: string, options: TLSOptions): void {
  requireOptions(method, options);
  refuseUnknown(method, options, KNOWN);
  checkCertificate(`${method}:`, options);
  const { serverNames = {} } = options;
  if (typeof serverNames !== 'object' || serverNames === null) {
    throw new TypeError(`${method}: option serverNames must be an object of { cert, key } by name`);
  }
  for (const [name, certificate] of Object.entries(serverNames)) {
    requireOptions(`${method}: serverNames ${name}`, certificate);
    checkCertificate(`${method}: of serverNames ${name}`, certificate);
  }
  optionalFunction(method, 'getCertificate', options.getCertificate);
  optionalFunction(method, 'errorLog', options.errorLog);
  optionalBoolean(method, 'requestCert', options.requestCert);
  optionalBoolean(method, 'rejectUnauthorized', options.rejectUnauthorized);
  optionalDuration(method, 'handshakeTimeout', options.handshakeTimeout);
  optionalInteger(method, 'maxHandshakes', options.maxHandshakes, 1, 2 ** 31 - 1);
  for (const name of ['ca', 'crl'] as const) {
    const value: unknown = options[name];
    if (value === undefined || (Array.isArray(value) ? value : [value]).every(isPEM)) continue;
    throw new TypeError(
      `${method}: option ${name} must be PEM, or the paths of files that hold it`,
    );
  }
  const { ALPNProtocols } = options;
  if (ALPNProtocols !== undefined && !Array.isArray(ALPNProtocols)) {
    throw new TypeError(`${method}: option ALPNProtocols must be an array of strings`);
  }
}

function checkCertificate(where: string, { cert, key }: TLSCertificate): void {
  for (const [name, value] of Object.entries({ cert, key })) {
    const parts: unknown[] = Array.isArray(value) ? value : [value];
    if (parts.length > 0 && parts.every((part) => isPEM(part))) continue;
    throw new TypeError(`${where} option ${name} must be PEM, or the path of a file that holds it`);
  }
}

function isPEM(value: unknown): boolean {
  return value instanceof Uint8Array || (typeof value === 'string' && value !== '');
}

/** With what is in files read. Fails as readFile does. */
async function load(pem: PEM | readonly PEM[]): Promise<(string | Buffer)[]> {
  const parts = Array.isArray(pem) ? (pem as readonly PEM[]) : [pem as PEM];
  return Promise.all(
    parts.map(async (part) => {
      if (typeof part !== 'string') return Buffer.from(part);
      return part.includes('-----BEGIN') ? part : contentsOf(part);
    }),
  );
}

/** As readFile, but that every failure tells the path: that of a directory comes from read(2), without one. */
async function contentsOf(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const failure = error as Error;
    if (!failure.message.includes(path)) failure.message += ` '${path}'`;
    throw failure;
  }
}

async function contextOptions(options: TLSOptions | TLSCertificate): Promise<SecureContextOptions> {
  const all = options as TLSOptions;
  const { passphrase, ca, crl, minVersion, maxVersion, ciphers, sigalgs, ecdhCurve } = all;
  return {
    cert: await load(options.cert),
    key: await load(options.key),
    ...(passphrase !== undefined && { passphrase }),
    ...(ca !== undefined && { ca: await load(ca) }),
    ...(crl !== undefined && { crl: await load(crl) }),
    ...(minVersion !== undefined && { minVersion }),
    ...(maxVersion !== undefined && { maxVersion }),
    ...(ciphers !== undefined && { ciphers }),
    ...(sigalgs !== undefined && { sigalgs }),
    ...(ecdhCurve !== undefined && { ecdhCurve }),
    sessionIdContext: SESSION_CONTEXT,
  };
}

/** A context of one certificate, with the other options as they are of all. */
export async function loadContext(
  options: TLSOptions,
  certificate: TLSCertificate,
): Promise<SecureContext> {
  const { passphrase: _, ...shared } = options;
  return createSecureContext(await contextOptions({ ...shared, ...certificate }));
}

/** What node:tls's server takes. */
export async function serverOptions(options: TLSOptions): Promise<TlsOptions> {
  const { requestCert = false, rejectUnauthorized = true, ALPNProtocols } = options;
  const { ticketKeys, sessionTimeout } = options;
  return {
    ...(await contextOptions(options)),
    requestCert,
    rejectUnauthorized: requestCert && rejectUnauthorized,
    ...(ALPNProtocols !== undefined && { ALPNProtocols: [...ALPNProtocols] }),
    ...(ticketKeys !== undefined && { ticketKeys: Buffer.from(ticketKeys) }),
    ...(sessionTimeout !== undefined && { sessionTimeout }),
    // Its time is that of the connection's deadline.
    handshakeTimeout: 2 ** 31 - 1,
  };
}

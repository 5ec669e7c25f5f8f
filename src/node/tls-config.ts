/**
 * The certificates of a TLS server, read and checked, and the choice among them by the name that a client
 * asks for (SNI: RFC 6066, section 3). They can be exchanged while it runs.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createServer, type SecureContext, type Server, type TlsOptions } from 'node:tls';
import {
  checkTLSOptions,
  loadContext,
  serverOptions,
  type TLSCertificate,
  type TLSOptions,
} from './tls-options.ts';

type Contexts = ReadonlyMap<string, SecureContext>;

export class TLSConfig {
  /** The engine: it makes handshakes of what it is told is a connection. */
  readonly server: Server;
  #options: TLSOptions;
  #named: Contexts;
  /** Made of what getCertificate has given. */
  #found = new WeakMap<TLSCertificate, Promise<SecureContext>>();

  private constructor(server: Server, options: TLSOptions, named: Contexts) {
    this.server = server;
    this.#options = options;
    this.#named = named;
  }

  /** Fails as readFile does, and with OpenSSL's words for what is no PEM. `method` is for errors. */
  static async load(method: string, options: TLSOptions): Promise<TLSConfig> {
    checkTLSOptions(method, options);
    requireNode(method);
    let config: TLSConfig | null = null;
    const loaded = await serverOptions(options);
    const SNICallback: TlsOptions['SNICallback'] = (name, tell) => {
      config!.#find(name).then(
        (context) => tell(null, context),
        (error: Error) => tell(error),
      );
    };
    const server = explained(method, loaded, () => createServer({ ...loaded, SNICallback }));
    return (config = new TLSConfig(server, options, await contextsOf(options)));
  }

  get options(): TLSOptions {
    return this.#options;
  }

  /** Nothing changes if it fails. */
  async replace(certificate: TLSCertificate & Pick<TLSOptions, 'serverNames'>): Promise<void> {
    const { passphrase: _, ...rest } = this.#options;
    const options = { ...rest, ...certificate };
    checkTLSOptions('setCertificate', options);
    const named = await contextsOf(options);
    const loaded = await serverOptions(options);
    // Takes nothing over if it throws.
    explained('setCertificate', loaded, () => this.server.setSecureContext(loaded));
    this.#options = options;
    this.#named = named;
    this.#found = new WeakMap();
  }

  /** Undefined for the usual one. */
  async #find(serverName: string): Promise<SecureContext | undefined> {
    const name = serverName.toLowerCase();
    const certificate = (await this.#options.getCertificate?.(name)) ?? null;
    if (certificate !== null) return this.#contextOf(certificate);
    return this.#named.get(name) ?? this.#named.get(name.replace(/^[^.]+/, '*'));
  }

  #contextOf(certificate: TLSCertificate): Promise<SecureContext> {
    let context = this.#found.get(certificate);
    if (context === undefined) {
      context = loadContext(this.#options, certificate);
      this.#found.set(certificate, context);
      // Another time it may be readable.
      context.catch(() => this.#found.delete(certificate));
    }
    return context;
  }
}

/** The TLS servers of Bun and of Deno leave the connections that they are given without an answer. */
function requireNode(method: string): void {
  const { bun, deno } = process.versions;
  if (bun === undefined && deno === undefined) return;
  const runtime = bun === undefined ? 'Deno' : 'Bun';
  throw new Error(`${method}: TLS and HTTP/2 need Node; they do not work on ${runtime} yet`);
}

/** What `make` returns. What it throws says which option is the cause: OpenSSL tells of its own doing only. */
function explained<T>(method: string, { cert, key, passphrase }: TlsOptions, make: () => T): T {
  try {
    return make();
  } catch (error) {
    const { message } = error as Error;
    let cause = '';
    if (!succeeds(cert, (part) => new X509Certificate(part))) {
      cause = 'option cert is no certificate in PEM: ';
    } else if (!succeeds(key, (part) => createPrivateKey({ key: part, passphrase }))) {
      cause = 'option key is no private key in PEM: ';
    }
    (error as Error).message = `${method}: ${cause}${message}`;
    throw error;
  }
}

/** Whether `read` throws for none of them. */
function succeeds(parts: TlsOptions['cert' | 'key'], read: (part: Buffer) => unknown): boolean {
  try {
    for (const part of parts as readonly (string | Buffer)[]) read(Buffer.from(part as string));
    return true;
  } catch {
    return false;
  }
}

async function contextsOf(options: TLSOptions): Promise<Contexts> {
  const contexts = new Map<string, SecureContext>();
  for (const [name, certificate] of Object.entries(options.serverNames ?? {})) {
    contexts.set(name.toLowerCase(), await loadContext(options, certificate));
  }
  return contexts;
}

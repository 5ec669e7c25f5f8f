/**
 * The certificates of a TLS server, read and checked, and the choice among them by the name that a client
 * asks for (SNI: RFC 6066, section 3). They can be exchanged while it runs.
 */
import { createServer, type SecureContext, type Server } from 'node:tls';
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
    const server = createServer({
      ...(await serverOptions(options)),
      SNICallback: (name, tell) => {
        config!.#find(name).then(
          (context) => tell(null, context),
          (error: Error) => tell(error),
        );
      },
    });
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
    // Takes nothing over if it throws.
    this.server.setSecureContext(await serverOptions(options));
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

async function contextsOf(options: TLSOptions): Promise<Contexts> {
  const contexts = new Map<string, SecureContext>();
  for (const [name, certificate] of Object.entries(options.serverNames ?? {})) {
    contexts.set(name.toLowerCase(), await loadContext(options, certificate));
  }
  return contexts;
}

/**
 * What can be wrong before the first system call: with an address, a network's name, a host's name.
 *
 * Not the errors of system calls (syscall/syscall-error.ts), of waiting (poll/errors.ts), nor the
 * envelope around all of them (op-error.ts). The texts are those of Go's net.
 */

/** What every error of net tells. After Go's net.Error. */
export interface NetError extends Error {
  /** Whether it was only a matter of time. */
  readonly timeout: boolean;
  /** Whether the same thing may work later. */
  readonly temporary: boolean;
}

/** An address that cannot be used. With an empty `address` the text is the reason alone. */
export class AddrError extends Error implements NetError {
  override readonly name: string = 'AddrError';
  readonly address: string;
  /** "missing port in address", "unknown port", …: Go's words. */
  readonly reason: string;
  readonly code: string = 'ERR_INVALID_ADDRESS';
  readonly timeout: boolean = false;
  readonly temporary: boolean = false;

  constructor(address: string, reason: string) {
    super(address === '' ? reason : `address ${address}: ${reason}`);
    this.address = address;
    this.reason = reason;
  }
}

/** A network that listen, dial or a lookup does not know. */
export class UnknownNetworkError extends Error implements NetError {
  override readonly name: string = 'UnknownNetworkError';
  readonly network: string;
  readonly code: string = 'ERR_UNKNOWN_NETWORK';
  readonly timeout: boolean = false;
  readonly temporary: boolean = false;

  constructor(network: string) {
    super(`unknown network ${network}`);
    this.network = network;
  }
}

/** A text that is not what it should be: "invalid CIDR address: 10.0.0.0/33". */
export class ParseError extends Error implements NetError {
  override readonly name: string = 'ParseError';
  /** What was expected: "CIDR address", "IP address". */
  readonly type: string;
  readonly text: string;
  readonly code: string = 'ERR_INVALID_TEXT';
  readonly timeout: boolean = false;
  readonly temporary: boolean = false;

  constructor(type: string, text: string) {
    super(`invalid ${type}: ${text}`);
    this.type = type;
    this.text = text;
  }
}

/** An interface that is not there, or that cannot be. */
export class InterfaceError extends Error implements NetError {
  override readonly name: string = 'InterfaceError';
  readonly code: 'ERR_INVALID_INTERFACE' | 'ERR_NO_SUCH_INTERFACE';
  readonly timeout: boolean = false;
  readonly temporary: boolean = false;

  private constructor(message: string, code: InterfaceError['code']) {
    super(message);
    this.code = code;
  }

  /** `what` is "network interface name" or "network interface index". */
  static invalid(what: string): InterfaceError {
    return new InterfaceError(`invalid ${what}`, 'ERR_INVALID_INTERFACE');
  }

  static missing(): InterfaceError {
    return new InterfaceError('no such network interface', 'ERR_NO_SUCH_INTERFACE');
  }
}

/** What is known of a failed lookup besides its reason. */
export interface DNSErrorDetails {
  /** The server that answered or did not: "1.1.1.1:53"; empty if none was asked. */
  readonly server?: string;
  readonly isTimeout?: boolean;
  readonly isTemporary?: boolean;
  readonly isNotFound?: boolean;
  /** It was aborted. */
  readonly isCanceled?: boolean;
  /** What can be used of an answer that has something wrong in it. */
  readonly records?: readonly unknown[];
  readonly cause?: unknown;
}

/** A lookup that failed: "lookup example.test on 1.1.1.1:53: no such host". */
export class DNSError extends Error implements NetError {
  override readonly name: string = 'DNSError';
  /** "no such host", "server misbehaving", …: Go's words. */
  readonly reason: string;
  /** The name that was looked up. Go's field is called Name, Node's hostname. */
  readonly hostname: string;
  readonly server: string;
  readonly isTimeout: boolean;
  readonly isTemporary: boolean;
  readonly isNotFound: boolean;
  /**
   * "ENOTFOUND" if the name does not exist, "ABORT_ERR" if the lookup was aborted, else "EAI_AGAIN":
   * the codes of Node's lookup.
   */
  readonly code: 'ENOTFOUND' | 'ABORT_ERR' | 'EAI_AGAIN';
  /** The records of an answer that are in order, where others had invalid names; else undefined. */
  readonly records: readonly unknown[] | undefined;

  constructor(reason: string, hostname: string, details: DNSErrorDetails = {}) {
    const server = details.server ?? '';
    super(
      `lookup ${hostname}${server === '' ? '' : ` on ${server}`}: ${reason}`,
      details.cause === undefined ? {} : { cause: details.cause },
    );
    this.records = details.records;
    this.reason = reason;
    this.hostname = hostname;
    this.server = server;
    this.isTimeout = details.isTimeout ?? false;
    this.isTemporary = details.isTemporary ?? false;
    this.isNotFound = details.isNotFound ?? false;
    const failed = details.isCanceled === true ? 'ABORT_ERR' : 'EAI_AGAIN';
    this.code = this.isNotFound ? 'ENOTFOUND' : failed;
  }

  get timeout(): boolean {
    return this.isTimeout;
  }

  get temporary(): boolean {
    return this.isTimeout || this.isTemporary;
  }
}

/** A failure that every write with an address has, on a connection that has a peer. */
class WriteToConnectedError extends Error implements NetError {
  override readonly name: string = 'WriteToConnectedError';
  readonly code: string = 'ERR_WRITE_TO_CONNECTED';
  readonly timeout: boolean = false;
  readonly temporary: boolean = false;
}

/** writeTo on a connection that dial made: it has its peer already. Go: net.ErrWriteToConnected. */
export const ErrWriteToConnected: NetError & { readonly code: string } = new WriteToConnectedError(
  'use of WriteTo with pre-connected connection',
);

/**
 * A connection over TLS: what is read and written is plain, what goes over the connection below is not.
 * The handshake has been made before there is one; see tls-handshake.ts. After Go's tls.Conn.
 */
import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { PeerCertificate, TLSConnectionState } from '../http/tls-state.ts';
import type { Conn } from '../net/conn.ts';
import { DuplexConn } from './duplex-conn.ts';

/** A connection over TLS whose handshake has been made; it is used as any other. */
export class TLSConn extends DuplexConn {
  /** What the handshake has brought. */
  readonly tls: TLSConnectionState;
  /** The connection below, for its options: what is read from it or written to it breaks this one. */
  readonly netConn: Conn;

  constructor(socket: TLSSocket, below: Conn) {
    const { network } = below as Partial<{ network: string }>;
    super(socket, network ?? below.localAddr.network, below.localAddr, below.remoteAddr);
    this.netConn = below;
    this.tls = stateOf(socket);
  }

  get socket(): TLSSocket {
    return this.duplex as TLSSocket;
  }

  override ref(): void {
    this.netConn.ref();
  }

  override unref(): void {
    this.netConn.unref();
  }
}

function stateOf(socket: TLSSocket): TLSConnectionState {
  const { alpnProtocol, authorizationError } = socket;
  const { servername } = socket as { servername?: unknown };
  const { standardName, name } = socket.getCipher();
  const certificate = socket.getPeerX509Certificate();
  return {
    version: socket.getProtocol() ?? '',
    cipherSuite: standardName ?? name,
    negotiatedProtocol: typeof alpnProtocol === 'string' ? alpnProtocol : '',
    serverName: typeof servername === 'string' ? servername : '',
    didResume: socket.isSessionReused(),
    authorized: socket.authorized,
    authorizationError: authorizationError ? String(authorizationError) : '',
    peerCertificate: certificate === undefined ? null : describeCertificate(certificate),
  };
}

function describeCertificate(certificate: X509Certificate): PeerCertificate {
  const { subject, issuer, subjectAltName, serialNumber, fingerprint256 } = certificate;
  return {
    subject: nameOf(subject),
    issuer: nameOf(issuer),
    subjectAltName: subjectAltName ?? '',
    serialNumber,
    fingerprint256,
    validFrom: new Date(certificate.validFrom),
    validTo: new Date(certificate.validTo),
    raw: certificate.raw,
  };
}

/** Of lines, the least specific first, as OpenSSL prints them, the one line of RFC 4514. */
function nameOf(lines: string | undefined): string {
  return (lines ?? '').split('\n').reverse().join(',');
}

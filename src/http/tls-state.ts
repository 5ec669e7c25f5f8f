/**
 * What is known of a connection's TLS, without knowing who does it: the handshake is not this layer's.
 * After Go's tls.ConnectionState.
 */
import type { Conn } from '../net/conn.ts';

/** A certificate that a client has shown. */
export interface PeerCertificate {
  /** "CN=alice,O=Example", the most specific part first. */
  readonly subject: string;
  readonly issuer: string;
  /** "DNS:alice.example, email:alice@example.com"; empty without one. */
  readonly subjectAltName: string;
  /** Hexadecimal digits. */
  readonly serialNumber: string;
  /** SHA-256 of the certificate: hexadecimal digits with colons. */
  readonly fingerprint256: string;
  readonly validFrom: Date;
  readonly validTo: Date;
  /** The certificate in DER. */
  readonly raw: Uint8Array;
}

/** What a handshake has agreed on, after Go's tls.ConnectionState. */
export interface TLSConnectionState {
  /** "TLSv1.3", "TLSv1.2". */
  readonly version: string;
  /** "TLS_AES_256_GCM_SHA384": the standard's name. */
  readonly cipherSuite: string;
  /** What ALPN has chosen, "h2" or "http/1.1"; empty if the client did not ask. */
  readonly negotiatedProtocol: string;
  /** The host that the client asked for by SNI; empty if it did not. */
  readonly serverName: string;
  /** The session was resumed. */
  readonly didResume: boolean;
  /** The client has shown a certificate that an authority of option `ca` has signed. */
  readonly authorized: boolean;
  /** Why not, if it was asked for one: "UNABLE_TO_GET_ISSUER_CERT"; empty otherwise. */
  readonly authorizationError: string;
  /** The client's, whether authorized or not; null if it has shown none. */
  readonly peerCertificate: PeerCertificate | null;
}

/** A connection that has a TLS state. */
export interface SecureConn {
  readonly tls: TLSConnectionState;
  /** The connection below, where it is known. */
  readonly netConn?: Conn;
}

/**
 * What a socket option is: its two numbers, how its value is written, and whether it can be set and read.
 *
 * The families of options (options-socket.ts, options-ip.ts, …) have each an interface that says what
 * the values are, and a table with a row for each property of it. The compiler compares the two:
 * a property that is readonly there is read-only in the table, one of type WriteOnly is write-only.
 */
import type { OptionCodec } from './option-codecs.ts';

export type OptionAccess = 'read-write' | 'read-only' | 'write-only';

export interface SocketOption<T, A extends OptionAccess = OptionAccess> {
  readonly level: number;
  readonly optname: number;
  readonly access: A;
  readonly codec: OptionCodec<T>;
  /** The level for this value, where two protocols share the option; `level` is the first's. */
  readonly levelOf?: (value: T) => number;
}

declare const unreadable: unique symbol;

/** What reading a write-only option would give: nothing that a program can use. */
export interface Unreadable {
  readonly [unreadable]: never;
}

/** The type of an option that is set and cannot be read: assigned a T, it gives none back. */
export type WriteOnly<T> = T | Unreadable;

/** What such a property, or any other, is set to. */
export type OptionValue<V> = Exclude<V, Unreadable>;

type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

type AccessOf<V, K extends keyof V> =
  Same<Pick<V, K>, Readonly<Pick<V, K>>> extends true
    ? 'read-only'
    : Unreadable extends V[K]
      ? 'write-only'
      : 'read-write';

/** A row for each property of `V`, as it says. */
export type OptionTable<V> = {
  readonly [K in keyof V]: SocketOption<OptionValue<V[K]>, AccessOf<V, K>>;
};

/** The names in `V` that can be read. */
export type ReadableName<V> = {
  [K in keyof V]-?: AccessOf<V, K> extends 'write-only' ? never : K;
}[keyof V];

/** The names in `V` that can be set. */
export type WritableName<V> = {
  [K in keyof V]-?: AccessOf<V, K> extends 'read-only' ? never : K;
}[keyof V];

/** Makes the rows of one level. */
export interface OptionRows {
  readWrite<T>(optname: number, codec: OptionCodec<T>): SocketOption<T, 'read-write'>;
  readOnly<T>(optname: number, codec: OptionCodec<T>): SocketOption<T, 'read-only'>;
  writeOnly<T>(optname: number, codec: OptionCodec<T>): SocketOption<T, 'write-only'>;
}

export function optionsOf(level: number): OptionRows {
  return {
    readWrite: (optname, codec) => ({ level, optname, access: 'read-write', codec }),
    readOnly: (optname, codec) => ({ level, optname, access: 'read-only', codec }),
    writeOnly: (optname, codec) => ({ level, optname, access: 'write-only', codec }),
  };
}

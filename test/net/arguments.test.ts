/**
 * Wrong arguments to every public function of net: a TypeError or RangeError that names the function
 * and the argument, and never a descriptor that stays open.
 */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { suite, test } from 'node:test';
import {
  type Conn,
  dial,
  Dialer,
  joinHostPort,
  listen,
  ListenConfig,
  pipe,
  splitHostPort,
  TCPAddr,
  UDPAddr,
  UnixAddr,
} from '../../src/index.ts';
import { pipeCreator, socketCreators } from './creators.ts';
import { failure, thrown } from './settling.ts';
import { withPair } from './traffic.ts';
import { Stack } from '../../src/net/stack.ts';
import { linux } from '../../src/kernel/linux.ts';

/** What no argument may be, whatever it is. */
const NOTHING: readonly unknown[] = [undefined, null, 5, true, {}, [], Symbol('s'), () => {}];

/** A wrong value as if it had the right type. */
const as = <T>(value: unknown): T => value as T;

async function openDescriptors(): Promise<number> {
  return readdirSync('/proc/self/fd').length;
}

/** What is wrong with each option; a value of another type than in the list is wrong as well. */
const WRONG_OPTIONS: Readonly<Record<'listen' | 'dial', Readonly<Record<string, unknown[]>>>> = {
  listen: {
    control: ['x', 5, null, {}],
    backlog: [-1, 1.5, Number.NaN, '5', null, 2 ** 31],
    reusePort: ['yes', 1, null],
    keepAlive: [0, -1, true, '15', null, Number.NaN],
    signal: ['x', {}, null, new AbortController()],
  },
  dial: {
    timeout: ['5', Number.NaN, null, {}],
    deadline: ['2030-01-01', Number.NaN, {}, new Date(Number.NaN)],
    signal: ['x', {}, null, new AbortController()],
    localAddr: ['127.0.0.1:0', {}, null, 5],
    control: ['x', 5, null, {}],
    keepAlive: [0, -1, true, '15', null, Number.NaN],
    fallbackDelay: ['5', Number.NaN, null],
  },
};

async function listenAndDial(): Promise<void> {
  const networks = NOTHING.map((value) => as<string>(value));
  for (const wrong of networks) {
    const calls = {
      'listen: network': () => listen(wrong, '127.0.0.1:0'),
      'listen: address': () => listen('tcp', wrong),
      'dial: network': () => dial(wrong, '127.0.0.1:1'),
      'dial: address': () => dial('unix', wrong),
    };
    for (const [where, call] of Object.entries(calls)) {
      const error = await failure(call());
      assert.ok(error instanceof TypeError);
      assert.equal(error.message, `${where} must be a string`);
    }
  }
  for (const wrong of [null, 5, 'x', true]) {
    const [listening, dialling] = await Promise.all([
      failure(listen('tcp', '127.0.0.1:0', as(wrong))),
      failure(dial('tcp', '127.0.0.1:1', as(wrong))),
    ]);
    assert.equal(listening.message, 'listen: options must be an object');
    assert.equal(dialling.message, 'dial: options must be an object');
    assert.ok(listening instanceof TypeError && dialling instanceof TypeError);
  }
}

async function wrongOptions(): Promise<void> {
  for (const [method, options] of Object.entries(WRONG_OPTIONS)) {
    for (const [option, values] of Object.entries(options)) {
      for (const value of values) {
        const given = { [option]: value };
        const promised =
          method === 'listen' ? listen('tcp', ':0', given) : dial('tcp', ':1', given);
        const construct = (): unknown =>
          method === 'listen' ? new ListenConfig(given) : new Dialer(given);
        for (const error of [await failure(promised), thrown(construct)]) {
          assert.ok(error instanceof TypeError, `${option} ${String(value)}: ${error.message}`);
          assert.match(error.message, new RegExp(`^${method}: option ${option} must be `));
        }
      }
    }
  }
}

/** The methods of a connection with wrong arguments. */
async function wrongCalls(conn: Conn): Promise<void> {
  for (const value of [...NOTHING, new ArrayBuffer(8), new Uint16Array(4)]) {
    const wrong = as<Uint8Array>(value);
    const read = 'read: buf must be a Uint8Array';
    const errors = [
      [await failure(conn.read(wrong)), read],
      [thrown(() => conn.tryRead(wrong)), read],
      [await failure(conn.write(wrong)), 'write: data must be a Uint8Array or a string'],
      [thrown(() => conn.tryWrite(wrong)), 'tryWrite: data must be a Uint8Array'],
    ] as const;
    for (const [error, message] of errors) {
      assert.ok(error instanceof TypeError);
      assert.equal(error.message, message);
    }
  }
  for (const [offset, end] of [
    [-1, 2],
    [2, 1],
    [0, 5],
    [0.5, 2],
    [0, 1.5],
    [Number.NaN, 2],
    ['0', 2],
  ]) {
    const error = thrown(() => conn.tryWrite(new Uint8Array(4), as(offset), as(end)));
    assert.ok(error instanceof RangeError);
    assert.equal(error.message, 'tryWrite: offset and end must be integers, in order, within 0..4');
  }
  for (const value of ['soon', Number.NaN, new Date(Number.NaN), {}, undefined, true]) {
    for (const method of ['setDeadline', 'setReadDeadline', 'setWriteDeadline'] as const) {
      const error = thrown(() => conn[method](as(value)));
      assert.ok(error instanceof TypeError);
      assert.match(error.message, /^deadline: when must be a number of milliseconds/);
    }
  }
  for (const value of [undefined, null, 5, {}, () => {}, { ready: true }]) {
    for (const method of ['whenReadable', 'whenWritable'] as const) {
      const error = thrown(() => conn[method](as(value)));
      assert.ok(error instanceof TypeError);
      assert.equal(error.message, `${method}: listener must have a method ready`);
    }
    conn.forgetReadable(as(value)); // to forget what never waited is harmless
  }
}

suite('wrong arguments', () => {
  test('of listen, dial and their options', async () => {
    await using warm = await listen('tcp', '127.0.0.1:0'); // opens the poller’s descriptor
    const before = await openDescriptors();
    await listenAndDial();
    await wrongOptions();
    assert.equal(await openDescriptors(), before);
    assert.ok(!warm.closed);
  });

  for (const creator of [...socketCreators(new Stack(linux)), pipeCreator]) {
    test(`of the methods of a connection: ${creator.name}`, async () => {
      await withPair(creator, async (conn, peer) => {
        const before = await openDescriptors();
        await wrongCalls(conn);
        assert.equal(await openDescriptors(), before);
        const [got] = await Promise.all([peer.read(new Uint8Array(8)), conn.write('works')]);
        assert.equal(got, 5, 'it is as good as before');
      });
    });
  }

  test('of listeners', async () => {
    await using listener = await listen('tcp', '127.0.0.1:0');
    const error = thrown(() => listener.setDeadline(as('soon')));
    assert.ok(error instanceof TypeError);
    assert.match(error.message, /^deadline: when must be /);
    for (const wrong of [undefined, null, {}, () => {}]) {
      const unheard = thrown(() => listener.whenAcceptable(as(wrong)));
      assert.ok(unheard instanceof TypeError);
      assert.equal(unheard.message, 'whenAcceptable: listener must have a method ready');
    }
  });

  test('of addresses', () => {
    for (const wrong of NOTHING) {
      const text = as<string>(wrong);
      const errors: [Error, RegExp][] = [
        [thrown(() => splitHostPort(text)), /^splitHostPort: text must be a string$/],
        [thrown(() => joinHostPort(text, 1)), /^joinHostPort: host must be a string$/],
        [thrown(() => new TCPAddr(text, 1)), /^TCPAddr: ip must be a string$/],
        [thrown(() => new UnixAddr(text)), /^UnixAddr: name must be a string$/],
      ];
      if (wrong !== undefined) {
        errors.push([thrown(() => new TCPAddr('', 1, text)), /^TCPAddr: zone must be a string$/]);
        errors.push([thrown(() => new UnixAddr('a', as(text))), /^UnixAddr: network must be a st/]);
      }
      if (typeof wrong !== 'number') {
        const port = as<number>(wrong);
        errors.push([
          thrown(() => joinHostPort('a', port)),
          /^joinHostPort: port must be a number/,
        ]);
        errors.push([thrown(() => new TCPAddr('', port)), /^TCPAddr: port must be a number$/]);
        errors.push([thrown(() => new UDPAddr('', port)), /^UDPAddr: port must be a number$/]);
      }
      for (const [error, message] of errors) {
        assert.ok(error instanceof TypeError, String(error));
        assert.match(error.message, message);
      }
    }
    for (const port of [-1, 65536, 1.5, Number.NaN]) {
      const error = thrown(() => new TCPAddr('', port));
      assert.ok(error instanceof RangeError);
      assert.match(error.message, /^TCPAddr: port .* is not in 0\.\.65535$/);
    }
  });

  test('of a pipe made with a System’s clock: the same', async () => {
    const [one] = pipe(linux.clock);
    await wrongCalls(one);
    one.close();
  });
});

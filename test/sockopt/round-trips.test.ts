/** Every option that is set and read, on a real socket: what is read is what was set. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { SyscallError } from '../../src/syscall/syscall-error.ts';
import { ROUND_TRIPS, type RoundTrip } from './round-trips.ts';
import { noSocket, withSockets } from './sockets.ts';

suite('what is set is read', () => {
  for (const [name, row] of Object.entries(ROUND_TRIPS)) {
    if ('otherwise' in row) continue;
    const { on, set, get = set, since, unless } = row as RoundTrip<unknown>;
    test(`${name} on ${on}`, { skip: noSocket(on) }, (t) => {
      withSockets(on, ([options]) => {
        const properties = options as unknown as Record<string, unknown>;
        for (const [i, value] of set.entries()) {
          try {
            properties[name] = value;
          } catch (error) {
            const { code } = error as SyscallError;
            if (since !== undefined && code === 'ENOPROTOOPT') {
              return t.skip(`the kernel is older than ${since}`);
            }
            if (code === unless) return t.skip(`not on this machine: ${code}`);
            throw error;
          }
          assert.deepEqual(properties[name], get[i]);
        }
      });
    });
  }
});

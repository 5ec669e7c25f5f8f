import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { askC, noCompiler } from '../../test/c-program.ts';
import { FD_SETSIZE, FdSet } from './fd-set.ts';

suite('FdSet', () => {
  test('has the size and the bits of C', { skip: noCompiler }, () => {
    const fds = [0, 1, 7, 8, 31, 32, 63, 64, 500, 1023];
    const found = askC(
      ['sys/select.h', 'string.h'],
      [
        'fd_set s; FD_ZERO(&s);',
        ...fds.map((fd) => `FD_SET(${fd}, &s);`),
        'printf("size %d\\n", FD_SETSIZE);',
        'printf("bytes ");',
        'for (unsigned i = 0; i < sizeof s; i++) printf("%02x", ((unsigned char *)&s)[i]);',
        'printf("\\n");',
      ],
    );
    assert.equal(Number(found.get('size')), FD_SETSIZE);
    assert.equal(Buffer.from(new FdSet(fds).bytes).toString('hex'), found.get('bytes'));
    assert.deepEqual([...new FdSet(fds)], fds);
  });

  test('what is no collection of descriptors is a TypeError', () => {
    const message = 'FdSet: fds must be an array or another iterable of descriptors';
    for (const wrong of [3, null, {}]) {
      assert.throws(() => new FdSet(wrong as never), { name: 'TypeError', message });
    }
  });

  test('set, clr, isSet and zero, for every descriptor alone', () => {
    const set = new FdSet();
    for (let fd = 0; fd < FD_SETSIZE; fd++) {
      assert.ok(!set.isSet(fd));
      set.set(fd);
      set.set(fd);
      assert.deepEqual([...set], [fd]);
      set.clr(fd);
      set.clr(fd);
      assert.ok(!set.isSet(fd));
    }
    set.set(3);
    set.zero();
    assert.deepEqual([...set], []);
  });

  test('a descriptor that it has no room for is a RangeError, and changes nothing', () => {
    const set = new FdSet([5]);
    for (const fd of [-1, 1024, 1.5, Number.NaN, 2 ** 32, '1' as unknown as number]) {
      for (const method of ['set', 'clr', 'isSet'] as const) {
        assert.throws(() => set[method](fd), {
          name: 'RangeError',
          message: `FdSet.${method}: fd must be an integer in 0..1023`,
        });
      }
    }
    assert.deepEqual([...set], [5]);
    assert.throws(() => new FdSet([1024]), RangeError);
  });
});

/** How a connection and a request tell that their client has gone. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { deferred, run } from '../../test/http/raw-client.ts';

const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

suite('who is told', () => {
  test('of a connection when it has closed, once, and at once if it had', async () => {
    const told: unknown[] = [];
    const gone = deferred();
    await using running = await run('tcp', (w, { connection }) => {
      connection!.whenGone!(() => {
        throw new Error('mine');
      });
      connection!.whenGone!(() => told.push(connection!.requests));
      connection!.whenGone!(() => gone.resolve());
      void w.write('x');
    });
    const client = await running.dial();
    await client.send(GET);
    await client.until((text) => text.endsWith('x'));
    assert.equal(told.length, 0);
    const [connection] = running.connections();
    client.close();
    await gone.promise;
    assert.deepEqual(told, [1]);
    connection!.whenGone(() => told.push(7));
    assert.deepEqual(told, [1, 7]);
    assert.match(running.log.join(), /mine/);
  });

  test('of a connection that was handed over', async () => {
    const gone = deferred();
    await using running = await run('tcp', (w, { connection }) => {
      connection!.whenGone!(() => gone.resolve());
      w.hijack().conn.close();
    });
    await using client = await running.dial();
    await client.send(GET);
    await gone.promise;
  });

  test('of a request when its client goes, not when it was answered', async () => {
    const gone = deferred();
    let early = false;
    let begun = deferred();
    let go = deferred();
    await using running = await run('tcp', async (w, r) => {
      const first = r.connection!.requests === 1;
      assert.equal(r.watch!(first ? () => (early = true) : () => gone.resolve()), true);
      begun.resolve();
      await go.promise;
      await w.write('x');
    });
    const client = await running.dial();
    await client.send(GET);
    await begun.promise;
    go.resolve();
    await client.until((text) => text.endsWith('x'));
    begun = deferred();
    go = deferred();
    await client.send(GET);
    await begun.promise;
    client.close();
    await gone.promise;
    assert.equal(early, false);
    go.resolve();
  });

  test('not of a request whose connection has gone already', async () => {
    const result = deferred<boolean>();
    await using running = await run('tcp', (_w, r) => {
      r.connection!.close();
      result.resolve(r.watch!(() => assert.fail('it was told by false')));
    });
    await using client = await running.dial();
    await client.send(GET);
    assert.equal(await result.promise, false);
  });
});

/**
 * A library that takes a net.Socket, over netfd's dial: pg, by TCP or by a unix socket.
 *
 *   node dist/examples/postgres.js /run/postgresql 5432 postgres
 */
import pg from 'pg';
import { dialSocket } from '../src/node.ts';

const [, , host = '/run/postgresql', port = '5432', user = 'postgres'] = process.argv;

const client = new pg.Client({
  host,
  port: Number(port),
  user,
  database: 'postgres',
  // All that dial can do is there: who looks names up, how long it may take, options of the bare socket.
  stream: () => dialSocket({ timeout: 5000 }),
});
await client.connect();
const { rows } = await client.query('select i, i * i as square from generate_series(1, 3) i');
for (const { i, square } of rows as { i: number; square: number }[]) console.log(`${i} ${square}`);

const heard = new Promise<pg.Notification>((resolve) => client.once('notification', resolve));
await client.query('listen news');
await client.query("notify news, 'it works'");
console.log((await heard).payload);
await client.end();

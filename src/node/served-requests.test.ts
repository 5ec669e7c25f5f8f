import assert from 'node:assert/strict';
import { channel } from 'node:diagnostics_channel';
import { test } from 'node:test';
import { MAX_CONNECTIONS, MAX_TARGET, ServedRequests } from './served-requests.ts';

const started = channel('http.server.request.start');
const finished = channel('http.server.response.finish');
const KEY = '127.0.0.1:80->10.0.0.1:9';

function told(url: string, remotePort = 9): object {
  return {
    request: { method: 'GET', url },
    // As a socket of IPv6 has it.
    socket: {
      localAddress: '::ffff:127.0.0.1',
      localPort: 80,
      remoteAddress: '10.0.0.1',
      remotePort,
    },
  };
}

test('nobody listens before, and after', () => {
  assert.ok(!started.hasSubscribers);
  const requests = new ServedRequests();
  assert.ok(started.hasSubscribers);
  requests.close();
  assert.ok(!started.hasSubscribers && !finished.hasSubscribers);
});

test('a request, until the next begins', () => {
  const requests = new ServedRequests();
  const first = told('/one');
  assert.equal(requests.of(KEY, 'out'), undefined);
  started.publish(first);
  assert.equal(requests.of(KEY, 'in'), 'GET /one');
  finished.publish(first);
  assert.equal(requests.of(KEY, 'in'), undefined);
  assert.equal(requests.of(KEY, 'out'), 'GET /one');
  started.publish(told('/two'));
  // Of one that came before: it changes nothing.
  finished.publish(first);
  assert.equal(requests.of(KEY, 'in'), 'GET /two');
  requests.close();
});

test('long targets are cut, and connections without addresses have no requests', () => {
  const requests = new ServedRequests();
  started.publish(told(`/${'x'.repeat(1000)}`));
  assert.equal(requests.of(KEY, 'out'), `GET /${'x'.repeat(MAX_TARGET - 1)}...`);
  started.publish({ request: { method: 'GET', url: '/' }, socket: {} });
  requests.close();
});

test('what is remembered has a bound', () => {
  const requests = new ServedRequests();
  for (let port = 1; port <= MAX_CONNECTIONS + 1; port += 1) started.publish(told('/', port));
  assert.equal(requests.of('127.0.0.1:80->10.0.0.1:1', 'out'), undefined);
  assert.equal(requests.of('127.0.0.1:80->10.0.0.1:2', 'out'), 'GET /');
  requests.close();
});

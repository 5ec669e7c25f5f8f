/**
 * What needs a network of its own: groups on the interface d0 (10.9.9.1, fd00::1), and ping sockets while
 * net.ipv4.ping_group_range is changed. Prints one object of results.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dial, IPAddr, listenMulticastUDP, listenPacket, UDPAddr } from '../../../src/index.ts';
import { print } from './output.ts';

const buf = new Uint8Array(256);

function textOf(size: number): string {
  return Buffer.from(buf.subarray(0, size)).toString('latin1');
}

/** An ICMP echo request; the kernel fills in the identifier of a ping socket, and the checksum of v6. */
function echoRequest(type: number, checksum: number): Uint8Array {
  return Uint8Array.of(type, 0, checksum >> 8, checksum & 0xff, 0, 0, 0, 1);
}

async function pings(): Promise<object> {
  const range = '/proc/sys/net/ipv4/ping_group_range';
  writeFileSync(range, '1 0');
  const forbidden = await listenPacket('ping4', '').catch((error: Error) => error.message);
  writeFileSync(range, '0 0');
  await using four = await listenPacket('ping4', '127.0.0.1');
  await four.writeTo(echoRequest(8, 0xf7fe), new IPAddr('127.0.0.1'));
  const { size, addr } = await four.readFrom(buf);
  const reply = [size, buf[0], buf[7], String(addr)];
  await using six = await dial('ping6', '::1');
  await six.write(echoRequest(128, 0));
  const reply6 = [await six.read(buf), buf[0], buf[7], String(six.remoteAddr)];
  return { forbidden, reply, reply6, range: readFileSync(range, 'utf8').trim().split(/\s+/) };
}

async function groups(): Promise<object> {
  const group = new UDPAddr('239.1.2.3', 17_001);
  await using one = await listenMulticastUDP('udp', 'd0', group);
  await using two = await listenMulticastUDP('udp4', 'd0', group); // SO_REUSEADDR
  await using sender = await listenPacket('udp4', '10.9.9.1:0');
  sender.setMulticastInterface('d0');
  sender.setMulticastTTL(3);
  await sender.writeTo('to the group', group);
  const received: unknown[] = [];
  for (const conn of [one, two]) {
    const { size, addr } = await conn.readFrom(buf);
    received.push([textOf(size), addr.ip]);
  }
  // By its default, a socket of listenMulticastUDP does not hear itself nor its machine.
  await one.writeTo('unheard', group);
  one.setMulticastLoop(true);
  one.setMulticastInterface('d0');
  await one.writeTo('heard', group);
  const { size } = await two.readFrom(buf);
  received.push(textOf(size));

  // A socket bound to the port of a group, which joins by itself.
  await using late = await listenPacket('udp4', '239.7.7.7:17002');
  const joined = new UDPAddr('239.7.7.7', 0);
  late.joinGroup(joined, { index: indexOf('d0') });
  await sender.writeTo('joined', new UDPAddr('239.7.7.7', 17_002));
  received.push(textOf((await late.readFrom(buf)).size));
  late.leaveGroup(joined, 'd0');
  let twice = '';
  try {
    late.leaveGroup(joined, 'd0');
  } catch (error) {
    twice = (error as Error).message;
  }
  return { received, local: String(late.localAddr), twice };
}

async function groups6(): Promise<object> {
  const group = new UDPAddr('ff05::99', 17_003);
  await using six = await listenMulticastUDP('udp6', 'd0', group);
  await using sender = await listenPacket('udp6', '[fd00::1]:0');
  sender.setMulticastInterface('d0');
  sender.setMulticastTTL(0);
  await sender.writeTo('six', group);
  const { size, addr } = await six.readFrom(buf);
  const missing = await listenMulticastUDP('udp6', 'nope', group).catch(String);
  const noGroup = await listenMulticastUDP('udp4', null, new UDPAddr('10.1.1.1', 1)).catch(String);
  return { text: textOf(size), from: addr.ip, missing, noGroup };
}

function indexOf(name: string): number {
  return Number.parseInt(
    execFileSync('ip', ['-o', 'link', 'show', name], { encoding: 'utf8' }),
    10,
  );
}

const results: Record<string, unknown> = {};
for (const [name, scenario] of Object.entries({ pings, groups, groups6 })) {
  try {
    results[name] = await scenario();
  } catch (error) {
    results[name] = String(error);
  }
}
print(results);

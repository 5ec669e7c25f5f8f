/**
 * What the servers of the resolver's tests know. Go was asked the same of the same zone: what it said is in
 * golden/resolver_values.jsonl.
 */
import type { Answer, Question, Zone } from './fake-dns.ts';

/** Records by name; a question gets those of its type, and the aliases. */
const RECORDS: Readonly<Record<string, readonly string[]>> = {
  'dual.test.': ['A 127.0.0.5', 'AAAA 0:0:0:0:0:0:0:1'],
  'four.test.': ['A 127.0.0.5', 'A 127.0.0.6'],
  'six.test.': ['AAAA 0:0:0:0:0:0:0:1'],
  'x_y.test.': ['A 127.0.0.5'],
  'half.test.': ['A 127.0.0.5'],
  'big.test.': ['A 127.0.0.5', 'AAAA 0:0:0:0:0:0:0:1'],
  'short.dom.test.': ['A 127.0.0.7'],
  'alias.test.': ['CNAME middle.test.', 'middle.test. CNAME real.test.', 'real.test. A 127.0.0.8'],
  'middle.test.': ['CNAME real.test.', 'real.test. A 127.0.0.8'],
  'real.test.': ['A 127.0.0.8'],
  'mx.test.': ['MX 20 second.test.', 'MX 10 first.test.', 'MX 30 third.test.'],
  'nullmx.test.': ['MX 0 .'],
  'badmx.test.': ['MX 20 good.test.', String.raw`MX 10 a\032b.test.`],
  'ns.test.': ['NS ns1.test.', 'NS ns2.test.'],
  'badns.test.': ['NS ns1.test.', 'NS -.test.'],
  '_sip._tcp.srv.test.': ['SRV 20 0 5061 b.test.', 'SRV 10 7 5060 a.test.'],
  'plainsrv.test.': ['SRV 1 2 3 c.test.'],
  '_sip._tcp.bad.test.': ['SRV 1 2 3 c.test.', String.raw`SRV 2 2 3 a\032b.test.`],
  'txt.test.': ['TXT one|two', 'TXT three', 'TXT '],
  '5.0.0.127.in-addr.arpa.': ['PTR five.test.', 'PTR V.test.'],
  [`1.${'0.'.repeat(23)}8.b.d.0.1.0.0.2.ip6.arpa.`]: ['PTR db8.test.'],
  '6.0.0.127.in-addr.arpa.': ['PTR six.test.', String.raw`PTR a\032b.test.`],
};

const RCODES: Readonly<Record<string, number>> = {
  'formerr.test.': 1,
  'servfail.test.': 2,
  'notimp.test.': 4,
  'refused.test.': 5,
};

function ofType(type: string): (record: string) => boolean {
  return (record) => new RegExp(`^(\\S+ )?(${type}|CNAME) `).test(record);
}

function answer({ name, type, transport }: Question): Answer | null {
  if (name === 'silent.test.') return null;
  if (name === 'half.test.' && type === 'AAAA') return { rcode: 2 };
  if (name === 'big.test.' && transport === 'udp') return { truncated: true };
  const rcode = RCODES[name];
  if (rcode !== undefined) return { rcode };
  const records = RECORDS[name];
  if (records !== undefined) return { records: records.filter(ofType(type)) };
  return name === 'empty.test.' ? {} : { rcode: 3 };
}

export const zone: Zone = answer;

/** The /etc/hosts and /etc/resolv.conf that go with it. */
export const HOSTS = `127.0.0.1 localhost
127.0.0.9 File.test alias
::1 file.test
127.0.0.10 bad-.test good.test
fe80::1%lo linklocal.test
`;
export const RESOLV_CONF = 'nameserver 127.0.0.1\nsearch dom.test other.test\noptions timeout:1\n';

/**
 * netfd reads requests as node:http and http-parser-js do, and never takes more than both: generated
 * streams of bytes to all three, and to a server of netfd on a connection. What differs is in
 * http-known.ts, or a failure, which is printed as short as it can be.
 *
 * NETFD_FUZZ_SECONDS=60 for other inputs each time, and for longer; NETFD_SEED=N repeats an input.
 */
import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { chosenSeed, Random } from '../native/random.ts';
import type { Finding } from './http-comparison.ts';
import { examine, minimise, type Reader, readings, shownInput } from './http-examination.ts';
import { generate, type Input } from './http-generator.ts';
import { LENIENCIES, STRICTNESSES, TUNNELS } from './http-known.ts';
import { readAsNetfd } from './http-netfd-reader.ts';
import { NodeReader, readAsParserJS } from './http-other-readers.ts';
import { checkServed, ServedReader } from './http-served-reader.ts';

const SECONDS = Number(process.env['NETFD_FUZZ_SECONDS'] ?? 0);
/** Without a time: so many, and the same ones each time. */
const COUNT = 6000;
const timeout = 180_000 + 2000 * SECONDS;

/** Of the seeds of the inputs: the first one is the seed that is asked for. */
function* seeds(): Generator<number> {
  const fixed = SECONDS === 0 && process.env['NETFD_SEED'] === undefined;
  const random = new Random(fixed ? 1 : chosenSeed());
  const until = performance.now() + 1000 * SECONDS;
  yield fixed ? 1 : chosenSeed();
  for (let i = 1; SECONDS === 0 ? i < COUNT : performance.now() < until; i++) {
    yield Math.floor(random.next() * 2 ** 32);
  }
}

const strict = new Map(STRICTNESSES.map(({ why }) => [why, 0]));

/** Throws for what is not known. */
async function accept(node: NodeReader, seed: number, input: Input): Promise<void> {
  for (const finding of await examine(node, input)) {
    const times = finding.kind === 'strict' ? strict.get(finding.what) : undefined;
    if (times === undefined) await fail(node, seed, input, finding);
    else strict.set(finding.what, times + 1);
  }
}

async function fail(
  node: NodeReader,
  seed: number,
  input: Input,
  finding: Finding,
): Promise<never> {
  const least = await minimise(node, input, finding);
  const { kind, what, detail } = finding;
  assert.fail(
    `${kind}: ${what}: ${detail}\nNETFD_SEED=${seed} repeats it, and this has the same:\n` +
      `${shownInput(least)}`,
  );
}

suite('requests as others read them', { timeout }, () => {
  const node = new NodeReader();
  after(() => node[Symbol.dispose]());

  test('generated streams of requests', { timeout }, async (t) => {
    const began = performance.now();
    await using server = await ServedReader.run();
    const counts = { inputs: 0, served: 0, requests: 0, bytes: 0 };
    const endings: Record<string, number> = {};
    for (const seed of seeds()) {
      const input = generate(new Random(seed));
      await accept(node, seed, input);
      const reading = readAsNetfd(Buffer.from(input.text, 'latin1'));
      counts.inputs++;
      counts.requests += reading.requests.length;
      counts.bytes += input.text.length;
      endings[reading.ending] = (endings[reading.ending] ?? 0) + 1;
      if (counts.inputs % 4 !== 1) continue;
      counts.served++;
      try {
        checkServed(input, reading, await server.read(input));
      } catch (error) {
        throw new Error(`NETFD_SEED=${seed} repeats it: ${shownInput(input)}`, { cause: error });
      }
    }
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    t.diagnostic(`${JSON.stringify({ ...counts, seconds, endings })}`);
    t.diagnostic(`stricter than both: ${JSON.stringify(Object.fromEntries(strict))}`);
    assert.ok(counts.requests > counts.inputs / 4, 'enough of them are good');
  });

  for (const { name, example, applies, without } of LENIENCIES) {
    test(`a known leniency exists: ${name}`, async () => {
      const { netfd, others } = await readings(node, { text: example, cuts: [] });
      assert.equal(netfd.requests.length, 1);
      assert.ok(applies(netfd.requests[0]!));
      for (const other of Object.values(others)) {
        assert.deepEqual([other.requests.length, other.ending], [0, 'refused']);
      }
      const text = without(example, 0, netfd.requests[0]!);
      const plain = await readings(node, { text, cuts: [] });
      for (const { requests } of [plain.netfd, ...Object.values(plain.others)]) {
        assert.equal(requests.length, 1);
      }
    });
  }

  for (const { name, example, applies } of TUNNELS) {
    test(`another end of a request exists: ${name}`, async () => {
      const { netfd, others } = await readings(node, { text: example, cuts: [] });
      assert.ok(applies(netfd.requests[0]!));
      assert.equal(netfd.requests[0]!.body, 'abc');
      assert.ok(Object.values(others).some(({ requests }) => requests[0]!.body === ''));
    });
  }

  for (const { why, example } of STRICTNESSES) {
    test(`netfd is stricter than both others: ${why}`, async () => {
      const findings = await examine(node, { text: example, cuts: [] });
      assert.deepEqual(
        findings.map(({ kind, what }) => [kind, what]),
        [['strict', why]],
      );
    });
  }

  const broken: Readonly<Record<string, Reader>> = {
    'takes LF for the end of a line': (bytes) => {
      return readAsNetfd(Buffer.from(bytes.toString('latin1').replace(/\r?\n/g, '\r\n'), 'latin1'));
    },
    'reads as http-parser-js does': (bytes) => readAsParserJS(bytes, []),
    'goes by the length beside chunks': (bytes) => {
      return readAsNetfd(
        Buffer.from(
          bytes.toString('latin1').replaceAll('Transfer-Encoding', 'Transfer_Encoding'),
          'latin1',
        ),
      );
    },
  };

  for (const [name, reader] of Object.entries(broken)) {
    test(`it can fail: a reader that ${name} is found out`, { timeout }, async () => {
      for (let seed = 1; seed < 5000; seed++) {
        const input = generate(new Random(seed));
        const findings = await examine(node, input, reader);
        const finding = findings.find(({ kind }) => kind !== 'strict');
        if (finding === undefined) continue;
        const least = await minimise(node, input, finding, reader);
        assert.ok(least.text.length <= input.text.length);
        return;
      }
      assert.fail('nothing was found');
    });
  }
});

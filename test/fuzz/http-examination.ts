/**
 * One input of the differential fuzzer, from bytes to what is wrong with them: read by all three, compared,
 * and what is known taken out. And the shortest input that has the same wrong.
 */
import { compare, type Finding, type Readings } from './http-comparison.ts';
import type { Input } from './http-generator.ts';
import { LENIENCIES } from './http-known.ts';
import { readAsNetfd } from './http-netfd-reader.ts';
import { type NodeReader, readAsParserJS } from './http-other-readers.ts';
import type { Reading } from './http-reading.ts';

export type Reader = (bytes: Buffer) => Reading;

/** Reads it thrice. The others get it in pieces: those of the input, and at the ends that netfd has seen. */
export async function readings(
  node: NodeReader,
  { text, cuts }: Input,
  reader: Reader = readAsNetfd,
): Promise<Readings> {
  const bytes = Buffer.from(text, 'latin1');
  const netfd = reader(bytes);
  const places = [...cuts, ...netfd.requests.flatMap(({ end }) => [end - 1, end])];
  return {
    netfd,
    others: { node: await node.read(bytes, places), parserJS: readAsParserJS(bytes, places) },
  };
}

/** What there is to say of it, but for leniencies that are known. */
export async function examine(
  node: NodeReader,
  input: Input,
  reader: Reader = readAsNetfd,
): Promise<Finding[]> {
  const all = await readings(node, input, reader);
  const findings = compare(all);
  const lenient = findings.find(({ kind }) => kind === 'lenient');
  if (lenient === undefined) return findings;
  const { requests } = all.netfd;
  const request = requests[lenient.index]!;
  const start = requests[lenient.index - 1]?.end ?? 0;
  const leniency = LENIENCIES.find((one) => one.applies(request));
  if (leniency === undefined) return findings;
  // It must not hide another one.
  return examine(node, { text: leniency.without(input.text, start, request), cuts: [] }, reader);
}

/** A shorter input with the same finding. */
export async function minimise(
  node: NodeReader,
  input: Input,
  { kind, what }: Finding,
  reader: Reader = readAsNetfd,
): Promise<Input> {
  const fails = async (candidate: Input): Promise<boolean> => {
    const findings = await examine(node, candidate, reader);
    return findings.some((finding) => finding.kind === kind && finding.what === what);
  };
  const whole = { text: input.text, cuts: [] };
  let least: Input = (await fails(whole)) ? whole : input;
  for (let size = least.text.length >> 1; size > 0; size >>= 1) {
    for (let at = 0; at < least.text.length;) {
      const text = least.text.slice(0, at) + least.text.slice(at + size);
      const candidate = { text, cuts: least.cuts.filter((cut) => cut < text.length) };
      if (await fails(candidate)) least = candidate;
      else at += size;
    }
  }
  return least;
}

/** As a line that can be pasted into a test. */
export function shownInput({ text, cuts }: Input): string {
  const bytes = JSON.stringify(text).replace(/[\x7f-\xff]/g, (char) => {
    return `\\u00${char.charCodeAt(0).toString(16)}`;
  });
  return `{ text: ${bytes}, cuts: ${JSON.stringify(cuts)} }`;
}

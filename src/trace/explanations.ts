/**
 * Why netfd makes a call, and what has come of it: one table, from which `--explain` prints and
 * docs/system-calls-explained.md is generated.
 *
 * A row is true of this library: where the same call means something else in another program, nothing is claimed of
 * that. Rows are tried in order, so the special ones stand first. Sources: man sections 2 and 7, docs/decisions.
 */
import type { Call, Sink } from './call.ts';
import { files } from './explained/files.ts';
import { messages } from './explained/messages.ts';
import { options } from './explained/options.ts';
import { sockets } from './explained/sockets.ts';
import { streams } from './explained/streams.ts';
import { waiting } from './explained/waiting.ts';
import type { Explanation } from './explanation.ts';
import { History } from './history.ts';

/** A part of the table, with a title. */
export interface Chapter {
  readonly title: string;
  readonly rows: readonly Explanation[];
}

export const chapters: readonly Chapter[] = [
  { title: 'Sockets and addresses', rows: sockets },
  { title: 'Options', rows: options },
  { title: 'Files, pipes and copies', rows: files },
  { title: 'Datagrams, messages and netlink', rows: messages },
  { title: 'Connections and their bytes', rows: streams },
  { title: 'Waiting', rows: waiting },
];

const byCall: ReadonlyMap<string, readonly Explanation[]> = rowsByCall();

function rowsByCall(): ReadonlyMap<string, readonly Explanation[]> {
  const table = new Map<string, Explanation[]>();
  for (const { rows } of chapters) {
    for (const row of rows) {
      for (const name of row.calls) {
        const known = table.get(name);
        if (known === undefined) table.set(name, [row]);
        else known.push(row);
      }
    }
  }
  return table;
}

/** The rows that explain a call: a reason, an outcome, both or none. */
export function explanationsOf(call: Call, history: History): readonly Explanation[] {
  const rows = byCall.get(call.name) ?? [];
  const own = history.of(call.args[0]);
  const found: Explanation[] = [];
  for (const kind of ['reason', 'outcome'] as const) {
    const row = rows.find((each) => each.kind === kind && each.when(call, own, history));
    if (row !== undefined) found.push(row);
  }
  return found;
}

/** Why a call was made and what has come of it, in a few sentences; null: nothing is known of that. */
export function explain(call: Call, history: History): string | null {
  const rows = explanationsOf(call, history);
  return rows.length === 0 ? null : rows.map(({ text }) => text).join(' ');
}

/** Tells `sink` of each call, and writes the explanation under it, a line "    # …" for each sentence or two. */
export class ExplainedSink implements Sink {
  readonly #sink: Sink;
  readonly #write: (line: string) => void;
  readonly #history: History = new History();

  /** `write` gets each line with its end; `sink` writes to the same place. */
  constructor(sink: Sink, write: (line: string) => void) {
    this.#sink = sink;
    this.#write = write;
  }

  call(call: Call): void {
    this.#sink.call(call);
    for (const { text } of explanationsOf(call, this.#history)) this.#write(`    # ${text}\n`);
    this.#history.note(call);
  }
}

/**
 * The documents that are made of the table of explanations: docs/system-calls-explained.md, the table itself, and
 * docs/what-happens-when-you-listen.md, of which only the recorded parts are made; the prose is the file's own.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chapters } from '../../src/trace/explanations.ts';
import { type Recording, recordedRun } from './recorded-run.ts';

export interface Document {
  readonly path: string;
  readonly text: string;
}

const INTRODUCTION = `# System calls, explained

Why netfd makes each system call, and what its result means. This is the table from which \`--explain\` takes what it
prints under a call: of those that fit, the first reason and the first outcome. A call is shown as strace prints it; "…"
stands for anything. What a walk through a whole run looks like: [What happens when you
listen](what-happens-when-you-listen.md).

This file is written by \`npm run docs\`; what is to be changed is \`src/trace/explained\`. Every row is tried by a test
(\`test/trace/explanations.test.ts\`) on a call that is really made.
`;

/** A line of the table of contents of one chapter: its rows as a list. */
function tableDocument(): string {
  const parts = [INTRODUCTION];
  for (const { title, rows } of chapters) {
    parts.push(`## ${title}\n`);
    for (const { example, text, calls } of rows) {
      const also = calls.length === 1 ? '' : ` (also ${calls.slice(1).join(', ')})`;
      parts.push(`\`${example}\`${also}\n: ${text}\n`.replace('\n: ', '  \n'));
    }
  }
  return parts.join('\n');
}

/** The text with its recorded parts replaced. Error if a part has no recording, or a recording no part. */
function walkDocument(text: string, recording: Recording): string {
  const left = new Set(recording.keys());
  const made = text.replaceAll(
    /(<!-- recorded: ([a-z ]+) -->\n)[^]*?(<!-- end -->)/g,
    (_, head: string, stage: string, tail: string) => {
      const lines = recording.get(stage);
      if (lines === undefined) throw new Error(`no call was recorded for "${stage}"`);
      left.delete(stage);
      return `${head}\n\`\`\`\n${lines.join('\n')}\n\`\`\`\n\n${tail}`;
    },
  );
  if (left.size > 0) throw new Error(`nothing shows the calls of: ${[...left].join(', ')}`);
  return made;
}

const root: string = fileURLToPath(new URL('../../../', import.meta.url));

/** What the documents should be. */
export async function explainedDocuments(): Promise<readonly Document[]> {
  const walk = `${root}docs/what-happens-when-you-listen.md`;
  return [
    { path: `${root}docs/system-calls-explained.md`, text: tableDocument() },
    { path: walk, text: walkDocument(readFileSync(walk, 'utf8'), await recordedRun()) },
  ];
}

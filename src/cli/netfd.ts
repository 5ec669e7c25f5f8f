#!/usr/bin/env node
/**
 * The program netfd. Exit status: 0 if all went well, 1 if something failed, 2 if it was asked for
 * what there is not. Whatever fails is told in one line on stderr.
 */
import { readFileSync } from 'node:fs';
import { parseCommandLine, UsageError } from './arguments.ts';
import { oneLine } from './one-line.ts';
import { HELP } from './usage.ts';

function version(): string {
  const file = new URL('../../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

async function main(argv: readonly string[]): Promise<number> {
  const request = parseCommandLine(argv);
  switch (request.kind) {
    case 'help':
      process.stdout.write(request.command?.help ?? HELP);
      return 0;
    case 'version':
      process.stdout.write(`netfd ${version()}\n`);
      return 0;
    default: {
      const run = await request.command.load();
      return run(request.args);
    }
  }
}

/** Tells what failed; gives the exit status. */
function report(error: unknown): number {
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message} (see ${error.hint})\n`);
    return 2;
  }
  process.stderr.write(`${oneLine(error)}\n`);
  return 1;
}

// Who reads what we print may stop doing so: a server goes on.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

const status = await main(process.argv.slice(2)).catch(report);
// Not before all is printed, but whatever else is still open.
process.stdout.write('', () => process.exit(status));

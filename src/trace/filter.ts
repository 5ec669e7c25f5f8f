/**
 * Which calls are traced, in the words of strace(1)'s `-e trace=`: names and classes, joined by commas, "!" before
 * them for all others.
 */
import type { CallName } from './call.ts';
import { signatures } from './signatures.ts';

export type Filter = (name: CallName) => boolean;

const CLASSES: ReadonlyMap<string, string> = new Map([
  ['%network', 'network'],
  ['%net', 'network'],
  ['%desc', 'desc'],
  ['%file', 'file'],
]);

function namesOf(part: string): readonly string[] {
  if (part === 'all') return Object.keys(signatures);
  if (part === 'none') return [];
  const wanted = CLASSES.get(part);
  if (wanted !== undefined) {
    return Object.entries(signatures)
      .filter(([, { classes }]) => (classes as readonly string[]).includes(wanted))
      .map(([name]) => name);
  }
  if (Object.hasOwn(signatures, part)) return [part];
  if (part.startsWith('?')) return [];
  throw new TypeError(
    `trace: ${JSON.stringify(part)} is no call that netfd makes, and no class: expected names, ` +
      `${[...CLASSES.keys()].join(', ')}, all or none`,
  );
}

/** "accept4,%network", "!epoll_wait". TypeError for a name that is none. */
export function filterOf(expression: string): Filter {
  const others = expression.startsWith('!');
  const names = new Set((others ? expression.slice(1) : expression).split(',').flatMap(namesOf));
  return (name) => names.has(name) !== others;
}

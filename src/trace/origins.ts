/**
 * Where calls come from: the program's line and the connection that each belongs to. It has to see every call that
 * makes or closes a descriptor, also one that is not traced; of the others only those that are.
 */
import type { Kernel } from '../kernel/kernel.ts';
import { AskedFrom } from './asked-from.ts';
import type { Call } from './call.ts';
import { type FrameOptions, Frames } from './frames.ts';
import { type RequestOf, Subjects } from './subjects.ts';

export interface StackOptions extends FrameOptions {
  /** The request that is served on a connection. What it throws counts as none. */
  readonly requestOf?: RequestOf;
}

export interface Origin {
  where: string | undefined;
  subject: string | undefined;
}

export class Origins {
  readonly #frames: Frames;
  readonly #asked: AskedFrom = new AskedFrom();
  readonly #subjects: Subjects;

  /** `kernel` is asked what descriptors are. */
  constructor(kernel: Kernel, options: StackOptions = {}) {
    this.#frames = new Frames(options);
    this.#subjects = new Subjects(kernel, options.requestOf);
  }

  /** Writes into `call` where it comes from. To be called while the program's frames are on the stack. */
  tell(call: Call & Origin): void {
    call.where = this.#asked.where(call, this.#frames.current());
    call.subject = this.#subjects.subject(call);
  }
}

/** Nothing in it ends the comment, or does something to a terminal. */
function harmless(text: string): string {
  return text.replaceAll('*/', '*\\/').replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (c) => {
    return `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** " /* server.ts:12:5, tcp 127.0.0.1:80->127.0.0.1:9 GET / *\/" behind a line; empty without `stacks`. */
export function originText({ where, subject }: Call): string {
  if (where === undefined && subject === undefined) return '';
  const parts = [where, subject].filter((part) => part !== undefined);
  return ` /* ${harmless(parts.join(', '))} */`;
}

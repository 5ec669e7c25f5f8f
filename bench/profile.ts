/**
 * What perf script prints, as stacks of named frames with how often each was seen, and the time by
 * place: which system call, which source file, the engine.
 */

/** A frame's name for people, and what kind of code it is. */
export interface Frame {
  readonly name: string;
  readonly kind: 'kernel' | 'javascript' | 'addon' | 'engine';
}

/** From the outermost frame to the innermost. */
export interface Stack {
  readonly frames: readonly Frame[];
  readonly samples: number;
}

const FRAME = /^\s+[0-9a-f]+ (.*) \(([^()]*(?:\([^()]*\))?[^()]*)\)$/;

/** "JS:*serve file:///…/src/http/conn/server-conn.js:120:8" as "serve server-conn.ts". */
function javascriptName(symbol: string): string {
  const [, name = '', url = ''] = /^\w+:[*~^+-]?(\S*) ?(.*)$/.exec(symbol) ?? [];
  const file = url.replace(/(:\d+)+$/, '').replace(/^.*\//, '');
  const source = url.includes('/dist/') ? file.replace(/\.js$/, '.ts') : file;
  return `${name === '' ? '(anonymous)' : name} ${source}`.trim();
}

function frameOf(symbol: string, object: string): Frame {
  if (object.includes('kernel') || object === '[vdso]' || object.includes('.ko')) {
    return { name: symbol.replace(/^(__(x64|arm64)_sys_|ksys_)/, ''), kind: 'kernel' };
  }
  if (/^(JS|LazyCompile|Function|Script|Eval):/.test(symbol)) {
    return { name: javascriptName(symbol), kind: 'javascript' };
  }
  if (object.endsWith('netfd.node')) return { name: `${symbol} netfd.node`, kind: 'addon' };
  // What V8 wrote itself has no object but the list of names.
  const name = symbol.startsWith('Builtin:') ? symbol.slice('Builtin:'.length) : symbol;
  return { name: name.replace(/\(.*$/, '').slice(0, 80), kind: 'engine' };
}

/** The stacks of perf script -F comm,ip,sym,dso, those that are alike together. */
export function stacksIn(text: string): Stack[] {
  const found = new Map<string, { frames: Frame[]; samples: number }>();
  for (const block of text.split('\n\n')) {
    const frames: Frame[] = [];
    for (const line of block.split('\n')) {
      const [, symbol, object] = FRAME.exec(line) ?? [];
      if (symbol !== undefined)
        frames.unshift(frameOf(symbol.replace(/\+0x[0-9a-f]+$/, ''), object!));
    }
    if (frames.length === 0) continue;
    const key = frames.map(({ kind, name }) => `${kind} ${name}`).join(';');
    const same = found.get(key);
    if (same === undefined) found.set(key, { frames, samples: 1 });
    else same.samples++;
  }
  return [...found.values()];
}

/** Where the time of a stack was spent, in words. */
function placeOf({ frames }: Stack): string {
  const last = frames.at(-1)!;
  if (last.kind === 'kernel') {
    const entry = frames.findIndex(({ name }) => /^do_syscall_64$|^el0_svc$/.test(name));
    const inside = frames.slice(entry + 1).find(({ name }) => name !== 'x64_sys_call');
    return entry < 0 ? 'kernel: interrupts' : `kernel: ${inside?.name ?? 'entry'}`;
  }
  if (last.kind === 'engine') {
    const garbage = frames.some(({ name }) => /Scaveng|MarkCompact|GarbageCollect/.test(name));
    if (garbage) return 'engine: collecting garbage';
    return last.name.startsWith('uv_') ? 'engine: libuv' : 'engine: the rest';
  }
  if (last.kind === 'addon') return 'addon';
  return `JavaScript: ${last.name.split(' ').at(-1)!}`;
}

/** Below this part of all a place is put together with others. */
const LEAST_SHARE = 0.005;

/** The time by place, the most first. */
export function sharesOf(stacks: readonly Stack[]): { place: string; share: number }[] {
  const all = stacks.reduce((sum, { samples }) => sum + samples, 0);
  const places = new Map<string, number>();
  for (const stack of stacks) {
    const place = placeOf(stack);
    places.set(place, (places.get(place) ?? 0) + stack.samples);
  }
  const shares = [...places].map(([place, samples]) => ({ place, share: samples / all }));
  const big = shares.filter(({ share }) => share >= LEAST_SHARE);
  const rest = 1 - big.reduce((sum, { share }) => sum + share, 0);
  big.sort((a, b) => b.share - a.share);
  return rest > 0 ? [...big, { place: 'places with less', share: rest }] : big;
}

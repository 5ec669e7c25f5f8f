/**
 * Stacks as a flame graph in SVG: a box a frame, as wide as the time in it and what it called; callers
 * below, callees above. Reading a box with the pointer shows its share.
 */
import type { Frame, Stack } from './profile.ts';

const WIDTH = 1200;
const ROW = 17;
const TOP = 40;
const LEAST_WIDTH = 0.4;
/** Of the font, about. */
const LETTER = 6.2;

const colours: Readonly<Record<Frame['kind'], string>> = {
  kernel: '#f0a868',
  javascript: '#f2dc6d',
  addon: '#7fb2e5',
  engine: '#c9b3dd',
};

const legend = 'orange: kernel; yellow: JavaScript; blue: the addon; violet: engine and event loop';

class Box {
  readonly children = new Map<string, Box>();
  readonly frame: Frame;
  samples = 0;

  constructor(frame: Frame) {
    this.frame = frame;
  }

  child(frame: Frame): Box {
    const key = `${frame.kind} ${frame.name}`;
    let box = this.children.get(key);
    if (box === undefined) this.children.set(key, (box = new Box(frame)));
    return box;
  }

  get depth(): number {
    let deepest = 0;
    for (const box of this.children.values()) deepest = Math.max(deepest, box.depth);
    return deepest + 1;
  }
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

function draw(box: Box, x: number, y: number, scale: number, all: number, to: string[]): void {
  const width = box.samples * scale;
  if (width < LEAST_WIDTH) return;
  const { name, kind } = box.frame;
  const percent = ((box.samples / all) * 100).toFixed(1);
  const letters = Math.floor((width - 4) / LETTER);
  const label = letters < 3 ? '' : escaped(name.slice(0, letters));
  to.push(
    `<g><title>${escaped(name)}: ${percent} %</title>` +
      `<rect x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${ROW - 1}"` +
      ` fill="${colours[kind]}" rx="1"/>` +
      (label === '' ? '' : `<text x="${(x + 3).toFixed(1)}" y="${y + 12}">${label}</text>`) +
      '</g>',
  );
  let at = x;
  const callees = [...box.children.values()];
  callees.sort((a, b) => (a.frame.name < b.frame.name ? -1 : 1));
  for (const callee of callees) {
    draw(callee, at, y - ROW, scale, all, to);
    at += callee.samples * scale;
  }
}

/** The drawing, as the text of a file. */
export function flameGraph(stacks: readonly Stack[], title: string): string {
  const root = new Box({ name: 'all', kind: 'engine' });
  for (const { frames, samples } of stacks) {
    root.samples += samples;
    let box = root;
    for (const frame of frames) {
      box = box.child(frame);
      box.samples += samples;
    }
  }
  const height = TOP + root.depth * ROW + 10;
  const boxes: string[] = [];
  draw(root, 0, height - ROW - 5, WIDTH / root.samples, root.samples, boxes);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="monospace"`,
    ' font-size="10">',
    `<rect width="${WIDTH}" height="${height}" fill="#fffdf8"/>`,
    `<text x="6" y="16" font-size="13">${escaped(title)}</text>`,
    `<text x="6" y="31" fill="#666">${legend}</text>`,
    ...boxes,
    '</svg>',
    '',
  ].join('\n');
}

/**
 * Checks that the tree keeps the rules of layers.txt: who imports whom, and a few on files.
 *
 *   node tools/check-layers.mjs [root]    prints each violation as "file:line: what"; status 1 if any
 *
 * Imports are found by their text, which oxfmt keeps regular, so no compiler is needed. Cycles are
 * those that exist at run time: `import type` is erased and may point back.
 */
import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));
const FOLDERS = ['src', 'test', 'bench', 'examples', 'web', 'tools', 'native'];
const NOT_OURS = new Set(['node_modules', 'results', 'golden']);

// ---- the rules

const list = (text) => text.split(',').map((word) => word.trim());

/** Each kind of line in layers.txt, and what it adds to the rules. */
const LINES = [
  [/^(\S+) +<- (.+)$/, (rules, name, layers) => (rules.mayImport[name] = list(layers))],
  [/^only (.+) import node:$/, (rules, layers) => (rules.nodeImports = list(layers))],
  [/^only (.+) import packages$/, (rules, layers) => (rules.packageImports = list(layers))],
  [/^only (.+) are barrels$/, (rules, layers) => (rules.barrels = list(layers))],
  [/^only (.+) are included by native$/, (rules, files) => (rules.headers = list(files))],
  [/^never cycles$/, (rules) => (rules.noCycles = true)],
  [/^never default exports$/, (rules) => (rules.noDefaultExports = true)],
  [/^never files named (.+)$/, (rules, words) => (rules.badNames = list(words))],
  [
    /^at most (\d+) lines a file, (\d+) a test$/,
    (rules, file, test) => Object.assign(rules, { lines: Number(file), testLines: Number(test) }),
  ],
];

/** The rules that `text` states. Throws on a line that it does not understand. */
export function parseRules(text) {
  const rules = { mayImport: {}, headers: [] };
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const kind = LINES.find(([pattern]) => pattern.test(line));
    if (kind === undefined) throw new Error(`layers.txt: not understood: ${line}`);
    kind[1](rules, ...kind[0].exec(line).slice(1));
  }
  for (const [name, layers] of Object.entries(rules.mayImport)) {
    for (const layer of layers) {
      if (layer in rules.mayImport || layer === 'all' || layer === 'nothing') continue;
      throw new Error(`layers.txt: ${name} <- ${layer}: there is no such layer`);
    }
  }
  return rules;
}

// ---- the files

/** Without comments and template strings; the lines stay where they are. */
function withoutComments(text) {
  const pattern =
    /('(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")|`(?:[^`\\]|\\[^])*`|\/\*[^]*?\*\/|\/\/[^\n]*/g;
  return text.replace(pattern, (match, string) => string ?? match.replace(/[^\n]/g, ' '));
}

const STATIC_IMPORT =
  /^[ \t]*(import|export)(\s+type\b)?\s*(?:([^'"`;]*?)\bfrom\s*)?['"]([^'"]+)['"]/gm;
const DYNAMIC_IMPORT = /\bimport\(\s*['"]([^'"]+)['"]/g;
const INCLUDE = /^#include [<"]([^>"]+)[>"]/gm;

function lineOf(text, index) {
  return text.slice(0, index).split('\n').length;
}

function importsOf(text) {
  const found = [];
  for (const match of text.matchAll(STATIC_IMPORT)) {
    const [whole, keyword, type, names, specifier] = match;
    const line = lineOf(text, match.index + whole.length);
    found.push({
      specifier,
      line,
      atRunTime: type === undefined,
      exportsAll: keyword === 'export' && names?.trim().startsWith('*') === true,
    });
  }
  for (const match of text.matchAll(DYNAMIC_IMPORT)) {
    found.push({ specifier: match[1], line: lineOf(text, match.index), atRunTime: false });
  }
  return found;
}

/** True if there is nothing in it but imports and re-exports, with at least one of these. */
function isBarrel(text) {
  if (!/^export\b[^'"`;]*\bfrom\s*['"]/m.test(text)) return false;
  const rest = text.replace(STATIC_IMPORT, '').replace(/^\s*export (type )?\{[^}]*\}/gm, '');
  return /^[\s;]*$/.test(rest);
}

function filesBelow(root, folder) {
  let entries;
  try {
    entries = readdirSync(join(root, folder), { withFileTypes: true });
  } catch {
    return [];
  }
  return entries.flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return NOT_OURS.has(entry.name) ? [] : filesBelow(root, path);
    return /\.(ts|mjs|c|h)$/.test(path) ? [path] : [];
  });
}

/** The layer of a file, by its path from the root. */
function layerOf(rules, path) {
  if (path.startsWith('test/') || path.endsWith('.test.ts')) return 'tests';
  if (!path.startsWith('src/')) return path.slice(0, path.indexOf('/'));
  const inside = path.slice('src/'.length).replace(/\.ts$/, '');
  if (!inside.includes('/')) return 'faces';
  const fits = (name) => inside === name || inside.startsWith(`${name}/`);
  const names = Object.keys(rules.mayImport).filter(fits);
  return names.sort((a, b) => b.length - a.length)[0] ?? inside.split('/')[0];
}

// ---- the checks

function mayImport(rules, from, to) {
  const allowed = rules.mayImport[from] ?? [];
  return from === to || allowed.includes('all') || allowed.includes(to);
}

/** What is wrong with one import, or null. */
function importFault(rules, { path, layer }, { specifier }) {
  if (specifier.startsWith('node:')) {
    return rules.nodeImports?.includes(layer) ? null : `${layer} must not import node:`;
  }
  if (!specifier.startsWith('.')) {
    return rules.packageImports?.includes(layer) ? null : `${layer} must not import packages`;
  }
  const target = layerOf(rules, posix.join(posix.dirname(path), specifier));
  return mayImport(rules, layer, target) ? null : `${layer} must not import ${target}`;
}

function fitsHeader(pattern, header) {
  return pattern.endsWith('*') ? header.startsWith(pattern.slice(0, -1)) : header === pattern;
}

function* includeFaults(rules, file, headersOfNative) {
  for (const { 1: header, index } of file.text.matchAll(INCLUDE)) {
    if (headersOfNative.has(header)) continue;
    if (rules.headers.some((pattern) => fitsHeader(pattern, header))) continue;
    yield [lineOf(file.text, index), `native must not include ${header}`];
  }
}

function* textFaults(rules, file) {
  const { path, layer, text } = file;
  const stem = posix.basename(path).replace(/\..*$/, '');
  const bad = rules.badNames?.find((word) => stem === word || stem.endsWith(`-${word}`));
  if (bad !== undefined) yield [1, `a file must not be named ${bad}`];
  const most = layer === 'tests' ? rules.testLines : rules.lines;
  const lines = text.split('\n').length - 1;
  if (lines > most) yield [most + 1, `${lines} lines; at most ${most} are allowed`];
  const byDefault = /^[ \t]*export (default\b|\{[^}]*\bas default\b)/m.exec(text);
  if (rules.noDefaultExports && byDefault !== null) {
    yield [lineOf(text, byDefault.index), 'no default exports'];
  }
}

function* importFaults(rules, file) {
  for (const entry of file.imports) {
    const fault = importFault(rules, file, entry);
    if (fault !== null) yield [entry.line, `${fault} (${entry.specifier})`];
    if (entry.exportsAll && !rules.barrels?.includes(file.layer)) {
      yield [entry.line, `only ${rules.barrels} may export everything of another file`];
    }
  }
  if (!rules.barrels?.includes(file.layer) && isBarrel(file.text)) {
    yield [1, `a barrel; only ${rules.barrels} are`];
  }
}

/** Each cycle of imports that exist at run time, once, as the list of its files. */
function cycles(files) {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const found = [];
  const state = new Map(); // path → 'open' while on the stack, then 'done'
  const visit = (file, stack) => {
    state.set(file.path, 'open');
    for (const { specifier, atRunTime } of file.imports) {
      const target = posix.join(posix.dirname(file.path), specifier);
      if (!atRunTime || !specifier.startsWith('.') || !byPath.has(target)) continue;
      if (state.get(target) === 'open') found.push(stack.slice(stack.indexOf(target)));
      else if (!state.has(target)) visit(byPath.get(target), [...stack, target]);
    }
    state.set(file.path, 'done');
  };
  for (const file of files) if (!state.has(file.path)) visit(file, [file.path]);
  return found;
}

/** How many files the tree at `root` has, and every violation of `rules` as "file:line: what". */
export function check(root, rules) {
  const files = FOLDERS.flatMap((folder) => filesBelow(root, folder)).map((path) => {
    const text = withoutComments(readFileSync(join(root, path), 'utf8'));
    const isC = /\.[ch]$/.test(path);
    return { path, layer: layerOf(rules, path), text, imports: isC ? [] : importsOf(text) };
  });
  const native = files.filter(({ layer }) => layer === 'native');
  const own = new Set(native.map(({ path }) => posix.basename(path)));
  const faults = files.flatMap((file) =>
    [
      ...textFaults(rules, file),
      ...importFaults(rules, file),
      ...(file.layer === 'native' ? includeFaults(rules, file, own) : []),
    ].map(([line, what]) => `${file.path}:${line}: ${what}`),
  );
  const circles = rules.noCycles ? cycles(files) : [];
  faults.push(...circles.map((paths) => `${paths[0]}:1: a cycle: ${paths.join(' -> ')}`));
  return { count: files.length, faults };
}

if (realpathSync(process.argv[1] ?? '.') === fileURLToPath(import.meta.url)) {
  const rules = parseRules(readFileSync(join(HERE, 'layers.txt'), 'utf8'));
  const { count, faults } = check(process.argv[2] ?? join(HERE, '..'), rules);
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exitCode = 1;
  else console.log(`${count} files keep the rules of tools/layers.txt`);
}

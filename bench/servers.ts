/**
 * The servers of each workload, one row each, in the order of the table; the floor comes first. A
 * row is either a command line or the reason why there is none. Building happens here, starting
 * does not.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { builtC, builtGo } from './compile.ts';
import type { Workload } from './options.ts';
import type { Tool, Toolchain } from './toolchain.ts';
import { compiledFolder, root, sourceFolder } from './toolchain.ts';

export interface Server {
  /** What --only takes. */
  readonly id: string;
  /** What the table says, with the version. */
  readonly label: string;
  /** Gives the command line for a port, or null if `missing` says why it cannot be run. */
  readonly command: ((port: number) => Promise<readonly string[]>) | null;
  readonly missing: string | null;
  readonly env: Readonly<Record<string, string>>;
}

type Command = (tool: Tool, port: number) => Promise<readonly string[]> | readonly string[];

function row(
  id: string,
  name: string,
  tool: Tool | null,
  command: Command,
  extra: { env?: Record<string, string>; note?: string } = {},
): Server {
  const { env = {}, note = '' } = extra;
  if (tool === null) {
    return { id, label: name, command: null, missing: 'not installed', env };
  }
  const label = `${name} ${tool.version}${note}`;
  return { id, label, command: async (port) => command(tool, port), missing: null, env };
}

/** A compiled TypeScript server, as each runtime wants to be called. */
function script(folder: string, file: string, ...rest: string[]) {
  const path = join(compiledFolder, folder, file);
  const deno = ['run', '--allow-net', '--no-config', '--no-lock'];
  return {
    node: (tool: Tool, port: number) => [tool.path, path, String(port), ...rest],
    bun: (tool: Tool, port: number) => [tool.path, path, String(port)],
    deno: (tool: Tool, port: number) => [tool.path, ...deno, path, String(port)],
  };
}

/** nginx takes its port from a file; what else it writes goes beside that file. */
async function nginxCommand(tool: Tool, port: number): Promise<readonly string[]> {
  const folder = join(root, 'dist', 'bench', 'nginx');
  const template = await readFile(join(sourceFolder, 'http', 'nginx.conf'), 'utf8');
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'nginx.conf');
  await writeFile(file, template.replace('@PORT@', String(port)));
  return [tool.path, '-e', 'stderr', '-p', folder, '-c', file];
}

function floorRow({ cc }: Toolchain, folder: string): Server {
  const source = `${folder}/floor.c`;
  return row('floor', 'C epoll, cc', cc, async (tool, port) => [
    await builtC(tool, source, ['floor.h']),
    String(port),
  ]);
}

function goRow({ go }: Toolchain, folder: string, name: string): Server {
  const source = `${folder}/go.go`;
  const command: Command = async (tool, port) => [await builtGo(tool, source), String(port)];
  return row('go', name, go, command, { env: { GOMAXPROCS: '1' }, note: ', GOMAXPROCS=1' });
}

function httpServers(tools: Toolchain, floorFolder: string): Server[] {
  const netfd = script('http', 'netfd.js').node;
  const node = script('http', 'node.js').node;
  return [
    floorRow(tools, floorFolder),
    row('netfd', 'netfd, Node', tools.node, netfd),
    row('netfd-newest', 'netfd, newest Node', tools.newestNode, netfd),
    row('node', 'node:http, Node', tools.node, node),
    row('node-newest', 'node:http, newest Node', tools.newestNode, node),
    row('bun', 'Bun.serve, Bun', tools.bun, script('http', 'bun.js').bun),
    row('deno', 'Deno.serve, Deno', tools.deno, script('http', 'deno.js').deno),
    goRow(tools, 'http', 'net/http, Go'),
    row('nginx', 'nginx', tools.nginx, nginxCommand, { note: ', 1 worker' }),
  ];
}

function echoServers(tools: Toolchain): Server[] {
  const netfd = script('echo', 'netfd.js').node;
  const node = script('echo', 'node.js').node;
  const noDelay = script('echo', 'node.js', 'nodelay').node;
  const newest = tools.newestNode;
  return [
    floorRow(tools, 'echo'),
    row('netfd', 'netfd, Node', tools.node, netfd),
    row('netfd-newest', 'netfd, newest Node', newest, netfd),
    row('node', 'node:net, Node', tools.node, node),
    row('node-nodelay', 'node:net noDelay, Node', tools.node, noDelay),
    row('node-newest', 'node:net, newest Node', newest, node),
    row('node-newest-nodelay', 'node:net noDelay, newest Node', newest, noDelay),
    row('bun', 'Bun.listen, Bun', tools.bun, script('echo', 'bun.js').bun),
    row('deno', 'Deno.listen, Deno', tools.deno, script('echo', 'deno.js').deno),
    goRow(tools, 'echo', 'net, Go'),
  ];
}

function udpServers(tools: Toolchain): Server[] {
  const netfd = script('udp', 'netfd.js').node;
  const node = script('udp', 'node.js').node;
  return [
    floorRow(tools, 'udp'),
    row('netfd', 'netfd, Node', tools.node, netfd),
    row('netfd-newest', 'netfd, newest Node', tools.newestNode, netfd),
    row(
      'netfd-promises',
      'netfd with await, Node',
      tools.node,
      script('udp', 'netfd-promises.js').node,
    ),
    row(
      'netfd-batched',
      'netfd in batches, Node',
      tools.node,
      script('udp', 'netfd-batched.js').node,
    ),
    row('node', 'node:dgram, Node', tools.node, node),
    row('node-newest', 'node:dgram, newest Node', tools.newestNode, node),
    row('bun', 'Bun.udpSocket, Bun', tools.bun, script('udp', 'bun.js').bun),
    goRow(tools, 'udp', 'net, Go'),
  ];
}

function relayServers(tools: Toolchain): Server[] {
  const netfd = script('relay', 'netfd.js').node;
  const node = script('relay', 'node.js').node;
  return [
    floorRow(tools, 'relay'),
    row('netfd', 'netfd, Node', tools.node, netfd),
    row('netfd-newest', 'netfd, newest Node', tools.newestNode, netfd),
    row('node', 'node:dgram, Node', tools.node, node),
    row('node-newest', 'node:dgram, newest Node', tools.newestNode, node),
    goRow(tools, 'relay', 'net, Go'),
  ];
}

function idleServers(tools: Toolchain): Server[] {
  const js = (file: string) => (tool: Tool, port: number) => [
    tool.path,
    '--expose-gc',
    join(compiledFolder, 'idle', file),
    String(port),
  ];
  return [
    floorRow(tools, 'idle'),
    row('netfd', 'netfd, Node', tools.node, js('netfd.js')),
    row('netfd-newest', 'netfd, newest Node', tools.newestNode, js('netfd.js')),
    row('netfd-promises', 'netfd with await, Node', tools.node, js('netfd-promises.js')),
    row('node', 'node:net, Node', tools.node, js('node.js')),
    row('node-newest', 'node:net, newest Node', tools.newestNode, js('node.js')),
    goRow(tools, 'idle', 'net, Go'),
  ];
}

/** The rows of a workload. The pipelined workload asks the servers in http for more at a time. */
export function serversOf(workload: Workload, tools: Toolchain): readonly Server[] {
  if (workload === 'idle') return idleServers(tools);
  if (workload === 'echo') return echoServers(tools);
  if (workload === 'udp' || workload === 'bursts') return udpServers(tools);
  if (workload === 'relay') return relayServers(tools);
  return httpServers(tools, workload === 'churn' ? 'churn' : 'http');
}

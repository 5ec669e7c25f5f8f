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
import { filesFolder } from './served-files.ts';
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
  const deno = ['run', '--allow-net', '--allow-read', '--no-config', '--no-lock'];
  return {
    node: (tool: Tool, port: number) => [tool.path, path, String(port), ...rest],
    bun: (tool: Tool, port: number) => [tool.path, path, String(port), ...rest],
    deno: (tool: Tool, port: number) => [tool.path, ...deno, path, String(port), ...rest],
  };
}

/** nginx takes its port from a file; what else it writes goes beside that file. */
function nginxRow({ nginx }: Toolchain, folder: string): Server {
  const command: Command = async (tool, port) => {
    const place = join(root, 'dist', 'bench', 'nginx');
    const template = await readFile(join(sourceFolder, folder, 'nginx.conf'), 'utf8');
    await mkdir(place, { recursive: true });
    const file = join(place, 'nginx.conf');
    const text = template.replace('@PORT@', String(port)).replace('@FILES@', filesFolder);
    await writeFile(file, text);
    return [tool.path, '-e', 'stderr', '-p', place, '-c', file];
  };
  return row('nginx', 'nginx', nginx, command, { note: ', 1 worker' });
}

function floorRow({ cc }: Toolchain, folder: string, ...rest: string[]): Server {
  const source = `${folder}/floor.c`;
  return row('floor', 'C epoll, cc', cc, async (tool, port) => [
    await builtC(tool, source, ['floor.h']),
    String(port),
    ...rest,
  ]);
}

function goRow({ go }: Toolchain, folder: string, name: string, ...rest: string[]): Server {
  const source = `${folder}/go.go`;
  const command: Command = async (tool, port) => [
    await builtGo(tool, source),
    String(port),
    ...rest,
  ];
  return row('go', name, go, command, { env: { GOMAXPROCS: '1' }, note: ', GOMAXPROCS=1' });
}

/** HTTP servers that have the same five programs in a folder. */
function httpServers(tools: Toolchain, folder: string, ...rest: string[]): Server[] {
  const netfd = script(folder, 'netfd.js', ...rest).node;
  const node = script(folder, 'node.js', ...rest).node;
  return [
    row('netfd', 'netfd, Node', tools.node, netfd),
    row('netfd-newest', 'netfd, newest Node', tools.newestNode, netfd),
    row('node', 'node:http, Node', tools.node, node),
    row('node-newest', 'node:http, newest Node', tools.newestNode, node),
    row('bun', 'Bun.serve, Bun', tools.bun, script(folder, 'bun.js', ...rest).bun),
    row('deno', 'Deno.serve, Deno', tools.deno, script(folder, 'deno.js', ...rest).deno),
    goRow(tools, folder, 'net/http, Go', ...rest),
  ];
}

/** Other ways to write the netfd server of the http workload. */
function variants(tools: Toolchain): Server[] {
  const fetch = script('http', 'netfd-fetch.js').node;
  const platform = script('http', 'netfd-fetch-platform.js').node;
  const routes = script('http', 'netfd-routes.js').node;
  return [
    row('netfd-routes', 'netfd, 200 patterns, Node', tools.node, routes),
    row('netfd-fetch', 'netfd, fetch handler, Node', tools.node, fetch),
    row('netfd-fetch-platform', 'the same, Response of Node', tools.node, platform),
    row('netfd-newest-fetch', 'netfd, fetch handler, newest Node', tools.newestNode, fetch),
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

const bytes = script('post', 'netfd-bytes.js').node;

/** The rows of a workload. Pipelined, churn and latency ask the servers in http in other ways. */
export function serversOf(workload: Workload, tools: Toolchain): readonly Server[] {
  switch (workload) {
    case 'idle':
      return idleServers(tools);
    case 'echo':
      return echoServers(tools);
    case 'udp':
    case 'bursts':
      return udpServers(tools);
    case 'relay':
      return relayServers(tools);
    case 'post':
      return [
        floorRow(tools, 'post'),
        ...httpServers(tools, 'post'),
        row('netfd-bytes', 'netfd, collecting, Node', tools.node, bytes),
      ];
    case 'file64k':
    case 'file10m':
      return [
        floorRow(tools, 'files', filesFolder),
        ...httpServers(tools, 'files', filesFolder),
        nginxRow(tools, 'files'),
      ];
    case 'http':
    case 'pipelined':
    case 'churn':
    case 'latency':
      return [
        floorRow(tools, workload === 'churn' ? 'churn' : 'http'),
        ...httpServers(tools, 'http'),
        ...(workload === 'http' ? variants(tools) : []),
        nginxRow(tools, 'http'),
      ];
  }
}

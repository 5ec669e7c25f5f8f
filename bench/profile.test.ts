import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { flameGraph } from './flame-graph.ts';
import { sharesOf, stacksIn } from './profile.ts';

const write = `node
\tffffffff81a2b3c4 tcp_sendmsg_locked ([kernel.kallsyms])
\tffffffff81a2b3c4 ksys_write ([kernel.kallsyms])
\tffffffff81a2b3c4 do_syscall_64 ([kernel.kallsyms])
\t    7f0000000010 netfd_write (/home/me/netfd/prebuilds/linux-x64/netfd.node)
\t    7f0000000020 JS:*flush file:///home/me/netfd/dist/src/http/conn/output.js:70:8 (/tmp/perf-12.map)
\t          a00010 uv_run (/usr/bin/node)
`;
const script = `node
\t    7f0000000020 JS:*flush file:///home/me/netfd/dist/src/http/conn/output.js:71:8 (/tmp/perf-12.map)
\t          a00010 uv_run (/usr/bin/node)
`;
const garbage = `node
\t          b00010 v8::internal::Scavenger::Process(v8::JobDelegate*) (/usr/bin/node)
\t          a00010 uv_run (/usr/bin/node)
`;

describe('stacks of perf script', () => {
  const stacks = stacksIn([write, script, write, garbage].join('\n'));

  it('are put together where they are alike, outermost frame first', () => {
    assert.equal(stacks.length, 3);
    assert.equal(stacks[0]?.samples, 2);
    const names = stacks[0]?.frames.map(({ kind, name }) => `${kind}: ${name}`);
    assert.deepEqual(names, [
      'engine: uv_run',
      'javascript: flush output.ts',
      'addon: netfd_write netfd.node',
      'kernel: do_syscall_64',
      'kernel: write',
      'kernel: tcp_sendmsg_locked',
    ]);
  });

  it('give the time by place, all of it', () => {
    assert.deepEqual(sharesOf(stacks), [
      { place: 'kernel: write', share: 0.5 },
      { place: 'JavaScript: output.ts', share: 0.25 },
      { place: 'engine: collecting garbage', share: 0.25 },
    ]);
  });

  it('are drawn, each box as wide as its time', () => {
    const svg = flameGraph(stacks, 'a <title>');
    assert.match(svg, /a &lt;title>/);
    assert.match(svg, /<title>uv_run: 100\.0 %<\/title><rect x="0\.0" y="\d+" width="1200\.0"/);
    assert.match(svg, /<title>write: 50\.0 %<\/title><rect x="\d+\.0" y="\d+" width="600\.0"/);
  });
});

/**
 * The page at / of netfd serve: what connections this server has, looked at once a second. One text:
 * style and script are in it, and it asks nobody but its own server (see demo.ts for the answers).
 */

const STYLE = `
:root {
  color-scheme: light dark;
  --back: #f6f7f9; --card: #fff;
  --text: #16191d; --quiet: #667080;
  --line: #e4e7ec; --accent: #0a7d5a;
  --idle: #9aa4b2; --new: #c77700;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #0f1216; --card: #171b21; --text: #e8ebef; --quiet: #8b96a5;
    --line: #262c35; --accent: #3ddc97; --idle: #5b6675; --new: #ffb84d;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; padding: clamp(1.25rem, 6vw, 4.5rem) 1.25rem; background: var(--back);
  color: var(--text); font: 16px/1.55 system-ui, sans-serif;
}
main { max-width: 46rem; margin: auto; }
h1 { margin: 0; font-size: 2.4rem; letter-spacing: -.04em; line-height: 1.1; }
h1 i { color: var(--accent); font-style: normal; }
p { margin: .5rem 0 2rem; color: var(--quiet); }
a { color: var(--accent); }
code, td, b { font-family: ui-monospace, SFMono-Regular, Menlo, monospace; }
dl { display: grid; grid-template-columns: repeat(3, 1fr); gap: .75rem; margin: 0 0 .75rem; }
dl div, section {
  background: var(--card); border: 1px solid var(--line); border-radius: 14px;
}
dl div { padding: .9rem 1.1rem; }
dt { color: var(--quiet); font-size: .8rem; }
dd { margin: 0; font-size: 1.7rem; font-weight: 600; font-variant-numeric: tabular-nums; }
section { overflow: auto; padding: .25rem 0; }
table { width: 100%; border-collapse: collapse; font-size: .875rem; }
th { color: var(--quiet); font-size: .8rem; font-weight: 400; text-align: left; }
th, td { padding: .55rem 1.1rem; white-space: nowrap; }
tr + tr td, thead + tbody td { border-top: 1px solid var(--line); }
th:nth-child(n + 3), td:nth-child(n + 3) { text-align: right; }
td { font-variant-numeric: tabular-nums; }
td::before { display: none; }
td.state::before {
  content: ''; display: inline-block; width: .5rem; height: .5rem; margin-right: .55rem;
  border-radius: 50%; background: var(--idle);
}
td.active::before { background: var(--accent); box-shadow: 0 0 0 .2rem #3ddc9733; }
td.new::before { background: var(--new); }
tr.you td:first-child::after { content: ' this page'; color: var(--quiet); font-size: .75rem; }
footer { margin-top: 1rem; color: var(--quiet); font-size: .85rem; min-height: 1.5em; }
.lost footer { color: var(--new); }
.lost dl, .lost section { opacity: .45; }`;

const SCRIPT = `
const at = (id) => document.getElementById(id);
const age = (ms) => {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 60) return s + ' s';
  if (s < 3600) return Math.floor(s / 60) + ' min ' + (s % 60) + ' s';
  return Math.floor(s / 3600) + ' h ' + Math.floor((s % 3600) / 60) + ' min';
};
function cell(row, text, kind = '') {
  const td = row.insertCell();
  td.textContent = text;
  td.className = kind;
}
function show({ now, you, accepted, served, open, connections }) {
  at('open').textContent = open.toLocaleString();
  at('accepted').textContent = accepted.toLocaleString();
  at('served').textContent = served.toLocaleString();
  const rows = document.createElement('tbody');
  for (const { remote, state, requests, since } of connections) {
    const row = rows.insertRow();
    if (remote === you) row.className = 'you';
    cell(row, remote);
    cell(row, state, 'state ' + state);
    cell(row, requests.toLocaleString());
    cell(row, age(now - since));
  }
  at('rows').replaceChildren(...rows.rows);
  const more = open - connections.length;
  at('note').textContent = more > 0 ? 'and ' + more.toLocaleString() + ' more' : '';
}
async function look() {
  try {
    const answer = await fetch('/connections', { signal: AbortSignal.timeout(5000) });
    show(await answer.json());
    document.body.className = '';
  } catch {
    document.body.className = 'lost';
    at('note').textContent = 'The server does not answer.';
  }
  setTimeout(look, 1000);
}
look();`;

/** The drawing on the tab of the browser: a plug's two pins. */
const ICON =
  'data:image/svg+xml,' +
  encodeURIComponent(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" ' +
      'rx="8" fill="#0a7d5a"/><path d="M11 9v7m10-7v7" stroke="#fff" stroke-width="4" ' +
      'stroke-linecap="round"/><path d="M7 19h18" stroke="#fff" stroke-width="4" ' +
      'stroke-linecap="round"/></svg>',
  );

/** The whole page. */
export const START_PAGE: string = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>netfd</title>
<link rel="icon" href="${ICON}">
<style>${STYLE}
</style>
<body>
<main>
<h1>netfd<i>.</i></h1>
<p>An HTTP server on Linux system calls, and the connections it has right now.
Try <a href="/hello"><code>/hello</code></a>.</p>
<dl>
<div><dt>open</dt><dd id="open">–</dd></div>
<div><dt>accepted</dt><dd id="accepted">–</dd></div>
<div><dt>requests served</dt><dd id="served">–</dd></div>
</dl>
<section>
<table>
<thead><tr><th>remote address</th><th>state</th><th>requests</th><th>for</th></tr></thead>
<tbody id="rows"></tbody>
</table>
</section>
<footer id="note"></footer>
</main>
<script>${SCRIPT}
</script>
</body>
</html>
`;

/**
 * A form with files: its values, and how large each file is. Files over 1 MiB go to the disk, and are gone
 * when the reply is.
 *
 *   node dist/examples/forms.js 127.0.0.1:8080
 *   curl -F title=holiday -F photo=@picture.jpg http://127.0.0.1:8080/upload
 */
import {
  basicAuth,
  handle,
  handleFunc,
  listenAndServe,
  parseForm,
  parseMultipartForm,
  secretsEqual,
} from '../src/http.ts';

const [addr = '127.0.0.1:8080'] = process.argv.slice(2);

handleFunc('POST /upload', async (w, r) => {
  const { values, files } = await parseMultipartForm(r, { maxMemory: 1024 * 1024 });
  for (const [name, value] of values) await w.write(`${name}: ${value}\n`);
  for (const { name, filename, size } of files) await w.write(`${name}: ${filename}, ${size}\n`);
});

handleFunc('POST /search', async (w, r) => {
  const { values } = await parseForm(r);
  await w.write(`You look for ${values.get('q')}.\n`);
});

const check = (user: string, password: string): boolean =>
  user === 'admin' && secretsEqual(password, process.env['PASSWORD'] ?? 'open sesame');
const admin = basicAuth((w) => w.write('Welcome.\n'), { realm: 'Administration', check });
handle('GET /admin/', admin);

await listenAndServe(addr, undefined, {
  onListen: (listener) => console.log(`serving http://${String(listener.addr)}/`),
});

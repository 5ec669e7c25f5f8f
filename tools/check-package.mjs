/** Before the package is packed: everything that `files` and `exports` of package.json promise is there. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addonPath } from './build-addon.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');

const { exports, bin } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const promised = Object.values(exports).flatMap((entry) =>
  typeof entry === 'string' ? [entry] : Object.values(entry),
);
const missing = [...promised, ...Object.values(bin), addonPath()].filter(
  (path) => !existsSync(path.startsWith('/') ? path : join(ROOT, path)),
);
if (missing.length > 0) {
  console.error(`netfd: not built, so not to be packed: ${missing.join(', ')}`);
  process.exit(1);
}

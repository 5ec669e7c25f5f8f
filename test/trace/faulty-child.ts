/** Twenty calls of two kinds, and what came of them: `faulty-child.js [RULE…]`. Under strace without rules. */
import { linux } from '../../src/index.ts';
import { faulty } from '../../src/kernel/faulty.ts';

const kernel = faulty(linux.kernel, process.argv.slice(2));
const results: number[] = [];
for (let i = 0; i < 20; i += 1) {
  results.push(kernel.listen(-1, i));
  if (i % 2 === 0) results.push(kernel.shutdown(-1, 0));
}
process.stdout.write(results.join(' '));

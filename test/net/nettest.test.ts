/** The connection suite over every kind of stream that Linux has, and over the pipe in memory. */
import { Stack } from '../../src/net/stack.ts';
import { linux } from '../../src/kernel/linux.ts';
import { pipeCreator, socketCreators } from './creators.ts';
import { listenerSuite } from './listener-suite.ts';
import { nettest } from './nettest.ts';

for (const creator of socketCreators(new Stack(linux))) {
  nettest(creator);
  listenerSuite(creator);
}

nettest(pipeCreator);

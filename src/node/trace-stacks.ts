/** What `stacks` needs of the runtime: the working folder, source maps, and the requests that are served. */
import type { StackOptions } from '../trace/origins.ts';
import { ServedRequests } from './served-requests.ts';
import { SourcePositions } from './source-position.ts';

export interface NodeStacks extends StackOptions, Disposable {
  /** Requests are not listened for any more. */
  close(): void;
}

/** For {@link TraceOptions.stacks}. Whoever stops tracing closes it. */
export function nodeStacks(): NodeStacks {
  const positions = new SourcePositions();
  const requests = new ServedRequests();
  return {
    folder: process.cwd(),
    position: (file, line, column) => positions.of(file, line, column),
    requestOf: (connection, direction) => requests.of(connection, direction),
    close: () => requests.close(),
    [Symbol.dispose]: () => requests.close(),
  };
}

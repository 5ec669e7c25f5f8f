/** Limits that no input of the fuzzers reaches. */
import type { HeadLimits } from '../../src/http/message/head-parser.ts';

export const DEFAULT_LIMITS: HeadLimits = {
  maxHeaderBytes: 64 * 1024,
  maxRequestLine: 16 * 1024,
  maxHeaders: 1000,
};

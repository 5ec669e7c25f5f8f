/** A network interface as strace(1) prints it: by its name if it has one, else by its index. */
import type { Style } from './style.ts';

/** "if_nametoindex(\"lo\")", "77". */
export function interfaceText(index: number, style: Style): string {
  const name = index === 0 ? null : style.interfaceName(index);
  return name === null ? String(index >>> 0) : `if_nametoindex("${name}")`;
}

/**
 * What an access log says of a request that no handler has seen, in the formats of access-line.ts. The
 * first line stands there as it came, escaped, whether it is one of HTTP or not; "-" if nothing has come.
 */
import { clfTime, escaped, isoTime, member, quoted, type UnhandledEntry } from './access-line.ts';
import { nextId } from './request-id.ts';

export function unhandledCommonLine({ request, time, remote }: UnhandledEntry): string {
  const { line, status, bytes } = request;
  const text = line === '' ? '-' : escaped(line);
  return `${escaped(remote)} - - ${clfTime(time)} "${text}" ${status} ${bytes === 0 ? '-' : bytes}`;
}

export function unhandledCombinedLine(entry: UnhandledEntry): string {
  return `${unhandledCommonLine(entry)} "-" "-"`;
}

/** The line stands in it only if its parts do not. */
export function unhandledJsonLine({ request, time, remote }: UnhandledEntry): string {
  const { line, method, target, proto, status, reason, bytes, duration } = request;
  let text = `{"time":"${isoTime(time)}","id":${quoted(nextId())},"remote":${quoted(remote)}`;
  text += member('method', method || undefined) + member('target', target || undefined);
  text += member('proto', proto || undefined);
  if (proto === '') text += member('line', line);
  text += `,"status":${status},"bytes":${bytes},"durationMs":${Math.round(duration * 1000) / 1000}`;
  return `${text},"unhandled":true${member('reason', reason || undefined)}}`;
}

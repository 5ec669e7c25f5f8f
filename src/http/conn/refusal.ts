/** The reply to what is no good request, after which the connection is closed. Its text is Go's. */
import { statusLine, statusText } from '../message/status.ts';

/** `dateLine` is the Date field; to a HEAD request the text is not sent. */
export function refusal(status: number, reason: string, dateLine: string, isHead: boolean): string {
  const text = `${status} ${statusText(status)}${reason === '' ? '' : `: ${reason}`}`;
  return (
    `${statusLine(status)}${dateLine}Content-Length: ${text.length}\r\n` +
    `Content-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n${isHead ? '' : text}`
  );
}

/**
 * What netfd serve answers with when it is given nothing to serve: a greeting, and a page that looks at
 * the server itself.
 */
import type { Activity } from '../http/server/activity.ts';
import type { Handler } from '../http/handler.ts';
import { ServeMux } from '../http/mux/serve-mux.ts';
import { START_PAGE } from './start-page.ts';

/** Connections that the page is told of. */
const MAX_SHOWN = 200;

/** The page's own style and script, and its own server; nothing else. */
const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; " +
  "connect-src 'self'; img-src data:";

const page = new TextEncoder().encode(START_PAGE);

/** A handler for /, /hello and /connections. */
export function demoHandler(activity: Activity): Handler {
  const mux = new ServeMux();
  mux.handleFunc('GET /hello', (w) => {
    w.header().set('Content-Type', 'text/plain; charset=utf-8');
    void w.write('Hello, world!');
  });
  mux.handleFunc('GET /{$}', (w) => {
    const header = w.header();
    header.set('Content-Type', 'text/html; charset=utf-8');
    header.set('Content-Length', page.length);
    header.set('Content-Security-Policy', PAGE_POLICY);
    w.write(page).catch(() => {});
  });
  mux.handleFunc('GET /connections', (w, r) => {
    const header = w.header();
    header.set('Content-Type', 'application/json');
    header.set('Cache-Control', 'no-store');
    const now = Date.now();
    const told = { now, you: String(r.remoteAddr), ...activity.summary(MAX_SHOWN) };
    w.write(JSON.stringify(told)).catch(() => {});
  });
  return mux;
}

/**
 * A web-standard handler: Request in, Response out, both with streams.
 *
 *   node dist/examples/fetch-handler.js 8080
 */
import { serve } from '../src/http.ts';

const server = await serve({
  hostname: '127.0.0.1',
  port: Number(process.argv[2] ?? 8080),
  fetch: async (request, { remoteAddr }) => {
    const { pathname } = new URL(request.url);
    switch (pathname) {
      case '/':
        return new Response(`You are ${remoteAddr}.\n`);
      case '/json':
        return Response.json({ method: request.method, body: await request.text() });
      case '/upper':
        return new Response(
          request.body?.pipeThrough(new TextDecoderStream()).pipeThrough(upperCase()) ?? null,
        );
      default:
        return new Response('Not found\n', { status: 404 });
    }
  },
});
console.log(`serving ${server.url}`);

function upperCase(): TransformStream<string, Uint8Array> {
  const encoder = new TextEncoder();
  return new TransformStream({
    transform: (text, controller) => controller.enqueue(encoder.encode(text.toUpperCase())),
  });
}

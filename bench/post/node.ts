/** node:http reading what is posted to /upload to its end, and answering its length. */
import { createServer } from 'node:http';

const port = Number(process.argv[2] ?? '8080');

const server = createServer((request, response) => {
  if (request.method !== 'POST' || request.url !== '/upload') {
    response.statusCode = 404;
    response.end();
    return;
  }
  let length = 0;
  request.on('data', (chunk: Buffer) => (length += chunk.length));
  request.on('end', () => {
    const text = String(length);
    response.setHeader('Content-Type', 'text/plain; charset=utf-8');
    response.setHeader('Content-Length', text.length);
    response.end(text);
  });
});

server.listen(port, '127.0.0.1', () => console.log(`listening ${port}`));

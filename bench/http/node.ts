/** node:http answering GET /hello, on whichever Node runs this file. */
import { createServer } from 'node:http';

const port = Number(process.argv[2] ?? '8080');

const server = createServer((request, response) => {
  if (request.method === 'GET' && request.url === '/hello') {
    response.setHeader('Content-Type', 'text/plain; charset=utf-8');
    response.setHeader('Content-Length', 13);
    response.end('Hello, world!');
  } else {
    response.statusCode = 404;
    response.end();
  }
});

server.listen(port, '127.0.0.1', () => console.log(`listening ${port}`));

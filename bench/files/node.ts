/** node:http streaming the files of the folder in the second argument, on whichever Node runs this file. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream';

const port = Number(process.argv[2] ?? '8080');
const folder = process.argv[3] ?? '.';

const server = createServer((request, response) => {
  const path = join(folder, join('/', decodeURIComponent(request.url ?? '/')));
  stat(path).then(
    (stats) => {
      response.setHeader('Content-Type', 'application/octet-stream');
      response.setHeader('Content-Length', stats.size);
      response.setHeader('Last-Modified', stats.mtime.toUTCString());
      pipeline(createReadStream(path), response, () => {});
    },
    () => {
      response.statusCode = 404;
      response.end();
    },
  );
});

server.listen(port, '127.0.0.1', () => console.log(`listening ${port}`));

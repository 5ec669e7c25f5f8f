/** netfd's file server: the files of the folder in the second argument. */
import { fileServer, listenAndServe, nodeFiles } from '../../src/http.ts';

const port = process.argv[2] ?? '8080';
const folder = process.argv[3] ?? '.';

const served = listenAndServe(`127.0.0.1:${port}`, fileServer(await nodeFiles(folder)));
console.log(`listening ${port}`);
await served;

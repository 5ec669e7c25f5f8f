/** Writes the documents that are made of the table of explanations: `npm run docs`. */
import { writeFileSync } from 'node:fs';
import { explainedDocuments } from './explained-documents.ts';

for (const { path, text } of await explainedDocuments()) writeFileSync(path, text);

/**
 * Writes what is drawn from the sources: the rooms of the project into its README, the names of
 * algorithms into the front door, and the pages of the front door. Run from the project's folder after a
 * build.
 * @module
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { namesSource } from './names.ts';
import { apiPages } from './pages.ts';
import { architecture } from './rooms.ts';
import { readSources } from './sources.ts';

const readme = readFileSync('README.md', 'utf8');
const block = /```mermaid\n[\s\S]*?\n```/;
if (!block.test(readme)) throw new Error('README.md: no mermaid block');
const picture = `\`\`\`mermaid\n${architecture(readSources())}\n\`\`\``;
writeFileSync(
  'README.md',
  readme.replace(block, () => picture),
);
writeFileSync('converted/front/names.ts', namesSource());
writeFileSync('API.md', apiPages());

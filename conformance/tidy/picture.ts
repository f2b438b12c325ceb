/**
 * Draws the rooms of the project into its README: run from the project's folder after a build.
 * @module
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { architecture } from './rooms.ts';
import { readSources } from './sources.ts';

const readme = readFileSync('README.md', 'utf8');
const block = /```mermaid\n[\s\S]*?\n```/;
if (!block.test(readme)) throw new Error('README.md: no mermaid block');
writeFileSync(
  'README.md',
  readme.replace(block, `\`\`\`mermaid\n${architecture(readSources())}\n\`\`\``),
);

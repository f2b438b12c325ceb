/**
 * Part of the build: bundles the script that draws charts with Observable Plot, and puts the licenses of
 * everything in it in front. `node dist/conformance/overview/bundle.js`
 * @module
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const { metafile, outputFiles } = buildSync({
  absWorkingDir: ROOT,
  entryPoints: ['conformance/overview/chart-script.ts'],
  ...{ bundle: true, minify: true, format: 'iife', target: 'es2022', write: false },
  ...{ metafile: true, legalComments: 'none', logLevel: 'warning' },
});

/** Copyright lines, by the text that follows them: many packages share one license. */
const byText = new Map<string, string[]>();
for (const folder of packagesIn(Object.keys(metafile.inputs))) {
  const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
  if (file === undefined) throw new Error(`${folder}: no license`);
  const lines = readFileSync(join(folder, file), 'utf8').trim().split('\n');
  const own = lines.filter((line) => /^copyright /i.test(line));
  const text = lines
    .filter((line) => !own.includes(line))
    .join('\n')
    .trim();
  byText.set(text, [...(byText.get(text) ?? []), ...own]);
}
const notices = [...byText].map(([text, own]) => [...new Set(own), text].join('\n'));
const notice = `/*!\n${notices.join('\n\n').replaceAll('*/', '* /')}\n*/\n`;
const [{ text }] = outputFiles;
writeFileSync(new URL('./charts.bundle.js', import.meta.url), notice + text);

/** Folders of the packages that a bundle was made of. */
function packagesIn(inputs: readonly string[]): Set<string> {
  const names = inputs.flatMap((input) => {
    const [, name] = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input) ?? [];
    return name === undefined ? [] : [join(ROOT, name)];
  });
  return new Set(names);
}

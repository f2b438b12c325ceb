/**
 * Part of the build: bundles the scripts that draw in a report, that of charts with Observable Plot, and
 * puts the licenses of everything that is not ours in front. `node dist/conformance/overview/bundle.js`
 * @module
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
bundle('chart-script.ts', 'charts.bundle.js');
bundle('treemap-script.ts', 'treemap.bundle.js');

function bundle(entry: string, output: string): void {
  const { metafile, outputFiles } = buildSync({
    absWorkingDir: ROOT,
    entryPoints: [`conformance/overview/${entry}`],
    ...{ bundle: true, minify: true, format: 'iife', target: 'es2022', write: false },
    ...{ metafile: true, legalComments: 'none', logLevel: 'warning' },
  });
  const [{ text }] = outputFiles;
  const notice = noticeOf(packagesIn(Object.keys(metafile.inputs)));
  writeFileSync(new URL(`./${output}`, import.meta.url), notice + text);
}

/** Copyright lines, before the text that follows them: many packages share one license. */
function noticeOf(folders: ReadonlySet<string>): string {
  if (folders.size === 0) return '';
  const byText = new Map<string, string[]>();
  for (const folder of folders) {
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
  return `/*!\n${notices.join('\n\n').replaceAll('*/', '* /')}\n*/\n`;
}

/** Folders of the packages that a bundle was made of. */
function packagesIn(inputs: readonly string[]): Set<string> {
  const names = inputs.flatMap((input) => {
    const [, name] = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input) ?? [];
    return name === undefined ? [] : [join(ROOT, name)];
  });
  return new Set(names);
}

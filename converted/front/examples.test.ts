/**
 * Goal: every example in the docstrings of the front door runs.
 * Method: read the `@example` blocks, run each as the body of an async function on the source.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as front from './index.ts';

const FOLDER = new URL('.', import.meta.url);

/** Code behind each `@example`, up to the end of its comment. */
function examples(): { where: string; code: string }[] {
  const found: { where: string; code: string }[] = [];
  for (const file of readdirSync(FOLDER).filter((name) => /^[a-z-]+\.ts$/.test(name))) {
    const text = readFileSync(new URL(file, FOLDER), 'utf8');
    for (const [, block = ''] of text.matchAll(/@example\n([\s\S]*?)\*\//g)) {
      found.push({ where: file, code: block.replaceAll(/^ *\* ?/gm, '') });
    }
  }
  return found;
}

test('every example runs and prints something', async () => {
  const all = examples();
  expect(all.length).toBeGreaterThan(40);
  for (const { where, code } of all) {
    const lines: string[] = [];
    const console = { log: (...words: unknown[]) => lines.push(words.join(' ')) };
    const imported = code.startsWith('import')
      ? code
      : `import { createCrypto } from 'sg2iter';\n${code}`;
    const body = imported.replace(/import \{([^}]*)\} from 'sg2iter';/, 'const {$1} = front;');
    const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
    await new AsyncFunction('front', 'console', body)(front, console);
    expect(lines.length, where).toBeGreaterThan(0);
    for (const line of lines) expect(line).not.toBe('');
  }
});

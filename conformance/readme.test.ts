/**
 * Goal: the README is true.
 * Method: run every example in it and compare what it prints; look every command and option up.
 */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { registerCommands } from './commands/register.ts';

const README: string = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

/** Package entry points as the README names them. */
const MODULES: Readonly<Record<string, () => Promise<unknown>>> = {
  'node:fs': () => import('node:fs'),
  sg2iter: () => import('../converted/front/index.ts'),
  'sg2iter/core': () => import('../converted/index.ts'),
  'sg2iter/legacy': () => import('../legacy/index.ts'),
  'sg2iter/machine': () => import('../src/machine/index.ts'),
  'sg2iter/conformance': () => import('./index.ts'),
};

/** `ts` blocks with the `text` block behind them. */
function examples(): { code: string; output: string }[] {
  const blocks = README.matchAll(/```ts\n([\s\S]*?)```\n+prints\n+```text\n([\s\S]*?)```/g);
  return [...blocks].map(([, code = '', output = '']) => ({ code, output }));
}

/** Runs an example as the body of an async function, with its imports resolved to the source. */
async function runExample(code: string): Promise<string> {
  const lines: string[] = [];
  const console = { log: (...words: unknown[]) => lines.push(words.map(String).join(' ')) };
  const modules: Record<string, unknown> = {};
  for (const [name, load] of Object.entries(MODULES)) modules[name] = await load();
  const body = code.replace(/import \{([^}]*)\} from '([^']+)';/g, "const {$1} = modules['$2'];");
  const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
  await new AsyncFunction('modules', 'console', body)(modules, console);
  return `${lines.join('\n')}\n`;
}

test('every example prints what it says', async () => {
  const found = examples();
  expect(found.length).toBe(README.match(/```ts/g)?.length);
  expect(found.length).toBeGreaterThan(0);
  for (const { code, output } of found) expect(await runExample(code)).toBe(output);
});

test('every command and option of the README exists', () => {
  const program = new Command();
  registerCommands(program);
  const lines = README.matchAll(/^ {4}npx sg2iter (\S+)(.*)$/gm);
  let checked = 0;
  for (const [, name = '', rest = ''] of lines) {
    const command = program.commands.find((c) => c.name() === name);
    expect(command, name).toBeDefined();
    for (const [option] of rest.matchAll(/--[a-z-]+/g)) {
      const commands = command === undefined ? [] : [command, ...command.commands];
      const known = commands.some((c) => c.options.some(({ long }) => long === option));
      expect(known || name === 'bench', `${name} ${option}`).toBe(true);
    }
    checked++;
  }
  expect(checked).toBeGreaterThan(3);
});

test('every command is in the table of the README', () => {
  const program = new Command();
  registerCommands(program);
  for (const command of program.commands) expect(README).toContain(`\`sg2iter ${command.name()}`);
});

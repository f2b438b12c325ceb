/**
 * Goal: a case that takes the kernel down is named, recorded, and the run goes on.
 * Method: the driver runs on a kernel that is a function; cases named crash and hang end it.
 */
import { describe, expect, test } from 'vitest';
import type { TextCase } from '../text/case.ts';
import { parseCases } from '../text/parse.ts';
import { type RunOptions, runCases } from './drive.ts';
import type { Boot, BootOptions } from './launch.ts';
import { EnvironmentError } from './run-program.ts';

const OPTIONS: RunOptions = { hangMs: 1000, poison: 0, afalg: false };

function cases(...ids: string[]): TextCase[] {
  return parseCases(ids.map((id) => `case ${id}\nop sg\nsrc 0+0:1\nend\n`).join(''), 'test');
}

/** Answers in chunks; a case whose name starts with crash or hang loses its chunk. */
function fakeKernel(text: string, options: BootOptions): Promise<Boot> {
  const ids = [...text.matchAll(/^case (.*)$/gm)].map((match) => match[1]);
  const perChunk = options.chunkBytes === 1 ? 1 : 3;
  let answers = 'start\n';
  for (let at = 0; at < ids.length; at += perChunk) {
    const chunk = ids.slice(at, at + perChunk);
    const fatal = chunk.find((id) => /^(crash|hang)/.test(id));
    if (fatal !== undefined) {
      const failure = fatal.startsWith('hang') ? 'hang' : 'Kernel mode fault';
      return Promise.resolve({ text: answers, failure, console: '', interrupted: false });
    }
    answers += chunk.map((id) => `case ${id}\nt nents = 1\nend\n#log message\n`).join('');
  }
  return Promise.resolve({
    text: `${answers}done ${ids.length}\n`,
    failure: null,
    console: '',
    interrupted: false,
  });
}

describe('the driver', () => {
  test('runs everything in one boot when nothing goes wrong', async () => {
    const report = await runCases(fakeKernel, cases('a', 'b', 'c', 'd'), OPTIONS);
    expect(report.boots).toBe(1);
    expect(report.results.map((r) => r.id)).toEqual(['a', 'b', 'c', 'd']);
    // In a chunk of several cases nobody knows whose message it was.
    expect(report.results.every((r) => r.log.length === 0)).toBe(true);
  });

  test('names crashes and hangs and answers every other case', async () => {
    const list = cases('a', 'b', 'crash1', 'c', 'd', 'e', 'f', 'hang1', 'crash2', 'g');
    const report = await runCases(fakeKernel, list, OPTIONS);
    expect(report.results.map((r) => [r.id, r.ending, r.reason])).toEqual([
      ['a', 'done', ''],
      ['b', 'done', ''],
      ['crash1', 'crash', 'Kernel mode fault'],
      ['c', 'done', ''],
      ['d', 'done', ''],
      ['e', 'done', ''],
      ['f', 'done', ''],
      ['hang1', 'crash', 'hang'],
      ['crash2', 'crash', 'Kernel mode fault'],
      ['g', 'done', ''],
    ]);
    expect(report.boots).toBe(5);
  });

  test('a case that ran alone keeps its kernel messages', async () => {
    const report = await runCases(fakeKernel, cases('a', 'crash', 'b'), OPTIONS);
    expect(report.results[0].log).toEqual(['message']);
  });

  test('what the checkers of the kernel say is kept, with the case that it is near', async () => {
    const loud = (): Promise<Boot> =>
      Promise.resolve({
        text: 'start\ncase a\nend\ncase b\nend\n#log <3>BUG: KASAN: use-after-free\n#log x\ndone 2\n',
        failure: null,
        console: '',
        interrupted: false,
      });
    const { alarms } = await runCases(loud, cases('a', 'b'), OPTIONS);
    expect(alarms).toEqual(['<3>BUG: KASAN: use-after-free, at or before b']);
  });

  test('a kernel that does not come up is the environment, not a case', async () => {
    const dead = (): Promise<Boot> =>
      Promise.resolve({
        text: '',
        failure: 'loading the module: no symbol',
        console: '',
        interrupted: false,
      });
    await expect(runCases(dead, cases('a'), OPTIONS)).rejects.toThrow(EnvironmentError);
  });

  test('an interrupted run keeps the answers that it has', async () => {
    const interrupted = (): Promise<Boot> =>
      Promise.resolve({
        text: 'start\ncase a\nend\n',
        failure: 'x',
        console: '',
        interrupted: true,
      });
    const report = await runCases(interrupted, cases('a', 'b'), OPTIONS);
    expect(report).toMatchObject({ interrupted: true, boots: 1 });
    expect(report.results.map((r) => r.id)).toEqual(['a']);
  });

  test('answers in another order are refused', async () => {
    const mixed = (): Promise<Boot> =>
      Promise.resolve({
        text: 'start\ncase b\nend\ndone 1\n',
        failure: null,
        console: '',
        interrupted: false,
      });
    await expect(runCases(mixed, cases('a', 'b'), OPTIONS)).rejects.toThrow('answer b where a');
  });
});

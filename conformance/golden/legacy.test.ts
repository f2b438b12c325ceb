/**
 * Goal: the model answers as a booted Linux 6.1.176 does, line by line; where newer kernels answer
 * otherwise, the reason is known.
 * Method: the program that ran in the kernels is run against the model, in the same order; its output
 * is compared with the recordings, and every count with a constant.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { aeadLines, emptyAeadLines, emptyHashLines } from './legacy/aead-lines.ts';
import { DIFFERENCES, RANDOM } from './legacy/differences.ts';
import { cryptdLines, nameLines } from './legacy/name-lines.ts';
import { Probe } from './legacy/probe.ts';
import { sgLines } from './legacy/sg-lines.ts';
import { emptySkcipherLines, ivLines, keyLines, partialLines } from './legacy/skcipher-lines.ts';
import { walkLines } from './legacy/walk-lines.ts';

/** Lines that this model does not answer: the version, the end mark, and everything about iov_iter. */
const OTHERS =
  /^(kernel |END$|kvec |bvec[: ]|copy_|copy rest|truncated|after|reexpand|: count|discard|extract| {2}sg off| again)/;

function recorded(file: string): string[] {
  const text = readFileSync(new URL(`./legacy/${file}`, import.meta.url), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '' && !OTHERS.test(line))
    .map(withoutRandom);
}

function withoutRandom(line: string): string {
  return RANDOM.test(line) ? line.replace(/\[.*\]$/, '[random]') : line;
}

function replayed(): { readonly lines: string[]; readonly probe: Probe } {
  const probe = new Probe();
  sgLines(probe);
  walkLines(probe);
  ivLines(probe);
  partialLines(probe);
  keyLines(probe);
  aeadLines(probe);
  emptySkcipherLines(probe);
  emptyAeadLines(probe);
  emptyHashLines(probe);
  nameLines(probe);
  cryptdLines(probe);
  return { lines: probe.lines.map(withoutRandom), probe };
}

test('every scatterlist, walk and crypto line of 6.1.176 is answered as the kernel answered it', () => {
  const expected = recorded('uml-6.1.176.txt');
  const { lines, probe } = replayed();
  expect(lines).toEqual(expected);
  expect(lines.length).toBe(661);
  expect(lines.filter((line) => RANDOM.test(line)).length).toBe(2);
  const { machine } = probe;
  // The only warning of the run, in the kernel's log too.
  expect(machine.warnings).toEqual(['WARN_ON(max_segment < PAGE_SIZE)']);
  machine.freePages(probe.firstPage);
  expect(machine.ledger.holdings()).toEqual([]);
  expect(machine.context.inAtomic()).toBe(false);
  // 24 hashes and 8 AEAD requests ended a walk at an empty entry and left it mapped.
  expect(machine.context.pagefault).toBe(32);
});

test.each([
  ['uml-6.12.101.txt', 658, 27],
  ['more-6.12.101.txt', 6, 3],
  ['uml-7.2.7.txt', 589, 76],
  ['more-7.2.7.txt', 48, 0],
  ['uml-7.3.4.txt', 581, 120],
  ['more-7.3.4.txt', 61, 19],
])('%s: %i lines, of which %i differ from 6.1 for a known reason', (file, total, differing) => {
  const mine = new Set(replayed().lines);
  const theirs = recorded(file);
  expect(theirs.length).toBe(total);
  const different = theirs.filter((line) => !mine.has(line));
  expect(different.length).toBe(differing);
  const unexplained = different.filter((line) => !DIFFERENCES.some((row) => row.line.test(line)));
  expect(unexplained).toEqual([]);
  for (const row of DIFFERENCES) {
    const count = different.filter((line) => row.line.test(line)).length;
    expect([row.reason, count]).toEqual([row.reason, row.counts[file] ?? 0]);
  }
});

test('a wrong answer of the model would be seen', () => {
  const { lines } = replayed();
  const expected = recorded('uml-6.1.176.txt');
  for (const at of [0, 100, 400, 660]) {
    const wrong = [...lines];
    wrong[at] = `${wrong[at]}!`;
    expect(wrong).not.toEqual(expected);
  }
});

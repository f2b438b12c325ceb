/**
 * Goal: the text form of cases and answers loses nothing and rejects what it cannot read.
 * Method: every generated and named case goes through text and back; tables of broken input.
 */
import { describe, expect, test } from 'vitest';
import { PAGE_SIZE } from '../../../src/machine/index.ts';
import { generateCases } from '../cases/generate.ts';
import { namedCases } from '../cases/named.ts';
import { arenaBytes, formatCase, totalLength } from './case.ts';
import { CaseSyntaxError, parseCases } from './parse.ts';
import { parseResults } from './result.ts';

describe('text cases', () => {
  test('every generated and named case survives the text form', () => {
    const cases = [...generateCases(7, 1000), ...namedCases()];
    const text = cases.map(formatCase).join('');
    const again = parseCases(text, 'text');
    expect(again.length).toBe(cases.length);
    expect(again.map(formatCase).join('')).toBe(text);
    // Fields that the text form leaves out for an operation have no effect on it.
    expect(again.filter((c, i) => c.op !== cases[i].op || c.id !== cases[i].id)).toEqual([]);
  });

  test.each([
    ['case a\nop sg\n', 'f:1: case: a has no end'],
    ['op sg\n', 'f:1: op: outside of a case'],
    ['case a\nop nothing\nend\n', 'f:1: op: nothing'],
    ['case a\nop sg\nsrc 0+0:x\nend\n', 'f:1: src: 0+0:x'],
    ['case a\nop sg\npages 128\nsrc 127+4095:2\nend\n', 'f:1: src: 127+4095:2'],
    ['case a\nop sg\nsrc !\nend\n', 'f:1: src: !'],
    ['case a\nop sg\nlen 5\nlen 6\nend\n', 'f:4: len: given twice'],
    ['case a\nop sg\nlenght 5\nend\n', 'f:3: lenght: no such field'],
    ['case a b\nop sg\nend\n', 'f:1: case: a b'],
    ['case a\nop sg\nend\ncase a\nop sg\nend\n', 'f:4: case: a twice'],
    ['case a\nop aead\nkey abc\nend\n', 'f:1: key: abc'],
    ['case a\nop skcipher\ndir x\nend\n', 'f:1: dir: x'],
    ['case a\nop skcipher\nwalk 1 2 3\nend\n', 'f:1: walk: 1 2 3'],
    ['case a\nop iter\ntype pipe\nend\n', 'f:1: type: pipe'],
    ['case a\nop sg\npages 0\nend\n', 'f:1: pages: 0'],
    ['case a\nop sg\nput 16383 0000\nend\n', 'f:1: put: 16383 0000'],
    ['case a\nop hash\nfinish final\nparts 1 -2\nend\n', 'f:1: parts: -2'],
    ['case a\nop sg\ndo nents x\nend\n', 'f:1: do: x'],
  ])('%j is refused with its field', (text, message) => {
    expect(() => parseCases(text, 'f')).toThrow(new CaseSyntaxError(message));
  });

  test('a case for the library of the kernel says so', () => {
    const [hash] = parseCases('case a\nop hash\nalg sha256\nlib\nend\n', 'f');
    expect(hash).toMatchObject({ library: true });
    expect(formatCase(hash)).toContain('\nlib\n');
  });

  test('an early end mark ends the list', () => {
    const [c] = parseCases('case a\nop sg\nsrc 0+0:5 0+9:6 ! | 1+0:7\nend\n', 'f');
    expect(totalLength(c.src)).toBe(11);
    expect(c.src[2]).toEqual({ page: 1, offset: 0, length: 7, newTable: true });
  });

  test('the arena holds the bytes that the module puts there', () => {
    const bytes = arenaBytes({ seed: 0, pages: 1, puts: [{ offset: 3, hex: 'ffee' }] });
    // From the smoke run of a booted kernel: seed 0 begins with these bytes.
    expect(Buffer.from(bytes.subarray(0, 8)).toString('hex')).toBe('05048bffee1c7e8c');
    expect(bytes.length).toBe(PAGE_SIZE);
  });
});

describe('answers', () => {
  test('every line finds its field and the trailer is told apart', () => {
    const text = [
      'case a',
      'driver cryptd(x)',
      'ret0 -115',
      'calls 1 0',
      'changed tfm',
      'stage crypt',
      'err 0',
      'iv 00',
      'out 0102',
      'stray 5:1',
      'leak pagefault 1 preempt 0',
      'err2 -74',
      'end',
      '#log <4>WARNING',
      'case b',
      't nents = 4',
      't list = 0+1:2',
      'end',
      'case c',
      'bad key',
      'end',
      'case d',
      'stage',
    ].join('\n');
    const { results, done } = parseResults(text);
    expect(results.map((r) => [r.id, r.ending, r.reason])).toEqual([
      ['a', 'done', ''],
      ['b', 'done', ''],
      ['c', 'bad', 'key'],
    ]);
    expect(done).toBeNull();
    expect(results[0]).toMatchObject({
      driver: 'cryptd(x)',
      completions: ['ret0 -115', 'calls 1 0'],
      changed: ['tfm'],
      err: 0,
      err2: -74,
      out: '0102',
      stray: '5:1',
      leak: 'pagefault 1 preempt 0',
      log: ['<4>WARNING'],
    });
    expect(results[1].trace).toEqual(['nents = 4', 'list = 0+1:2']);
    expect(parseResults('done 3\n').done).toBe(3);
  });
});

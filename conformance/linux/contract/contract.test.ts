/**
 * Goal: the contract compares what its rules say, and nothing that they leave out.
 * Method: one answer, changed field by field; each change must show in exactly one class or in none.
 */
import { describe, expect, test } from 'vitest';
import { hasEmptyEntry, type TextCase } from '../text/case.ts';
import { parseCases } from '../text/parse.ts';
import { emptyResult, type TextResult } from '../text/result.ts';
import { aspectsOf, CONTRACT, differences, isUnsettled, unsettled, viewOf } from './contract.ts';

function caseOf(lines: string): TextCase {
  return parseCases(`case a\n${lines}\nend\n`, 'test')[0];
}

const CBC = caseOf('op skcipher\nalg cbc(aes)\nlen 16\nsrc 0+0:16\ndst =');
const XTS = caseOf('op skcipher\nalg xts(aes)\nlen 16\nsrc 0+0:16\ndst =');
const GCM = caseOf('op aead\nalg gcm(aes)\nassoc 2\nlen 1\nauth 4\nsrc 0+0:7\ndst =');
const OPEN = caseOf('op aead\nalg gcm(aes)\ndir d\nassoc 2\nlen 5\nauth 4\nsrc 0+0:7\ndst =');
const WALK = caseOf('op skcipher\nwalk 16 16 0 16 16\nlen 16\nsrc 0+0:16\ndst =');
const HASH = caseOf('op hash\nalg sha256\nlen 16\nsrc 0+0:16');
const SG = caseOf('op sg\nsrc 0+0:16\ndo nents');

const DONE: TextResult = {
  ...emptyResult('a', 'done', ''),
  driver: 'x',
  stage: 'crypt',
  err: 0,
  iv: '00',
  out: '000102030405',
  digest: '00112233445566778899',
  steps: 'n16',
  trace: ['nents = 1'],
};

const FAILED: TextResult = { ...DONE, err: -22 };

function changes(c: TextCase, base: TextResult, change: Partial<TextResult>): string[] {
  return differences(viewOf(c, base), viewOf(c, { ...base, ...change }));
}

describe('the contract', () => {
  test.each<[string, TextCase, TextResult, Partial<TextResult>, string[]]>([
    ['another errno', CBC, DONE, { err: -22 }, ['errno', 'output', 'iv']],
    ['another stage of failure', CBC, FAILED, { stage: 'setkey' }, ['errno']],
    ['another output byte', CBC, DONE, { out: 'ff0102030405' }, ['output']],
    ['output after an error', CBC, FAILED, { out: 'ff0102030405' }, []],
    ['the AD area of a destination', GCM, DONE, { out: 'ffff02030405' }, ['ad']],
    ['the byte behind the AD', GCM, DONE, { out: '0001ff030405' }, ['output']],
    ['a byte of the tag', GCM, DONE, { out: '0001020304ff' }, ['tag']],
    ['text of a decryption', OPEN, DONE, { out: '0001ff030405' }, ['output']],
    ['where a tag was', OPEN, DONE, { out: '000102ff0405' }, ['tag']],
    ['the output IV of cbc', CBC, DONE, { iv: '01' }, ['iv']],
    ['the output IV of xts', XTS, DONE, { iv: '01' }, ['iv']],
    ['the step count of a walk', WALK, DONE, { iv: '01' }, ['iv']],
    ['a walk step', WALK, DONE, { steps: 'n15' }, ['steps']],
    ['a digest', HASH, DONE, { digest: 'ff112233445566778899' }, ['digest']],
    ['a digest after an error', HASH, FAILED, { digest: null }, []],
    ['a trace line', SG, DONE, { trace: ['nents = 2'] }, ['trace']],
    ['bytes of an iterator case', SG, DONE, { out: 'ff' }, ['output']],
    ['a stray write', CBC, DONE, { stray: '5:1' }, ['stray']],
    ['a stray write after an error', CBC, FAILED, { stray: '5:1' }, ['stray']],
    ['a changed list', CBC, DONE, { changed: ['list'] }, ['changed']],
    ['a leaked page fault counter', CBC, DONE, { leak: 'pagefault 1 preempt 0' }, ['leak']],
    ['a page reference', SG, DONE, { refs: '3:1' }, ['refs']],
    ['a leaked preempt counter only', CBC, DONE, { leak: 'pagefault 0 preempt 1' }, []],
    ['a second completion', CBC, DONE, { completions: ['calls 2 0'] }, ['completion']],
    ['the second half', CBC, DONE, { err2: -74 }, ['errno']],
    ['another driver', CBC, DONE, { driver: 'y' }, []],
  ])('%s', (_, c, base, change, fields) => {
    expect(changes(c, base, change)).toEqual(fields);
  });

  test('crashes agree whatever their text, and never agree with an answer', () => {
    const crash = (reason: string): TextResult => emptyResult('a', 'crash', reason);
    expect(differences(viewOf(CBC, crash('hang')), viewOf(CBC, crash('panic')))).toEqual([]);
    expect(differences(viewOf(CBC, crash('hang')), viewOf(CBC, DONE))).toContain('ending');
  });

  test('each line names an aspect of its own and gives a reason', () => {
    expect(new Set(CONTRACT.map(({ aspect }) => aspect)).size).toBe(CONTRACT.length);
    expect(CONTRACT.filter(({ reason }) => reason.length < 10)).toEqual([]);
  });

  test('nothing to tell is compared, too', () => {
    const view = viewOf(CBC, FAILED);
    expect(aspectsOf(CBC, view, view)).toEqual([
      'ending',
      'errno',
      'completion',
      'stray',
      'changed',
      'leak',
      'refs',
    ]);
    expect(aspectsOf(GCM, viewOf(GCM, DONE), viewOf(GCM, FAILED))).toContain('tag');
    expect(aspectsOf(CBC, { ending: 'crash' }, view)).toEqual(['ending']);
  });

  test('what changes with freed memory is marked aspect by aspect', () => {
    const view = viewOf(GCM, DONE);
    const marked = unsettled(view, viewOf(GCM, { ...DONE, out: '0001020304ff' }));
    expect(differences(view, marked)).toEqual(['tag']);
    expect([isUnsettled(view), isUnsettled(marked)]).toEqual([false, true]);
  });

  test('an empty entry between others is told apart from an empty list', () => {
    expect(hasEmptyEntry(caseOf('op sg\nsrc 0+0:0'))).toBe(false);
    expect(hasEmptyEntry(caseOf('op sg\nsrc 0+0:4 0+9:0'))).toBe(true);
  });
});

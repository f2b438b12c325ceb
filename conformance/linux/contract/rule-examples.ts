/**
 * For each rule an answer of a kernel and one of a model that it excuses, as they gave it, and an answer
 * that is wrong beside it, which must ring.
 * @module
 */
import type { Series } from '../models/model.ts';
import type { TextCase } from '../text/case.ts';
import { parseCases } from '../text/parse.ts';
import { UNINITIALISED, type View } from './contract.ts';

/** A case of one text block. */
function caseOf(lines: string): TextCase {
  return parseCases(`case a\n${lines}\nend\n`, 'test')[0];
}

const EMPTY = '0+0:16 0+64:0 0+128:48';
const AUTHENC = `op aead\nalg authenc(hmac(sha256),cbc(aes))\nassoc 16\nlen 16\nauth 32`;

/** One example. */
export interface RuleExample {
  readonly model: string;
  /** 6.1, if not given. */
  readonly series?: Series;
  readonly c: TextCase;
  readonly kernel: View;
  readonly other: View;
  /** The same aspects, and what the rule does not allow in one of them. */
  readonly wrong: View;
  /** In words, what is wrong there. */
  readonly difference: string;
}

const DONE: View = { errno: '0', output: 'aa', tag: 'bb', ad: 'cc', iv: 'dd', completion: '0 0' };

/** By the rule. */
export const RULE_EXAMPLES: Readonly<Record<string, RuleExample>> = {
  'uninitialised-tag': {
    model: 'legacy',
    c: caseOf(`${AUTHENC}\nsrc ${EMPTY}\ndst =`),
    kernel: { ...DONE, tag: UNINITIALISED },
    other: DONE,
    wrong: { ...DONE, output: 'ff' },
    difference: 'another text in front of the tag',
  },
  'uninitialised-verdict': {
    model: 'legacy',
    c: caseOf(`${AUTHENC}\ndir d\nsrc ${EMPTY}\ndst =`),
    kernel: { ...DONE, errno: '-74 crypt' },
    other: DONE,
    wrong: { ...DONE, errno: '-5 crypt' },
    difference: '-EIO, which is no verdict',
  },
  'generated-iv': {
    model: 'legacy',
    c: caseOf(
      'op aead\nalg seqiv(rfc4106(gcm(aes)))\ndir b\nasync\nrequests 2\nassoc 16\nlen 40\nauth 16\nsrc 0+0:72\ndst =',
    ),
    kernel: { ...DONE, output: 'sealed aa', tag: 'sealed:bb bb' },
    other: { ...DONE, output: 'sealed ff', tag: 'sealed:bb cc' },
    wrong: { ...DONE, output: 'dd aa', tag: 'sealed:bb bb' },
    difference: 'another plain text behind the generated IV',
  },
  'no-export-of-this-state': {
    model: 'campaign converted',
    c: caseOf('op hash\nalg sha256\nlen 64\nfinish final\nparts 32! 32\nsrc 0+0:64'),
    kernel: { errno: '0', digest: 'aa' },
    other: { errno: '-38 hash' },
    wrong: { errno: '-22 hash' },
    difference: '-EINVAL where the export says -ENOSYS',
  },
  'authencesn-writes-into-tag': {
    model: 'converted',
    c: caseOf(
      'op aead\nalg authencesn(hmac(sha1),cbc(aes))\ndir b\nlen 0\nassoc 16\nauth 12\nasync\nrequests 2\nsrc 0+0:28\ndst =',
    ),
    kernel: { ...DONE, completion: 'rets -115 -115 order 0:0 1:-74' },
    other: { ...DONE, completion: 'rets -115 -115 order 0:0 1:0' },
    wrong: { ...DONE, completion: 'rets -115 -115 order 0:0' },
    difference: 'the second request is never completed',
  },
  'refused-before-its-cryptd': {
    model: 'campaign converted',
    c: caseOf('op aead\nalg gcm(aes)\nasync 1\ndir d\nassoc 0\nlen 4\nauth 16\nsrc 0+0:4\ndst ='),
    kernel: { errno: '-22 crypt', completion: '-115 1', changed: 'tfm callback' },
    other: { errno: '-22 crypt', completion: '', changed: '' },
    wrong: { errno: '-22 crypt', completion: '-115 2', changed: '' },
    difference: 'completed twice',
  },
  'deflate-out-of-space': {
    model: 'campaign converted',
    series: [7, 2],
    c: caseOf('op acomp\nalg deflate\nwhat compress\nlen 16\nroom 4\nsrc 0+0:16\ndst 1+0:4'),
    kernel: { errno: '-28 crypt' },
    other: { errno: '-22 crypt' },
    wrong: { errno: '-5 crypt' },
    difference: '-EIO where the room ends',
  },
  'little-room': {
    model: 'campaign converted',
    c: caseOf('op acomp\nalg lzo\nwhat compress\nlen 12\nroom 11\nsrc 0+0:12\ndst 1+0:11'),
    kernel: { errno: '-22 crypt' },
    other: { errno: '0', output: 'right' },
    wrong: { errno: '0', output: 'aa' },
    difference: 'another stream, which does not give the text back',
  },
  'behind-its-result': {
    model: 'campaign legacy',
    series: [7, 2],
    c: caseOf('op acomp\nalg zstd\nwhat decompress\nlen 16\nroom 64\nsrc 0+0:16\ndst 1+0:64'),
    kernel: { errno: '0', output: 'aa', stray: 'behind the result' },
    other: { errno: '0', output: 'aa', stray: '' },
    wrong: { errno: '0', output: 'aa', stray: 'behind the room' },
    difference: 'a byte behind the room itself',
  },
  'zstd-of-pages': {
    model: 'campaign reference',
    series: [7, 2],
    c: caseOf('op acomp\nalg zstd\nwhat decompress\nlen 16\nroom 4097\nsrc 0+0:16\ndst 1+0:4097'),
    kernel: { errno: '0', output: 'aa', length: '9' },
    other: { errno: '-22 crypt', length: '0' },
    wrong: { errno: '-12 crypt', length: '0' },
    difference: '-ENOMEM of what breaks off',
  },
  'short-list': {
    model: 'converted',
    c: caseOf('op skcipher\nalg cbc(aes)\nlen 32\nsrc 0+0:16\ndst ='),
    kernel: { ending: 'crash' },
    other: { errno: '-22 crypt' },
    wrong: { errno: '-14 crypt' },
    difference: '-EFAULT where the list ends',
  },
};

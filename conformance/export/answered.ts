/**
 * Cases as questions with answers, on flat bytes: what collections of known answers are made of.
 * @module
 */
import { EBADMSG, errnoName } from '../../src/errno.ts';
import { type Case, isData } from '../case/case.ts';
import { caseInput, expectation } from '../subjects/reference.ts';

/** A message and what must come of it. */
export interface Answered {
  readonly c: Case;
  /** Empty where there is none. */
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
  readonly ad: Uint8Array;
  /** Empty where a decryption must fail. */
  readonly plain: Uint8Array;
  /** Ciphertext without its tag; empty for a hash. */
  readonly cipher: Uint8Array;
  /** The tag, or the digest. */
  readonly tag: Uint8Array;
  readonly valid: boolean;
  /** The IV that is handed on; null where nothing is promised. */
  readonly ivOut: Uint8Array | null;
}

const NOTHING = new Uint8Array(0);

/** The answer of the reference, or why the case is no known answer. */
export function answeredCase(c: Case): Answered | string {
  if (c.iterator !== undefined) return 'a case about iterators';
  if (c.program !== undefined) return 'a program of requests';
  if (isData(c)) return 'compression, a public key or key agreement';
  const input = caseInput(c);
  const { setkey, setauthsize, result, output, iv, refusal } = expectation(c, input);
  if (refusal !== null) return `the reference has no answer: ${refusal}`;
  const refused = setkey || setauthsize;
  if (refused !== 0) return `a key or a tag length that is refused: ${errnoName(refused)}`;
  const forged = c.kind === 'aead' && c.op === 'decrypt' && result === -EBADMSG;
  if (result !== 0 && !forged) return `an operation that answers ${errnoName(result)}`;
  if (output === null && !forged) return 'nothing is promised about the output';
  const { text } = input;
  const out = output ?? NOTHING;
  const about = { c, key: input.key ?? NOTHING, iv: input.iv, ad: input.ad, ivOut: iv };
  if (c.kind === 'ahash') {
    return { ...about, plain: text, cipher: NOTHING, tag: out, valid: true };
  }
  if (c.op === 'encrypt') {
    const [cipher, tag] = [out.subarray(0, text.length), out.subarray(text.length)];
    return { ...about, plain: text, cipher, tag, valid: true };
  }
  return { ...about, plain: out, cipher: text, tag: input.tag, valid: !forged };
}

/** The cases that are known answers, and how many are not, by the reason. */
export function answeredCases(cases: readonly Case[]): {
  readonly answers: readonly Answered[];
  readonly omitted: Readonly<Record<string, number>>;
} {
  const answers: Answered[] = [];
  const omitted: Record<string, number> = {};
  for (const c of cases) {
    const answer = answeredCase(c);
    if (typeof answer === 'string') omitted[answer] = (omitted[answer] ?? 0) + 1;
    else answers.push(answer);
  }
  return { answers, omitted };
}

/** By algorithm, in the order of the names. */
export function byAlgorithm(answers: readonly Answered[]): [alg: string, of: Answered[]][] {
  const found = new Map<string, Answered[]>();
  for (const answer of answers) {
    const { alg } = answer.c;
    found.set(alg, [...(found.get(alg) ?? []), answer]);
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
}

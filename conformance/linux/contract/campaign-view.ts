/**
 * What a kernel, a subject of the harness and the reference say of one case of the campaign, as views.
 * Every view has all aspects that its source can say; an empty text is "nothing to tell".
 * @module
 */
import { EBUSY, EINPROGRESS, type Errno } from '../../../src/errno.ts';
import { type Case, isAead } from '../../case/case.ts';
import type { CaseInput, Expectation, Observation } from '../../judge/observe.ts';
import type { TextResult } from '../text/result.ts';
import type { View } from './contract.ts';
import { generatedBytes, openGenerated } from './generated.ts';
import { shortHash } from './hash.ts';

type Results = Pick<Expectation, 'setkey' | 'setauthsize' | 'result'>;

/** The result that belongs to the stage at which the kernel stopped, or what came before it. */
function errnoAt(stage: string | null, { setkey, setauthsize, result }: Results): string {
  if (setkey !== 0 || stage === 'setkey') return setkey === 0 ? '0' : `${setkey} setkey`;
  if (setauthsize !== 0 || stage === 'setauthsize')
    return setauthsize === 0 ? '0' : `${setauthsize} setauthsize`;
  return result === 0 ? '0' : `${result} ${stage ?? ''}`;
}

/** Text and, after encryption, tag behind it, as hashes, and the IV buffer; all of it without a random salt. */
function halves(
  c: Case,
  input: CaseInput,
  hex: string,
  iv: Uint8Array,
): Pick<View, 'output' | 'tag' | 'iv'> {
  const { length } = input.text;
  const end = 2 * length;
  const generated = generatedBytes(c.alg);
  const output = shortHash(hex.slice(2 * Math.min(length, generated), end));
  const after = shortHash(Buffer.from(iv).toString('hex'));
  if (!isAead(c) || c.op === 'decrypt') return { output, iv: after };
  const tag = hex.slice(end, end + 2 * c.authsize);
  const [text, sealed] = [hex.slice(0, end), tag].map((part) => Buffer.from(part, 'hex'));
  const from = { key: input.key ?? new Uint8Array(0), ad: input.ad, plain: input.text };
  const opened = generated === 0 ? null : openGenerated(c.alg, { ...from, text, tag: sealed, iv });
  return {
    output: opened?.output ?? output,
    tag: opened?.tag ?? shortHash(tag),
    iv: opened?.iv ?? after,
  };
}

/** What a kernel says. */
export function kernelView(c: Case, input: CaseInput, answer: TextResult): View {
  if (answer.ending !== 'done') return { ending: answer.ending };
  const errno = answer.err === 0 ? '0' : `${answer.err} ${answer.stage ?? ''}`;
  const common = {
    errno,
    completion: completionText(answer.completions),
    stray: answer.stray ?? '',
    changed: answer.changed.join(' '),
    leak: /^pagefault (-?[1-9]\d*)/.exec(answer.leak ?? '')?.[1] ?? '',
    refs: answer.refs ?? '',
  };
  if (answer.err !== 0) return common;
  if (c.op === 'digest') return { ...common, digest: answer.digest ?? '' };
  const out = (answer.out ?? '').slice(2 * input.ad.length);
  return { ...common, ...halves(c, input, out, Buffer.from(answer.iv ?? '', 'hex')) };
}

/** The last operation of a case: its answer and the number of its final completions. */
function completionText(lines: readonly string[]): string {
  const ret = lines.findLast((line) => line.startsWith('ret0 '))?.slice('ret0 '.length);
  const calls = lines.findLast((line) => line.startsWith('calls '))?.split(' ')[1];
  return ret === undefined ? (calls ?? '') : `${ret} ${calls}`;
}

function isAccepted(err: Errno): boolean {
  return err === -EINPROGRESS || err === -EBUSY;
}

/** What a subject of the harness says. A trap is what a kernel ends with. */
export function observationView(
  c: Case,
  input: CaseInput,
  answer: TextResult,
  o: Observation,
): View {
  if (o.trap !== null) return { ending: 'crash' };
  const final = o.completions.filter((err) => err !== -EINPROGRESS).length;
  const calls = o.completions.length === 0 ? '' : `${final}`;
  // A subject goes on after a refused key, as a caller may: crc32c hashes without one. The module stops.
  const requested = o.setkey === 0 && o.setauthsize === 0;
  const completion = isAccepted(o.ret) ? `${o.ret} ${final}` : calls;
  const errno = errnoAt(answer.stage, o);
  const common = {
    errno,
    completion: requested ? completion : '',
    stray: [...o.stray.map(({ words }) => words), ...o.source].join(' '),
    changed: [...o.form, ...o.iterators].join(' '),
    leak: o.leaks.join(' '),
    refs: '',
  };
  if (errno !== '0') return common;
  const output = Buffer.from(o.output).toString('hex');
  if (c.op === 'digest') return { ...common, digest: output };
  return { ...common, ...halves(c, input, output, o.iv) };
}

/** What the reference says must come out; it says nothing of what it does not promise. */
export function expectationView(
  c: Case,
  input: CaseInput,
  answer: TextResult,
  expected: Expectation,
): View {
  const errno = errnoAt(answer.stage, expected);
  if (errno !== '0') return { errno };
  if (expected.output === null) return { errno, ...generatedView(c, input, expected) };
  const output = Buffer.from(expected.output).toString('hex');
  if (c.op === 'digest') return { errno, digest: output };
  const { iv, ...text } = halves(c, input, output, expected.iv ?? new Uint8Array(0));
  return { errno, ...text, ...(expected.iv === null || iv === undefined ? {} : { iv }) };
}

/** Where the transform makes up first bytes: what must come of the text if they are zeros. */
function generatedView(c: Case, input: CaseInput, { completed }: Expectation): View {
  if (completed === null || generatedBytes(c.alg) === 0) return {};
  const room = input.text.length + (c.op === 'encrypt' ? c.authsize : 0);
  const output = Buffer.from(completed(new Uint8Array(room))).toString('hex');
  const { iv: _, ...text } = halves(c, input, output, new Uint8Array(0));
  return text;
}

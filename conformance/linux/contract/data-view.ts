/**
 * What a kernel, a subject and the reference say of a compressor, a public key or key agreement. A result
 * that many are right for, of a compressor or of padding, is told as right or as the bytes that it is.
 * @module
 */
import type { Case } from '../../case/case.ts';
import type { Expectation, Observation } from '../../judge/observe.ts';
import { equal } from '../../subjects/reference/bytes.ts';
import { arenaBytes, bytesOf, type DataCase } from '../text/case.ts';
import type { TextResult } from '../text/result.ts';
import type { View } from './contract.ts';
import { shortHash } from './hash.ts';

/** A result, with what stood in its room before. */
interface Found {
  readonly bytes: Uint8Array;
  readonly before: Uint8Array;
  readonly told: number;
}

/** What was made of a request that went well. */
function resultView(c: Case, expected: Expectation, { bytes, before, told }: Found): View {
  const hasResult = c.op !== 'verify';
  const made = hasResult ? bytes.subarray(0, Math.min(told, bytes.length)) : bytes.subarray(0, 0);
  const mine = made.subarray(0, expected.output?.length ?? made.length);
  const isKept = equal(bytes.subarray(mine.length), before.subarray(mine.length));
  const isRight = expected.completed !== null && equal(expected.completed(mine), mine);
  return {
    output: isRight ? 'right' : shortHash(Buffer.from(mine).toString('hex')),
    ...lengthView(c, told),
    ...(isKept ? {} : { stray: strayText(c.room, { bytes, before }) }),
  };
}

/** Some work in the room itself, and write in it behind what they have; behind the room nobody may write. */
function strayText(room: number, { bytes, before }: Pick<Found, 'bytes' | 'before'>): string {
  const isInRoom = equal(bytes.subarray(room), before.subarray(room));
  return isInRoom ? 'behind the result' : 'behind the room';
}

/** How short a compressor is nobody says; and a verification has no result. */
function lengthView({ op }: Pick<Case, 'op'>, told: number): View {
  return op === 'compress' || op === 'verify' ? {} : { length: `${told}` };
}

/** What a kernel adds to the aspects that every request has. */
export function kernelDataView(
  c: Case,
  text: DataCase,
  answer: TextResult,
  expected: Expectation,
): View {
  const told = answer.told ?? 0;
  if (answer.err !== 0) return answer.stage === 'crypt' ? lengthView(c, told) : {};
  const before = bytesOf(arenaBytes(text), text.dst ?? text.src);
  const bytes = Buffer.from(answer.out ?? '', 'hex');
  return resultView(c, expected, { bytes, before, told });
}

/** What a subject of the harness adds; it was given no byte behind its result. */
export function observationDataView(c: Case, expected: Expectation, o: Observation): View {
  // Behind a refused key no request tells a length.
  if (o.setkey !== 0) return {};
  if (o.result !== 0) return lengthView(c, o.length);
  return resultView(c, expected, { bytes: o.output, before: o.before, told: o.length });
}

/** What the reference adds. */
export function expectationDataView(c: Case, expected: Expectation): View {
  if (expected.setkey !== 0) return {};
  const length = expected.length === null ? {} : lengthView(c, expected.length);
  if (expected.result !== 0) return length;
  if (expected.completed !== null) return { ...length, output: 'right' };
  if (expected.output === null) return length;
  return { ...length, output: shortHash(Buffer.from(expected.output).toString('hex')) };
}

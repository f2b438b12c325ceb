/**
 * The judge: compares what the subjects showed with what must come out, and with each other.
 *
 * Each rule says what it verifies and what it does not; `judge.test.ts` has a canary for each.
 * @module
 */
import { isOfEngine } from '../../src/crypto/dma-engines.ts';
import { EBUSY, EINPROGRESS, ENOSPC, errnoName } from '../../src/errno.ts';
import { type Case, isAead, requestCount } from '../case/case.ts';
import { difference, placeOf, wrong, wrongIv } from './differences.ts';
import { HOLDING, wrongHolding } from './holding.ts';
import { isInjected, isSetkeyInjected, writtenBeside } from './injected.ts';
import { misuseOf } from './misuse.ts';
import {
  type Again,
  describeResult,
  type Expectation,
  type Leak,
  type Observation,
  withRest,
} from './observe.ts';
import { firstOutOfOrder, swallowsNotices } from './order.ts';

/** The oracles. */
export const CHECKS = [
  'TRAP',
  'DMA',
  'RET',
  'CB',
  'LIVE',
  'ORDER',
  'CALLER',
  'HOLD',
  'OUT',
  'IV',
  'STATE',
  'GUARD',
  'SRC',
  'REF',
  'RESIDUE',
  'ITER',
  'FORM',
  'WARN',
  'SELF',
] as const;

export type Check = (typeof CHECKS)[number];

/** One case on all subjects. */
export interface Trial {
  readonly c: Case;
  readonly expected: Expectation;
  /** What is not compared on a side with joined lists, in this case. */
  readonly leaks: readonly Leak[];
  readonly observations: readonly Observation[];
  /** Subjects that did not run the case, and why. Absent: all ran it. */
  readonly absent?: readonly { readonly subject: string; readonly reason: string }[];
  /** Requests that a queue holds, 0 for as many as by itself. */
  readonly queue: number;
  /** The other requests of a program, each as a trial of its own. */
  readonly further: readonly Trial[];
}

/** A broken rule: by whom, and how. No observation shows a case that never ends; its thread does. */
export interface Violation {
  readonly check: Check | 'HANG';
  readonly subject: string;
  readonly detail: string;
  /** The request of a program that it is about; absent where there is one request, or for all of them. */
  readonly request?: number | undefined;
}

/** What is wrong, where a rule about a whole program can tell of which request. */
interface Told {
  readonly detail: string;
  readonly request: number;
}

interface Rule {
  readonly check: Check;
  readonly verifies: string;
  readonly omits: string;
  /** Whose fault it is, where that is not whose observation it is. */
  readonly subject?: 'reference';
  /** @returns what is wrong with one observation, or null. */
  readonly judge: (observation: Observation, trial: Trial) => string | Told | null;
}

export const RULES: readonly Rule[] = [
  {
    check: 'TRAP',
    verifies:
      'no access to memory that is free, red zone, unwritten or not owned, nor to an IV on the stack of a ' +
      'caller who has returned, nor over the end of a page of highmem; no broken contract',
    omits:
      'accesses that bypass the machine; GUARD sees their writes; single bytes of an IV that is gone; ' +
      'highmem through a shim and in the library, which take memory as long as it goes on',
    judge: (o) => (o.trap !== null && isOfDevice(o.trap) ? null : trapOf(o)),
  },
  {
    check: 'DMA',
    verifies:
      'a device reads and writes only what is mapped for it, in its direction, while it owns the memory; ' +
      'nobody else touches that, nor the rest of a cache line; every mapping is undone as it was made; ' +
      'one list that is source and destination is one mapping',
    omits:
      'what an IOMMU lets through beside a mapping, to its granule; reads beside one in a cache line',
    judge: (o, { c }) => {
      if (o.trap !== null) return isOfDevice(o.trap) ? trapOf(o) : null;
      const isOneList = c.layout.inplace === 'same' && c.program === undefined;
      if (isOneList && o.mappedBothWays !== undefined) {
        return 'the one list is mapped twice, once in each direction';
      }
      return o.leaks.find(isOfMapping) ?? null;
    },
  },
  {
    check: 'RET',
    verifies:
      'setkey, setauthsize, the final result and the length that is told are as the reference expects',
    omits:
      'whether the result came synchronously: CB; the errno of a fault where one was injected and struck; ' +
      '-ENOSPC where a queue may be full: ORDER',
    judge: (o, trial) => {
      const { c, leaks } = trial;
      const expected = answerOf(trial);
      if (o.callerFault !== null) return null;
      if (o.unasked && isInjected(o, c)) return null;
      if (o.setkey !== expected.setkey && !isSetkeyInjected(o, c)) {
        return wrong('setkey', o.setkey, expected.setkey);
      }
      if (o.setauthsize !== expected.setauthsize) {
        return wrong('setauthsize', o.setauthsize, expected.setauthsize);
      }
      // What an injected fault stopped may have begun; it must have given everything back.
      if (isInjected(o, c)) return null;
      if (isRefusedByQueue(o, trial) || isPending(o)) return null;
      // The other API cannot say which of two right results it would have had.
      if (o.result === trial.expected.alternative && isInjected(trial.observations[0], c))
        return null;
      if (leaksAt(o, leaks, 'result')) return null;
      if (o.result !== expected.result) return wrong('result', o.result, expected.result);
      const [other] = trial.observations;
      const length = trial.expected.length ?? (other.result === o.result ? other.length : null);
      return length === null || o.length === length || o.trap !== null
        ? null
        : `length is ${o.length}, expected ${length}`;
    },
  },
  {
    check: 'CB',
    verifies: 'one final callback after -EINPROGRESS or -EBUSY, none after anything else, notices',
    omits:
      'notices of authenc, authencesn and rfc7539 on the side of the scatterlist API, which 6.1 swallows ' +
      'in some of their steps, and through a shim where the request was over before it was answered; the order between several requests: ORDER; that the callback comes at all: LIVE',
    judge: (o, { c }) => {
      const { ret, completions } = o;
      const async = o.async && ret === -EINPROGRESS;
      const backlogged = ret === -EBUSY && c.context.backlog;
      const calls = completions.filter((err) => err !== -EINPROGRESS).length;
      const notices = completions.length - calls;
      const right = async || backlogged ? calls <= 1 : calls === 0;
      if (right && notices === (backlogged ? 1 : 0)) return null;
      const mayLackNotice = mayBeUntold(c, o) && swallowsNotices(c.driver);
      if (right && notices === 0 && mayLackNotice) return null;
      return `completions: ${describeResult(o)}`;
    },
  },
  {
    check: 'LIVE',
    verifies: 'what was accepted has been completed when nothing is left to do',
    omits: 'how long it took; work that never ends is a TRAP',
    judge: (o) => (isPending(o) ? `never completed: ${describeResult(o)}` : null),
  },
  {
    check: 'ORDER',
    verifies:
      'several requests: answer, notice, completion in this order, each at most once; behind cryptd ' +
      'what a queue of this length accepts, backlogs and refuses, and first in first out on each ' +
      'processor; behind pcrypt completions in the order of submission',
    omits: 'the order behind other templates, where nothing is promised; when a notice comes',
    judge: (o, { c }) =>
      o.program === null ? null : firstOutOfOrder(c, o.program.history, mayBeUntold(c, o)),
  },
  {
    check: 'CALLER',
    verifies:
      'what a caller does to a request in flight is named, as its fault: by the API that it sets the key, frees ' +
      'the transform, frees the request or fills it in; by the watch over what it lent that it changes a byte ' +
      'of source, target or IV, with request and segment',
    omits:
      'what such a request comes to: nobody promises it, and RET, OUT, IV and SRC pass over it; what a caller ' +
      'changes and puts back',
    judge: ({ program }, { c }) =>
      program?.misuse.happened === true && program.misuse.named === null
        ? `a misuse in flight went unnoticed: ${misuseOf(c)}`
        : null,
  },
  { check: 'HOLD', ...HOLDING, judge: wrongHolding },
  {
    check: 'OUT',
    verifies:
      'text, tag or digest equal the reference when the operation succeeded; what is made up is the same ' +
      'on both APIs, unless a call was made to fail',
    omits:
      'the destination after a failure, except that both APIs must leave the same, and that a full queue ' +
      'of cryptd and what is refused at the door (no key, a tag of no size, a list too short) write ' +
      'nothing; behind a template over one, what the template wrote before',
    judge: (o, trial) => {
      const { c, expected, observations, leaks } = trial;
      if (o.callerFault !== null) return null;
      if (isQueueFull(o, c) && !o.isUntouched) return 'refused by a full queue, and written to';
      const early = writtenBeside(o, c);
      if (early !== null) return early;
      if (expected.isRefused && o.trap === null && !o.isUntouched) return 'refused, and written to';
      if (o.trap !== null || o.result !== answerOf(trial).result) return null;
      if (leaksAt(o, leaks, 'result')) return null;
      const right = o.result === 0 ? (expected.completed?.(o.output) ?? expected.output) : null;
      const wrong = right === null ? null : difference(o.output, withRest(right, o.before));
      // What an encryption makes up comes from the machine, whose every run begins at one seed.
      const isMadeUp = expected.completed !== null && c.op === 'encrypt';
      if (wrong !== null && right !== null) return `${wrong}${placeOf(c, o.output, right)}`;
      if (right !== null && !isMadeUp) return null;
      const other = observations[0];
      if (o === other || !isAlike(other, o)) return null;
      // A call that failed elsewhere changes who asks the machine first; another machine makes up other bytes.
      if (isMadeUp && (o.struck + other.struck > 0 || o.isElsewhere === true)) return null;
      if (o.result !== 0 && leaksAt(other, leaks, 'failed')) return null;
      const found = difference(o.output, other.output);
      return found === null
        ? null
        : `after ${errnoName(o.result)}, against ${other.subject}: ${found}`;
    },
  },
  {
    check: 'IV',
    verifies: "the request's IV buffer holds the chaining value that the reference expects",
    omits: 'where the reference promises nothing, except that both APIs must leave the same',
    judge: (o, trial) => {
      const { expected, observations, leaks } = trial;
      if (o.trap !== null || o.callerFault !== null) return null;
      if (o.result !== answerOf(trial).result) return null;
      if (leaksAt(o, leaks, 'iv') || leaksAt(o, leaks, 'result')) return null;
      if (expected.iv !== null) return wrongIv(o.iv, expected.iv, trial.c);
      const other = observations[0];
      if (!isAlike(other, o) || leaksAt(other, leaks, 'iv')) return null;
      const found = wrongIv(o.iv, other.iv, trial.c);
      return found === null ? null : `against ${other.subject}: ${found}`;
    },
  },
  {
    check: 'STATE',
    verifies:
      'the same operation once more on the same transform gives what the reference expects, also after a ' +
      'fault that was injected; a key that is set stays set',
    omits:
      'other operations on it; another key: the axis of used transforms; what memory holds: RESIDUE',
    judge: (o, trial) => {
      const { again } = o;
      if (again === null || o.trap !== null || leaksAt(o, trial.leaks, 'result')) return null;
      return wrongAgain(o, again, trial);
    },
  },
  {
    check: 'GUARD',
    verifies: 'no byte changed outside text and tag of the destination, in every page of the case',
    omits: "the API's own temporary memory; what the joined layout leaks, on the side that has it",
    judge: (o, { c, leaks }) => {
      const result = leaksAt(o, leaks, 'result');
      const ad = result || o.callerFault !== null || isAdExcused(o, leaks) ? [] : o.touchedAd;
      const tag = result || leaksAt(o, leaks, 'tag') ? [] : o.touchedTag;
      const [stray] = o.stray;
      if (stray === undefined) return ad[0] ?? tag[0] ?? null;
      const { words, request } = stray;
      return c.program === undefined ? words : { detail: words, request };
    },
  },
  {
    check: 'SRC',
    verifies: 'no byte of the source changed when it is not also the destination',
    omits: 'reads',
    judge: ({ source, callerFault }) => (callerFault === null ? (source[0] ?? null) : null),
  },
  {
    check: 'REF',
    verifies: 'references, pins, pages, slab objects and kernel mappings are back where they were',
    omits: 'what a broken contract left behind: TRAP; mappings for a device: DMA',
    judge: ({ leaks }) => leaks.find((leak) => !isOfMapping(leak)) ?? null,
  },
  {
    check: 'RESIDUE',
    verifies:
      'when all is freed, no 8 bytes of a key or IV and no 15 of a plaintext stand in memory that the ' +
      'API took from the machine: objects, pages, records of engines',
    omits:
      'key schedules of the byte kernels and locals, which lie outside of the machine; bytes that were ' +
      'made from a secret; runs of fewer than four different bytes; what kfree of 6.1 leaves, on the ' +
      'side of the scatterlist API: pages and buffers of skcipher_walk, the copied header of essiv, the ' +
      'scratch buffers of scomp, the buffer of ecdsa_verify',
    judge: ({ residue }) => residue[0] ?? null,
  },
  {
    check: 'ITER',
    verifies:
      "the caller's iterators stand where they stood; behind every call of the iterator API, counts, bytes, " +
      'pages, pins and errnos of each type are those of a row of bytes and an index',
    omits: 'the scatterlist API, which has none; what empty segments leave open',
    judge: ({ iterators }) => iterators[0] ?? null,
  },
  {
    check: 'FORM',
    verifies:
      "the caller's lists and segment arrays are unchanged, and both ends well formed; in one case of " +
      'eight no entry of a list is written to at all, which is a TRAP',
    omits: 'lists that the API builds for itself',
    judge: ({ form }) => form[0] ?? null,
  },
  {
    check: 'WARN',
    verifies: 'nothing that a kernel would WARN about',
    omits: 'how often',
    judge: ({ warnings }) => warnings[0] ?? null,
  },
  {
    check: 'SELF',
    subject: 'reference',
    verifies: 'the reference has an answer; without one, two APIs that err alike are not seen',
    omits: 'whether its answer is right: that is the subject of its own tests',
    judge: (o, { expected, observations }) => (o === observations[0] ? expected.refusal : null),
  },
];

/** Every broken rule of a trial, the most telling first; none where nobody ran it. */
export function judgeTrial(trial: Trial): Violation[] {
  if (trial.observations.length === 0) return [];
  const violations = judgeRequest(trial);
  for (const [i, further] of trial.further.entries()) {
    for (const violation of judgeRequest(further)) {
      violations.push(ofRequest(violation, { detail: violation.detail, request: i + 1 }));
    }
  }
  return violations;
}

/** A trap, with the request of a program that tells where it was. */
function trapOf({ trap, trapOf: request }: Observation): string | Told | null {
  return trap === null || request === undefined ? trap : { detail: trap, request };
}

/** A broken rule that is told to a request, for people too. */
function ofRequest(violation: Omit<Violation, 'detail'>, { detail, request }: Told): Violation {
  return { ...violation, detail: `request ${request}: ${detail}`, request };
}

/** What a trap is told by, and what is no matter of the subject. */
const OF_TRAPS: readonly Check[] = ['TRAP', 'DMA', 'SELF'];

function judgeRequest(trial: Trial): Violation[] {
  const violations: Violation[] = [];
  for (const { check, subject, judge } of RULES) {
    for (const observation of trial.observations) {
      if (observation.unseen.includes(check)) continue;
      // Behind a crash nothing is what it would have been.
      if (observation.trap !== null && !OF_TRAPS.includes(check)) continue;
      const wrong = judge(observation, trial);
      if (wrong === null) continue;
      const violation = { check, subject: subject ?? observation.subject };
      violations.push(
        typeof wrong === 'string' ? { ...violation, detail: wrong } : ofRequest(violation, wrong),
      );
    }
  }
  return violations;
}

/** What there is to look at where no request is made. */
const WALKED = {
  source: ['TRAP', 'SRC', 'REF', 'ITER', 'WARN'],
  dest: ['TRAP', 'GUARD', 'REF', 'ITER', 'WARN'],
} satisfies Readonly<Record<string, readonly Check[]>>;

/**
 * The checks that have something to look at in this case. The report counts these, so that a check
 * that never looked is seen.
 */
export function checksOf(c: Case, expected: Expectation): readonly Check[] {
  if (c.iterator !== undefined) return WALKED[c.iterator.direction];
  const vacuous: Check[] = [];
  if (c.kind === 'ahash') vacuous.push('IV');
  else if (expected.iv === null || expected.iv.length === 0) vacuous.push('IV');
  if (expected.result !== 0 && c.kind === 'ahash') vacuous.push('OUT');
  if (c.layout.inplace !== 'no') vacuous.push('SRC');
  if (!c.async) vacuous.push('LIVE');
  if (!isOfEngine(c.driver)) vacuous.push('DMA');
  if (c.context.again !== true) vacuous.push('STATE');
  if (c.program === undefined) vacuous.push('ORDER');
  if ((c.program?.misuse ?? null) === null) vacuous.push('CALLER');
  if (c.context.caller === undefined) vacuous.push('HOLD');
  return CHECKS.filter((check) => !vacuous.includes(check));
}

/** The part of a case that a finding's summary begins with. */
export function describeCase(c: Case): string {
  const tag = isAead(c) ? ` authsize=${c.authsize}` : '';
  const count = requestCount(c);
  return `${c.driver} ${c.op}${tag}${count > 1 ? `, ${count} requests` : ''}`;
}

/** What setkey, setauthsize and the operation must answer: as the reference says, else as the first API did. */
function answerOf({
  expected,
  observations,
}: Trial): Pick<Expectation, 'setkey' | 'setauthsize' | 'result'> {
  const [first] = observations;
  if (expected.refusal !== null) return first;
  const isOther = expected.alternative !== null && first.result === expected.alternative;
  return isOther ? { ...expected, result: first.result } : expected;
}

/** @returns what is wrong with the operation that was done once more, or null. */
function wrongAgain(o: Observation, again: Again, trial: Trial): string | null {
  const { expected, leaks, c } = trial;
  const { alternative, completed, refusal, iv } = expected;
  if (refusal !== null) return null;
  if (again.result !== expected.result && again.result !== alternative) {
    return `once more: ${wrong('result', again.result, expected.result)}`;
  }
  if (again.result !== 0) return null;
  const right = completed?.(again.output) ?? expected.output;
  const found = right === null ? null : difference(again.output.subarray(0, right.length), right);
  if (found !== null) return `once more: ${found}`;
  const isUntold = c.kind === 'ahash' || o.unseen.includes('IV');
  if (iv === null || isUntold || leaksAt(o, leaks, 'iv')) return null;
  const chained = wrongIv(again.iv, iv, c);
  return chained === null ? null : `once more: ${chained}`;
}

/** True for a broken rule of DMA: a fault of the device, of its driver, or of the processor beside it. */
function isOfDevice(trap: string): boolean {
  return /\bDMA\b|\bdma_|\bdevice\b|overlapping mappings/.test(trap.split('\n')[0] ?? '');
}

/** True for a mapping that was not undone. */
function isOfMapping(leak: string): boolean {
  return /^\d+ dma /.test(leak) || leak.startsWith('dma of ');
}

/**
 * Whether old templates may swallow the notice of a backlog. Through a shim it is made up for, but not where the
 * request was over before the shim knew its answer.
 */
export function mayBeUntold({ context }: Case, { joined, partial }: Observation): boolean {
  return joined || (partial === true && context.early === true);
}

/** True where a request was accepted, and no completion has come. */
function isPending({ ret, completions }: Observation): boolean {
  const isAccepted = ret === -EINPROGRESS || ret === -EBUSY;
  return isAccepted && completions.every((err) => err === -EINPROGRESS);
}

/** True where what one API left can be compared with what the other did. */
function isAlike(one: Observation, other: Observation): boolean {
  return one.result === other.result && one.trap === null && one.callerFault === null;
}

/**
 * True where a queue, or one below a template, may have been full. Templates submit their later steps
 * without MAY_BACKLOG, whatever the caller said, and the two APIs need not have the same steps.
 * C: crypto/authenc.c crypto_authenc_encrypt_done (6.1)
 */
function isRefusedByQueue({ result }: Observation, { c, queue }: Trial): boolean {
  const backlogs = c.context.backlog && c.driver.startsWith('cryptd(');
  return result === -ENOSPC && queue > 0 && c.async && !backlogs;
}

/** True where nobody stood between the caller and the queue that had no room. */
function isQueueFull({ trap, ret }: Observation, { driver }: Case): boolean {
  return trap === null && ret === -ENOSPC && driver.startsWith('cryptd(');
}

/** True where the layout of this side lets something be seen that is not compared. */
function leaksAt({ joined }: Observation, leaks: readonly Leak[], part: Leak['part']): boolean {
  return joined && leaks.some((leak) => leak.part === part);
}

/** True where the joined layout lets the associated data of the destination be what they are. */
function isAdExcused(o: Observation, leaks: readonly Leak[]): boolean {
  return o.joined && leaks.some(({ part, copy }) => part === 'ad' && (!copy || o.isAdCopied));
}

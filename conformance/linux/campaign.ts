/**
 * The campaign's own cases on a real kernel: what `conform` lets both APIs and the reference say of a
 * case, and what the kernel says of it.
 *
 * A kernel is not asked for allocations that fail, and not for the request before on one transform. Of a
 * program it gets the requests on one transform, over one cryptd whose queue is short, messages in one call;
 * no steps in between, no second processor, no batch, no caller who breaks the contract, no request that is
 * freed early.
 * @module
 */
import { driversOf } from '../algorithms/drivers.ts';
import { algorithmOf } from '../algorithms.ts';
import { Harness } from '../campaign/harness.ts';
import { isDealtTo, type Shard } from '../campaign/jobs.ts';
import { encodeToken } from '../campaign/replay.ts';
import { type Case, type FurtherRequest, isData, requestCase, requestCount } from '../case/case.ts';
import { CaseGenerator } from '../case/generate.ts';
import { judgeTrial, type Trial } from '../judge/judge.ts';
import type { CaseInput, Expectation } from '../judge/observe.ts';
import { caseInput } from '../subjects/reference.ts';
import { allSides } from '../subjects/sides.ts';
import { type AskedCase, askKernel } from './cases/ask.ts';
import { compareParts, type Opinion, opinionsOf, saidOf } from './contract/campaign-parts.ts';
import { askedAs, equalCases } from './contract/equals.ts';
import {
  isMoved,
  isOverwritten,
  isUnknown,
  isUnqueued,
  isWrittenBehind,
  mayLack,
} from './contract/required.ts';
import { overflowsScratch } from './contract/scomp.ts';
import { type Comparison, isAbsence, Tally } from './contract/tally.ts';
import { type Series, seriesOf } from './models/model.ts';
import { CRYPTD_QUEUE, isDataCase } from './text/case.ts';
import type { TextResult } from './text/result.ts';

/** One case of the campaign, and how the kernel is asked. */
export interface CampaignCase {
  readonly c: Case;
  /** The bytes of each of its requests. */
  readonly inputs: readonly CaseInput[];
  readonly text: AskedCase;
}

/** The first cases of a campaign. */
export interface CampaignPlan {
  readonly asked: readonly CampaignCase[];
  /** Cases that cannot be asked, and why. */
  readonly left: readonly (readonly [c: Case, reason: string])[];
}

/** Draws the cases of a part. Their identifiers say which campaign they are from. */
export function planCampaign(seed: number, count: number, shard: Shard): CampaignPlan {
  const generator = new CaseGenerator();
  const asked: CampaignCase[] = [];
  const left: [Case, string][] = [];
  for (let i = 0; i < count; i++) {
    if (!isDealtTo(shard, i)) continue;
    const c = quiet(generator.at(seed, i));
    const inputs = Array.from({ length: requestCount(c) }, (_, n) => caseInput(requestCase(c, n)));
    const { text, reason } = askKernel(c, inputs, `campaign-${seed}-${i}`);
    if (text === null) left.push([c, reason]);
    else asked.push({ c, inputs, text });
  }
  return { asked, left };
}

/** A case without what a kernel cannot be given. */
function quiet(drawn: Case): Case {
  // Whether work runs before a submission returns is the kernel's to say; what is compared is then the same.
  const own = { fault: 0, failing: undefined, again: undefined, early: undefined };
  // The module has the memory of its lists; what a caller does to lend it is in front of every kernel.
  const undisturbed = { ...own, caller: undefined };
  const c = { ...drawn, context: { ...drawn.context, ...undisturbed } };
  if (c.program === undefined) return c;
  const { program, ...alone } = c;
  const requests = isData(c) ? [] : ownRequests(program.requests);
  if (requests.length === 0) return { ...alone, hash: AT_ONCE };
  const kept = { queue: CRYPTD_QUEUE, freeEarly: false, misuse: null, transforms: [], requests };
  return { ...c, ...oneQueue(c), hash: AT_ONCE, program: kept };
}

/** The module hashes the messages of a program in one call. */
const AT_ONCE = { final: 'digest', updates: [], reimport: false } as const;

/** The requests on the transform of the case, in the order and on the terms that the module knows. */
function ownRequests(requests: readonly FurtherRequest[]): readonly FurtherRequest[] {
  const numbers = new Map([[0, 0]]);
  const kept: FurtherRequest[] = [];
  for (const [i, request] of requests.entries()) {
    if (request.tfm !== 0) continue;
    const of = numbers.get(request.of);
    numbers.set(i + 1, kept.length + 1);
    const reuse = request.reuse && of !== undefined;
    const quietly = { steps: 0, cpu: 0, hash: AT_ONCE, batch: undefined };
    kept.push({ ...request, ...quietly, of: of ?? 0, reuse });
  }
  return kept;
}

/** Programs go over one cryptd round everything, as in the module: queues inside are not asked for. */
function oneQueue({ alg, driver, async }: Case): Pick<Case, 'driver' | 'async'> {
  if (!async) return { driver, async };
  const isOne = (name: string): boolean => /^cryptd\((?!.*(cryptd|pcrypt)\()/.test(name);
  if (isOne(driver)) return { driver, async };
  const found = driversOf(alg).find(({ driver: name }) => isOne(name));
  return { driver: found?.driver ?? driver, async };
}

/** What a kernel answered, by identifier: once, and some cases again with other bytes in freed memory. */
export interface KernelAnswers {
  readonly release: string;
  readonly first: ReadonlyMap<string, TextResult>;
  readonly again: ReadonlyMap<string, TextResult>;
}

/** Subjects of the harness, and what it knows without them. */
const SUBJECTS = ['reference', 'legacy', 'converted', 'lib'] as const;

/** What became of a case in the harness, told as views: it need not run again when the kernel was asked again. */
interface Judged {
  /** Of compressors and keys, what is right. */
  readonly expected: Expectation | null;
  readonly absent: ReadonlyMap<string, string>;
  readonly opinions: ReadonlyMap<string, readonly Opinion[]>;
  /** Has `conform` a finding, too? */
  readonly isFound: boolean;
}

/** What was judged, by case. */
export type CampaignMemory = Map<string, Judged>;

/** The case as a kernel was asked for a subject. */
function askedFor(
  one: CampaignCase,
  subject: string,
  series: Series,
): { readonly asked: CampaignCase; readonly by: readonly string[] } {
  const { c: text, by } = askedAs(one.text, `campaign ${subject}`, series);
  return { asked: { ...one, text }, by };
}

function judge(
  one: CampaignCase,
  harness: Harness,
  first: ReadonlyMap<string, TextResult>,
  series: Series,
): Judged {
  const trial = harness.run(one.c);
  const opinions = new Map<string, readonly Opinion[]>();
  for (const subject of SUBJECTS) {
    if (!isAsked(subject, trial)) continue;
    const { asked } = askedFor(one, subject, series);
    const answer = first.get(asked.text.id);
    if (answer !== undefined) opinions.set(subject, opinionsOf(asked, answer, trial, subject));
  }
  return {
    expected: isDataCase(one.text) ? trial.expected : null,
    absent: absencesOf(trial.absent ?? [], one.c.alg),
    opinions,
    isFound: judgeTrial(trial).length > 0,
  };
}

/** Was a case put, or what stands for it? One that a kernel does not survive is not, and has no answer. */
function isPut(c: AskedCase, first: ReadonlyMap<string, TextResult>, series: Series): boolean {
  if (first.has(c.id)) return true;
  return overflowsScratch(c, series) && c.dst === null
    ? first.size > 0
    : equalCases([c], series).some(({ id }) => first.has(id));
}

/** Compares what everybody says of the cases of a plan. */
export function compareCampaign(
  plan: CampaignPlan,
  answers: KernelAnswers,
  memory: CampaignMemory = new Map(),
): readonly Comparison[] {
  const series = seriesOf(answers.release);
  const harness = new Harness(allSides);
  const tallies = SUBJECTS.map((name) => [name, new Tally(`campaign ${name}`)] as const);
  for (const [c, reason] of plan.left) {
    const absent = absencesOf(harness.absences(c), c.alg);
    for (const [subject, tally] of tallies)
      tally.leave(c.alg, whyLeft(absent.get(subject), reason));
  }
  for (const one of plan.asked) {
    if (isWrittenBehind(one.text, series)) {
      for (const [, tally] of tallies)
        tally.leave(one.c.alg, 'a stream of 842 that is longer than its room');
      continue;
    }
    if (!isPut(one.text, answers.first, series)) continue;
    const judged = memory.get(one.text.id) ?? judge(one, harness, answers.first, series);
    memory.set(one.text.id, judged);
    for (const [subject, tally] of tallies)
      compareSubject(one, judged, { ...answers, series }, subject, tally);
  }
  return tallies.map(([, tally]) => tally.result());
}

function compareSubject(
  one: CampaignCase,
  { expected, absent, opinions, isFound }: Judged,
  { first, again, series }: KernelAnswers & { readonly series: Series },
  subject: string,
  tally: Tally,
): void {
  const { alg } = one.c;
  const reason = absent.get(subject);
  if (reason !== undefined) {
    tally.leave(alg, reason);
    return;
  }
  if (isOverwritten(one.text, series)) {
    tally.leave(alg, 'compression in place: undefined to this kernel');
    return;
  }
  const { asked, by } = askedFor(one, subject, series);
  const answer = first.get(asked.text.id);
  const opinion = opinions.get(subject);
  if (answer === undefined || opinion === undefined) {
    tally.leave(alg, 'its equal case was not put');
    return;
  }
  const said = saidOf(asked, [answer, again.get(asked.text.id) ?? answer], expected);
  const isLacking = isUnknown(said[0]) || isMoved(one.text, said[0], series);
  if (isLacking && mayLack(alg)) tally.leave(alg, 'not in this kernel');
  else if (isUnqueued(one.text, said[0], series)) tally.leave(alg, 'no cryptd over this hmac');
  else {
    const { outcome, lines } = compareParts(said, opinion, { name: subject, series, asked: by });
    // What has a finding of its own is not excused.
    const judged = outcome.excused.length > 0 && isFound;
    const different = judged ? [...outcome.different, 'output' as const] : outcome.different;
    tally.add(alg, { ...outcome, different }, () => ({
      id: asked.text.id,
      aspects: different,
      lines: judged ? [...lines, `${subject}: conform has a finding, too`] : lines,
      text: `sg2iter replay ${encodeToken(one.c)}`,
    }));
  }
}

/**
 * Why subjects do not run a case. An API that lacks what a library alone has lacks nothing; any other driver
 * that is missing stays a hole in the share.
 */
function absencesOf(
  absences: readonly { readonly subject: string; readonly reason: string }[],
  alg: string,
): ReadonlyMap<string, string> {
  const isOfLibrary = algorithmOf(alg)?.isLibraryOnly === true;
  return new Map(
    absences.map(({ subject, reason }) => [
      subject,
      isOfLibrary && reason === 'no such driver' ? 'not in this API' : reason,
    ]),
  );
}

/** Of a case that cannot be asked: that a subject has nothing of the kind says more than how it is put. */
function whyLeft(absence: string | undefined, reason: string): string {
  return absence !== undefined && isAbsence(absence) ? absence : reason;
}

/** Both APIs are asked for what they have; the reference for everything. */
function isAsked(subject: string, { observations }: Trial): boolean {
  return subject === 'reference' || observations.some((o) => o.subject === subject);
}

/**
 * A case of the campaign as what is compared of it: the case itself; of a program the whole, and then
 * each of its requests as a case of its own.
 * @module
 */
import { ENOSPC } from '../../../src/errno.ts';
import { type Case, isData, requestCase } from '../../case/case.ts';
import type { Trial } from '../../judge/judge.ts';
import type { CaseInput, Expectation } from '../../judge/observe.ts';
import type { AskedCase } from '../cases/ask.ts';
import { isDataCase } from '../text/case.ts';
import { emptyResult, type TextResult } from '../text/result.ts';
import { expectationView, kernelView, observationView } from './campaign-view.ts';
import { compareViews } from './compare.ts';
import { ASPECTS, type Aspect, differences, unsettled, type View } from './contract.ts';
import { expectationDataView, kernelDataView, observationDataView } from './data-view.ts';
import { defined } from './omissions.ts';
import { kernelProgramView, observedProgramView } from './program-view.ts';
import { RELEASE_CHANGES } from './releases.ts';
import { asRelease, type Pair } from './rules.ts';
import type { Outcome } from './tally.ts';

/** A case with the bytes of its requests, as the kernel is asked. */
export interface AskedBytes {
  readonly c: Case;
  readonly inputs: readonly CaseInput[];
  readonly text: AskedCase;
}

/** One thing that is compared, and what a subject says of it. */
export interface Opinion {
  readonly text: AskedCase;
  readonly view: View;
}

/** What is compared of a case: the whole, and of a program that ran each request. */
function requestsOf({ c, inputs, text }: AskedBytes, answer: TextResult): readonly AskedBytes[] {
  if (text.op !== 'program' || answer.stage !== 'program') return [];
  return text.requests.map((request, i) => ({
    c: requestCase(c, i),
    inputs: [inputs[i]],
    text: request,
  }));
}

/** What a kernel says of every part of a case, marked where it says two things. */
export function saidOf(
  asked: AskedBytes,
  [answer, second]: readonly [TextResult, TextResult],
  /** Of the case: only results of compressors and keys are told by what is right. */
  expected: Expectation | null,
): readonly View[] {
  const { text } = asked;
  if (text.op !== 'program')
    return [unsettled(saidOnce(asked, answer, expected), saidOnce(asked, second, expected))];
  const whole = unsettled(kernelProgramView(answer), kernelProgramView(second));
  const requests = requestsOf(asked, answer).map((request, i) => {
    const said = [answer, second].map((whose) =>
      ofRequest(saidOnce(request, requestAnswer(whose, i), null)),
    );
    return unsettled(said[0], said[1]);
  });
  return [whole, ...requests];
}

function saidOnce(
  { c, inputs, text }: AskedBytes,
  answer: TextResult,
  expected: Expectation | null,
): View {
  const common = kernelView(c, inputs[0], answer);
  if (!isDataCase(text) || common.ending !== undefined || expected === null) return common;
  return { ...common, ...kernelDataView(c, text, answer, expected) };
}

/** What a subject says of every part of a case; a part of which it says nothing is a crash. */
export function opinionsOf(
  asked: AskedBytes,
  answer: TextResult,
  trial: Trial,
  subject: string,
): readonly Opinion[] {
  const { text } = asked;
  const all = [trial, ...(trial.further ?? [])];
  if (text.op !== 'program') return [{ text, view: opinionOf(asked, answer, trial, subject) }];
  const whole = { text, view: opinionOfProgram(answer, trial, subject) };
  const requests = requestsOf(asked, answer).map((request, i) => ({
    text: request.text,
    view: ofRequest(opinionOf(request, requestAnswer(answer, i), all[i], subject)),
  }));
  return [whole, ...requests];
}

function opinionOfProgram(
  answer: TextResult,
  { expected, observations }: Trial,
  subject: string,
): View {
  const { setkey, setauthsize } = expected;
  if (subject !== 'reference') {
    const o = observations.find((one) => one.subject === subject);
    return o === undefined ? { ending: 'crash' } : observedProgramView(answer, o);
  }
  if (setkey !== 0) return { errno: `${setkey} setkey` };
  return { errno: setauthsize === 0 ? '0' : `${setauthsize} setauthsize` };
}

/** What is expected of one request, and what came of it. */
type Judged = Pick<Trial, 'expected' | 'observations'>;

function opinionOf(
  { c, inputs: [input], text }: AskedBytes,
  answer: TextResult,
  { expected, observations }: Judged,
  subject: string,
): View {
  if (subject !== 'reference') {
    const o = observations.find((one) => one.subject === subject);
    if (o === undefined) return { ending: 'crash' };
    const common = observationView(c, input, answer, o);
    if (!isData(c) || common.ending !== undefined) return common;
    return { ...common, ...observationDataView(c, expected, o) };
  }
  // Whether a queue takes a request nobody but the queue can say.
  if (answer.err === -ENOSPC && text.op !== 'acomp') return {};
  const known = fitting(answer, expected);
  const view = expectationView(c, input, answer, known);
  if (!isData(c)) return view;
  return { errno: view.errno ?? '', ...expectationDataView(c, known) };
}

/** What the reference says where something else is right, too, and the kernel says that. */
function fitting({ err }: TextResult, expected: Expectation): Expectation {
  const isOther = err === expected.alternative || err === -ENOSPC;
  if (expected.alternative === null || !isOther) return expected;
  return { ...expected, result: expected.alternative, completed: null, output: null };
}

/** What came of one request, as the answer to a case of its own. */
function requestAnswer({ id, requests }: TextResult, i: number): TextResult {
  const { err = 0, iv = null, out = null, digest = null } = requests[i] ?? {};
  return { ...emptyResult(id, 'done', ''), stage: 'crypt', err, iv, out, digest };
}

const OF_REQUEST: readonly Aspect[] = ['ending', 'errno', 'output', 'tag', 'iv', 'digest'];

function ofRequest(view: View): View {
  return Object.fromEntries(Object.entries(view).filter(([a]) => OF_REQUEST.some((b) => a === b)));
}

/** Compares every part of what a kernel and a subject say. */
export function compareParts(
  said: readonly View[],
  opinions: readonly Opinion[],
  { name, series, asked }: Pair & { readonly asked: readonly string[] },
): { readonly outcome: Outcome; readonly lines: readonly string[] } {
  const pair = { name: `campaign ${name}`, series };
  const lines: string[] = [];
  const outcomes = opinions.map(({ text, view: opinion }, i): Outcome => {
    const { view, changed } = asRelease(opinion, text, pair, RELEASE_CHANGES);
    const known = defined(view, text, pair.name);
    const outcome = compareViews(text, said[i], known, aspectsOf(said[i], known), pair);
    const where = i > 0 ? ` of request ${i - 1}` : '';
    for (const a of outcome.different)
      lines.push(`${a}${where}: kernel ${said[i][a]}, ${name} ${view[a]}`);
    return { ...outcome, changed, omitted: differences(view, known) };
  });
  return {
    outcome: {
      compared: outcomes.flatMap(({ compared }) => compared),
      excused: outcomes.flatMap(({ excused }) => excused),
      different: [...new Set(outcomes.flatMap(({ different }) => different))],
      replaced: [],
      changed: [...new Set(outcomes.flatMap(({ changed }) => changed))],
      asked,
      omitted: [...new Set(outcomes.flatMap(({ omitted }) => omitted))],
    },
    lines,
  };
}

/** The aspects that a subject speaks of; of a case that took somebody down, that it did. */
function aspectsOf(kernel: View, subject: View): readonly Aspect[] {
  const ended = kernel.ending !== undefined || subject.ending !== undefined;
  return ended ? ['ending'] : ASPECTS.filter((aspect) => subject[aspect] !== undefined);
}

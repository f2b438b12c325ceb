/**
 * The campaign's own cases on a real kernel: what `conform` lets both APIs and the reference say of a
 * case, and what the kernel says of it.
 *
 * A kernel is not asked for allocations that fail, and not for the request before on one transform.
 * @module
 */
import { Harness } from '../campaign/harness.ts';
import { isDealtTo, type Shard } from '../campaign/jobs.ts';
import { encodeToken } from '../campaign/replay.ts';
import type { Case } from '../case/case.ts';
import { CaseGenerator } from '../case/generate.ts';
import type { CaseInput, Expectation, Observation } from '../judge/observe.ts';
import { caseInput } from '../subjects/reference.ts';
import { allSides } from '../subjects/sides.ts';
import { askKernel } from './cases/ask.ts';
import { expectationView, kernelView, observationView } from './contract/campaign-view.ts';
import { compareViews } from './contract/compare.ts';
import { ASPECTS, type Aspect, differences, unsettled, type View } from './contract/contract.ts';
import { defined } from './contract/omissions.ts';
import { RELEASE_CHANGES } from './contract/releases.ts';
import { isUnknown, mayLack } from './contract/required.ts';
import { asRelease } from './contract/rules.ts';
import { type Comparison, Tally } from './contract/tally.ts';
import { seriesOf } from './models/model.ts';
import type { CipherCase, HashCase } from './text/case.ts';
import type { TextResult } from './text/result.ts';

/** One case of the campaign, and how the kernel is asked. */
export interface CampaignCase {
  readonly c: Case;
  readonly input: CaseInput;
  readonly text: CipherCase | HashCase;
}

/** The first cases of a campaign. */
export interface CampaignPlan {
  readonly asked: readonly CampaignCase[];
  /** Cases that cannot be asked, by algorithm and reason. */
  readonly left: readonly (readonly [algorithm: string, reason: string])[];
}

/** Draws the cases of a part. Their identifiers say which campaign they are from. */
export function planCampaign(seed: number, count: number, shard: Shard): CampaignPlan {
  const generator = new CaseGenerator();
  const asked: CampaignCase[] = [];
  const left: [string, string][] = [];
  for (let i = 0; i < count; i++) {
    if (!isDealtTo(shard, i)) continue;
    const drawn = generator.at(seed, i);
    const undisturbed = { fault: 0, failing: undefined, again: undefined };
    const c = { ...drawn, context: { ...drawn.context, ...undisturbed } };
    const input = caseInput(c);
    const { text, reason } = askKernel(c, input, `campaign-${seed}-${i}`);
    if (text === null) left.push([c.alg, reason]);
    else asked.push({ c, input, text });
  }
  return { asked, left };
}

/** What a subject says of a case, as a view that can be compared with the kernel's. */
interface Opinion {
  readonly subject: string;
  readonly view: View;
}

function opinions(
  { c, input }: CampaignCase,
  answer: TextResult,
  expected: Expectation,
  observations: readonly Observation[],
): Opinion[] {
  return [
    { subject: 'reference', view: expectationView(c, input, answer, expected) },
    ...observations.map((o) => ({
      subject: o.subject,
      view: observationView(c, input, answer, o),
    })),
  ];
}

/** What a kernel answered, by identifier: once, and some cases again with other bytes in freed memory. */
export interface KernelAnswers {
  readonly release: string;
  readonly first: ReadonlyMap<string, TextResult>;
  readonly again: ReadonlyMap<string, TextResult>;
}

/** Compares what everybody says of the cases of a plan. */
export function compareCampaign(
  plan: CampaignPlan,
  { release, first, again }: KernelAnswers,
): readonly Comparison[] {
  const series = seriesOf(release);
  const harness = new Harness(allSides);
  const names = ['reference', 'legacy', 'converted', 'lib'];
  const tallies = new Map(names.map((name) => [name, new Tally(`campaign ${name}`)]));
  for (const [algorithm, reason] of plan.left)
    for (const tally of tallies.values()) tally.leave(algorithm, reason);
  for (const one of plan.asked) {
    const answer = first.get(one.text.id);
    if (answer === undefined) continue;
    const { expected, observations, absent = [] } = harness.run(one.c);
    for (const { subject, reason } of absent) tallies.get(subject)?.leave(one.c.alg, reason);
    const second = again.get(one.text.id) ?? answer;
    const said = unsettled(
      kernelView(one.c, one.input, answer),
      kernelView(one.c, one.input, second),
    );
    for (const opinion of opinions(one, answer, expected, observations)) {
      const { subject } = opinion;
      const tally = tallies.get(subject);
      if (tally === undefined) continue;
      if (isUnknown(said) && mayLack(one.c.alg)) tally.leave(one.c.alg, 'not in this kernel');
      else {
        const pair = { name: `campaign ${subject}`, series };
        const { view, changed } = asRelease(opinion.view, one.text, pair, RELEASE_CHANGES);
        const known = defined(view, one.text, pair.name);
        const outcome = {
          ...compareViews(one.text, said, view, aspectsOf(said, known), pair),
          changed,
          omitted: differences(view, known),
        };
        tally.add(one.c.alg, outcome, () => ({
          id: one.text.id,
          aspects: outcome.different,
          lines: outcome.different.map((a) => `${a}: kernel ${said[a]}, ${subject} ${view[a]}`),
          text: `sg2iter replay ${encodeToken(one.c)}`,
        }));
      }
    }
  }
  return [...tallies.values()].map((tally) => tally.result());
}

/** The aspects that a subject speaks of; of a case that took somebody down, that it did. */
function aspectsOf(kernel: View, subject: View): readonly Aspect[] {
  const ended = kernel.ending !== undefined || subject.ending !== undefined;
  return ended ? ['ending'] : ASPECTS.filter((aspect) => subject[aspect] !== undefined);
}

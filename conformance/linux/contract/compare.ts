/**
 * Comparison of two sources of answers to text cases by the contract.
 * @module
 */
import { type ModelSubject, seriesOf } from '../models/model.ts';
import type { TextCase } from '../text/case.ts';
import { type Aspect, aspectsOf, differences, isMarked, type View, viewOf } from './contract.ts';
import { askedAs } from './equals.ts';
import { RULES } from './excuses.ts';
import { defined } from './omissions.ts';
import { RELEASE_CHANGES } from './releases.ts';
import { isUnknown, isUnqueued, mayLack } from './required.ts';
import { asRelease, holds, type Pair } from './rules.ts';
import { type Comparison, findingOf, groupOf, type Outcome, Tally } from './tally.ts';

/** A kernel's views of some cases, and which release it is. */
export interface KernelViews {
  readonly release: string;
  readonly views: ReadonlyMap<string, View>;
}

/** What a running kernel answers against what the golden data say of its series. */
export function compareGolden(
  cases: readonly TextCase[],
  golden: KernelViews,
  kernel: KernelViews,
): Comparison {
  const tally = new Tally(`golden ${golden.release}`);
  const pair = { name: 'golden', series: seriesOf(kernel.release) };
  // Another build than the one that was recorded may have been configured without an algorithm.
  const isOther = golden.release !== kernel.release;
  for (const c of cases) {
    const expected = golden.views.get(c.id);
    const got = kernel.views.get(c.id);
    if (expected === undefined || got === undefined) continue;
    const group = groupOf(c);
    if (isOther && isUnknown(got) && !isUnknown(expected) && mayLack(group)) {
      tally.leave(group, 'not in this kernel');
      continue;
    }
    const outcome = compareViews(c, expected, got, aspectsOf(c, expected, got), pair);
    tally.add(group, outcome, () => findingOf(c, expected, got, outcome.different));
  }
  return tally.result();
}

/** What a model answered, by case: it need not run again when the kernel was asked again. */
export type Memory = Map<string, ModelAnswer>;

/** What a model answers against a kernel. */
export function compareModel(
  cases: readonly TextCase[],
  model: ModelSubject,
  kernel: KernelViews,
  memory: Memory = new Map(),
): Comparison {
  const tally = new Tally(model.name);
  const pair = { name: model.name, series: seriesOf(kernel.release) };
  for (const c of cases) {
    if (!model.takes(c) || !kernel.views.has(c.id)) continue;
    const group = groupOf(c);
    const { c: asked, by } = askedAs(c, model.name, pair.series);
    const expected = kernel.views.get(asked.id);
    const answer = memory.get(c.id) ?? answerOf(c, model, pair);
    memory.set(c.id, answer);
    const { got, replaced, changed, reason } = answer;
    if (reason !== '') tally.leave(group, reason);
    else if (expected === undefined) tally.leave(group, 'its equal case was not put');
    else if (isUnknown(got) !== isUnknown(expected) && mayLack(group))
      tally.leave(group, isUnknown(got) ? 'not in this API' : 'not in this kernel');
    else if (isUnqueued(c, expected, pair.series)) tally.leave(group, 'no cryptd over this hmac');
    else {
      const outcome = { ...compareDefined(c, expected, got, pair), replaced, changed, asked: by };
      tally.add(group, outcome, () => findingOf(asked, expected, got, outcome.different));
    }
  }
  return tally.result();
}

/** What a model answered to one case, as a release. */
export interface ModelAnswer {
  readonly got: View;
  readonly replaced: readonly string[];
  readonly changed: readonly string[];
  /** Why there is no answer, or nothing. */
  readonly reason: string;
}

function answerOf(c: TextCase, model: ModelSubject, pair: Pair): ModelAnswer {
  const result = model.run(c, pair.series);
  const { view: got, changed } = asRelease(viewOf(c, result), c, pair, RELEASE_CHANGES);
  const reason = result.ending === 'skip' ? result.reason : '';
  const { replaced, released } = result;
  return { got, replaced, changed: [...released, ...changed], reason };
}

/** Compares what the API of a comparison defines of two views. */
function compareDefined(c: TextCase, kernel: View, model: View, pair: Pair): Outcome {
  const [ours, theirs] = [kernel, model].map((view) => defined(view, c, pair.name));
  const outcome = compareViews(c, ours, theirs, aspectsOf(c, ours, theirs), pair);
  return { ...outcome, omitted: differences(kernel, ours) };
}

/** Compares two views in some aspects. */
export function compareViews(
  c: TextCase,
  kernel: View,
  model: View,
  aspects: readonly Aspect[],
  { name, series }: Pair,
): Outcome {
  const compared: Aspect[] = [];
  const excused: (readonly [Aspect, string])[] = [];
  const different: Aspect[] = [];
  const mine = RULES.filter(
    (rule) =>
      holds(rule, name, series) && rule.applies(c, series) && rule.allows(kernel, model, c, series),
  );
  for (const aspect of aspects) {
    const known = !isMarked(kernel[aspect]) && !isMarked(model[aspect]);
    const rule = mine.find((r) => r.aspects.includes(aspect));
    if (known && kernel[aspect] === model[aspect]) compared.push(aspect);
    else if (rule !== undefined) excused.push([aspect, rule.id]);
    else different.push(aspect);
  }
  return { compared, excused, different, replaced: [], changed: [], asked: [], omitted: [] };
}

/**
 * Where an answer of a model may be another than the kernel's, and why. Each rule says for which kernels
 * and models it holds, which aspects it is about, and which differences it allows there; everything
 * beside it is compared. A test shows for each rule that a difference beside it rings.
 * @module
 */
import { type Series, since } from '../models/model.ts';
import type { TextCase } from '../text/case.ts';
import { type Aspect, differences, type View } from './contract.ts';

/** Which model is compared with a kernel of which series. */
export interface Pair {
  readonly name: string;
  readonly series: Series;
}

/** One rule. */
export interface Rule {
  readonly id: string;
  /** Names of the comparisons that it is for. */
  readonly models: readonly string[];
  /** Series of kernels that it holds for; null: from the first, or to the last. */
  readonly first: Series | null;
  readonly last: Series | null;
  readonly aspects: readonly Aspect[];
  readonly applies: (c: TextCase, series: Series) => boolean;
  /** Of the two views, is this the difference that the rule is about? */
  readonly allows: (kernel: View, model: View, c: TextCase, series: Series) => boolean;
  readonly reason: string;
}

/** A change between releases: what later kernels say instead of what the model of an older one says. */
export interface ReleaseChange {
  readonly id: string;
  readonly models: readonly string[];
  /** Series of kernels that have it; null: from the first, or to the last. */
  readonly first: Series | null;
  readonly last: Series | null;
  readonly applies: (c: TextCase) => boolean;
  readonly change: (view: View, c: TextCase) => View;
  readonly reason: string;
}

/** What rules and changes have in common. */
type Scope = Pick<Rule, 'models' | 'first' | 'last'>;

/** Does a rule or a change hold for a kernel and a comparison? */
export function holds({ models, first, last }: Scope, model: string, series: Series): boolean {
  if (!models.includes(model)) return false;
  if (first !== null && !since(series, first)) return false;
  return last === null || since(last, series);
}

/** What a model says, as a kernel of a series would, and the changes that made another view of it. */
export function asRelease(
  view: View,
  c: TextCase,
  { name, series }: Pair,
  changes: readonly ReleaseChange[],
): { readonly view: View; readonly changed: readonly string[] } {
  let now = view;
  const changed: string[] = [];
  for (const change of changes) {
    if (!holds(change, name, series) || !change.applies(c)) continue;
    const then = change.change(now, c);
    if (differences(now, then).length > 0) changed.push(change.id);
    now = then;
  }
  return { view: now, changed };
}

/**
 * Comparison of two sources of answers by the contract, with everything that was not compared.
 * @module
 */

import { type ModelSubject, NOT_MODELLED } from '../models/model.ts';
import { formatCase, type TextCase } from '../text/case.ts';
import type { TextResult } from '../text/result.ts';
import {
  differences,
  differencesBetween,
  type Field,
  unexplained,
  type View,
  viewOf,
} from './contract.ts';
import type { GoldenView } from './golden.ts';

/** One case in which two sources differ. */
export interface Finding {
  readonly id: string;
  readonly fields: readonly Field[];
  /** Per field, what was expected and what came. */
  readonly lines: readonly string[];
  /** The case, to run it alone. */
  readonly text: string;
}

/** Two sources over a list of cases. */
export interface Comparison {
  readonly what: string;
  readonly compared: number;
  readonly differing: number;
  /** Identifiers of all cases that differ. */
  readonly ids: readonly string[];
  readonly byField: Readonly<Partial<Record<Field, number>>>;
  readonly findings: readonly Finding[];
  /** Cases that were not compared, by reason. */
  readonly left: Readonly<Record<string, number>>;
}

/** Findings that are kept in full; the count has them all. */
const KEPT = 20;

/** Collects a comparison case by case. */
export class Comparing {
  private readonly what: string;
  private compared = 0;
  private readonly ids: string[] = [];
  private readonly byField: Partial<Record<Field, number>> = {};
  private readonly findings: Finding[] = [];
  private readonly left: Record<string, number> = {};

  constructor(what: string) {
    this.what = what;
  }

  leave(reason: string, cases: number = 1): void {
    if (cases > 0) this.left[reason] = (this.left[reason] ?? 0) + cases;
  }

  /** Compares two views; `fields` says which of their differences count. */
  add(c: TextCase, expected: View, got: View, fields: readonly Field[]): void {
    this.compared++;
    if (fields.length === 0) return;
    this.ids.push(c.id);
    for (const field of fields) this.byField[field] = (this.byField[field] ?? 0) + 1;
    if (this.findings.length >= KEPT) return;
    const lines = fields.map((field) => difference(field, expected[field], got[field]));
    this.findings.push({ id: c.id, fields, lines, text: formatCase(c) });
  }

  result(): Comparison {
    const { what, compared, ids, byField, findings, left } = this;
    return { what, compared, differing: ids.length, ids, byField, findings, left };
  }
}

/** The first line that differs: a trace has one per command. */
function difference(field: Field, expected: string | undefined, got: string | undefined): string {
  const theirs = expected?.split('\n') ?? ['nothing'];
  const ours = got?.split('\n') ?? ['nothing'];
  const at = theirs.findIndex((line, i) => line !== ours[i]);
  const i = at < 0 ? theirs.length : at;
  return `${field}: expected ${theirs[i] ?? 'no more'}, got ${ours[i] ?? 'no more'}`;
}

/** A kernel's views of some cases, and which release it is. */
export interface KernelViews {
  readonly release: string;
  readonly views: ReadonlyMap<string, GoldenView>;
}

/** Views of answers. */
export function viewsOf(
  cases: readonly TextCase[],
  results: readonly TextResult[],
): Map<string, GoldenView> {
  return new Map(results.map((result, i) => [result.id, viewOf(cases[i], result)]));
}

/** What a running kernel answers against what the golden data say of its series. */
export function compareGolden(
  cases: readonly TextCase[],
  golden: KernelViews,
  kernel: KernelViews,
): Comparison {
  const comparing = new Comparing(`golden ${golden.release}`);
  for (const c of cases) {
    const expected = golden.views.get(c.id);
    const got = kernel.views.get(c.id);
    if (expected === undefined || got === undefined) comparing.leave('not in both');
    else if (expected === null || got === null) comparing.leave('uninitialised memory');
    else comparing.add(c, expected, got, differences(expected, got));
  }
  return comparing.result();
}

/** What a model answers against a kernel, whose release may be another than the model's. */
export function compareModel(
  cases: readonly TextCase[],
  model: ModelSubject,
  kernel: KernelViews,
): Comparison {
  const comparing = new Comparing(`model ${model.name}`);
  const known = differencesBetween(model.release, kernel.release);
  for (const c of cases) {
    const expected = kernel.views.get(c.id);
    if (expected === undefined) continue;
    if (expected === null) {
      comparing.leave('uninitialised memory');
      continue;
    }
    const result = model.run(c);
    const got = unmasked(viewOf(c, result), expected);
    if (result.ending === 'skip') comparing.leave(result.reason);
    else if (isUnknown(got) && !isUnknown(expected)) comparing.leave(`${nameOf(c)}: not modelled`);
    else {
      const fields = unexplained(c, differences(expected, got), known);
      comparing.add(c, expected, got, modelFields(model, c, fields));
    }
  }
  return comparing.result();
}

/** The kernel's own line where the model has no operation. */
function unmasked(got: View, expected: View): View {
  if (got.trace?.includes(NOT_MODELLED) !== true) return got;
  const theirs = expected.trace?.split('\n') ?? [];
  const lines = got.trace
    .split('\n')
    .map((line, i) => (line.endsWith(NOT_MODELLED) ? (theirs[i] ?? line) : line));
  return { ...got, trace: lines.join('\n') };
}

/** Differences that the model lists with their reason do not count. */
function modelFields(model: ModelSubject, c: TextCase, fields: readonly Field[]): Field[] {
  const listed = model.divergences.filter((d) => d.applies(c)).flatMap((d) => d.fields);
  return fields.filter((field) => !listed.includes(field));
}

/** -ENOENT at allocation: the name does not exist here. */
function isUnknown(view: View): boolean {
  return view.errno === '-2 alloc';
}

function nameOf(c: TextCase): string {
  return 'algorithm' in c ? c.algorithm : c.op;
}

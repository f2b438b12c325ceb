/**
 * Findings: broken rules with a signature, the smallest case that shows them, and a replay token.
 * @module
 */

import { encodeToken } from '../campaign/replay.ts';
import type { Case } from '../case/case.ts';
import { describeLayout, layoutClass } from '../case/layout.ts';
import { describeCase, type Violation } from './judge.ts';

export interface Finding {
  /** Equal for what is probably one bug: check, subject, algorithm, operation, layout class. */
  readonly signature: string;
  /** Replays the smallest case. */
  readonly token: string;
  /** Where the campaign met it: number of the job, and of the case in it. */
  readonly order: readonly [job: number, unit: number];
  readonly check: string;
  readonly alg: string;
  /** The layout in testmgr's grammar. */
  readonly layout: string;
  readonly summary: string;
}

/** A finding with the case behind it, for drawing. */
export interface Discovery {
  readonly finding: Finding;
  /** The signature of the case as it was met, before it was made small. */
  readonly kind: string;
  readonly c: Case;
  readonly violation: Violation;
  readonly where: readonly string[];
}

/** A case that broke a rule. */
export interface Failure {
  readonly c: Case;
  readonly violation: Violation;
  /** False when only the case as it is has a known result. */
  readonly shrinkable: boolean;
  /** Its place in the campaign: number of the job, and of the unit in it. */
  readonly order: readonly [job: number, unit: number];
}

/** A smaller case, and the rule as it breaks it. */
export type Small = Pick<Failure, 'c' | 'violation'> & {
  /** The step that it arises in, in lines; none where no step shows it. */
  readonly where: readonly string[];
};

/** A failure that is to be reported, small or not yet. */
export interface Candidate {
  readonly failure: Failure;
  small: Small | null;
}

/** Distinct findings that are shrunk and kept; more of them say nothing new. */
export const MOST_KINDS = 20;

/** Collects failures in the order of the campaign, the first of each kind. */
export class Candidates {
  private readonly all: Candidate[] = [];
  private readonly known = new Set<string>();
  private asked = 0;

  /** Takes a failure, unless its like is already known. */
  add(failure: Failure): void {
    const kind = signatureOf(failure);
    if (this.known.has(kind) || this.all.length >= MOST_KINDS) return;
    this.known.add(kind);
    this.all.push({ failure, small: null });
  }

  /** The failures that are kept. */
  failures(): readonly Failure[] {
    return this.all.map(({ failure }) => failure);
  }

  /** The next one to be made small, each once. @returns null when there is none */
  next(): Candidate | null {
    while (this.asked < this.all.length) {
      const candidate = this.all[this.asked++];
      if (candidate.failure.shrinkable) return candidate;
    }
    return null;
  }

  /** All of them, small where they could be made so. */
  kinds(): Discovery[] {
    return firstOfKinds(
      this.all.map(({ failure, small }) => {
        const { c, violation, where } = small ?? { ...failure, where: [] };
        const kind = signatureOf(failure);
        const finding = describeFinding(c, violation, failure.order);
        return { finding, kind, c, violation, where };
      }),
    );
  }
}

/** The first of each kind in the order of the campaign, as many as are kept: of several parts, of the whole. */
export function firstOfKinds(discoveries: readonly Discovery[]): Discovery[] {
  const inOrder = [...discoveries].sort(
    ({ finding: { order: a } }, { finding: { order: b } }) => a[0] - b[0] || a[1] - b[1],
  );
  return firsts(inOrder, ({ kind }) => kind).slice(0, MOST_KINDS);
}

/** What is reported of the first of each kind: of several that came to one signature the first. */
export function distinct(kinds: readonly Discovery[]): Discovery[] {
  return firsts(kinds, ({ finding }) => finding.signature);
}

function firsts<T>(all: readonly T[], nameOf: (one: T) => string): T[] {
  const names = new Set<string>();
  return all.filter((one) => names.size < names.add(nameOf(one)).size);
}

function signatureOf({
  c,
  violation: { check, subject },
}: Pick<Failure, 'c' | 'violation'>): string {
  return `${check}:${subject}:${c.alg}:${c.op}:${layoutClass(c.layout)}`;
}

function describeFinding(c: Case, violation: Violation, order: Failure['order']): Finding {
  const { check, subject, detail } = violation;
  return {
    signature: signatureOf({ c, violation }),
    token: encodeToken(c),
    order,
    check,
    alg: c.alg,
    layout: describeLayout(c.layout),
    summary: `${subject}: ${describeCase(c)}: ${detail.split('\n')[0]}`,
  };
}

/**
 * Findings: broken rules with a signature, the smallest case that shows them, and a replay token.
 * @module
 */

import { encodeToken } from '../campaign/replay.ts';
import type { Case } from '../case/case.ts';
import { describeLayout, layoutClass } from '../case/layout.ts';
import { shrinkCase } from '../case/shrink.ts';
import { describeCase, type Violation } from './judge.ts';

export interface Finding {
  /** Equal for what is probably one bug: check, subject, algorithm, operation, layout class. */
  readonly signature: string;
  /** Replays the smallest case. */
  readonly token: string;
  readonly check: string;
  readonly alg: string;
  /** The layout in testmgr's grammar. */
  readonly layout: string;
  readonly summary: string;
}

/** A finding with the case behind it, for drawing. */
export interface Discovery {
  readonly finding: Finding;
  readonly c: Case;
  readonly violation: Violation;
}

/** Distinct findings that are shrunk and kept; more of them say nothing new. */
const MOST = 20;

/** Collects findings, one for each signature. */
export class Findings {
  readonly discoveries: Discovery[] = [];
  private readonly seen = new Set<string>();
  private readonly judge: (c: Case) => readonly Violation[];

  /** @param judge runs a case; must be deterministic. */
  constructor(judge: (c: Case) => readonly Violation[]) {
    this.judge = judge;
  }

  /**
   * Takes the first violation of a case, unless its like is already known.
   * @param shrinkable false when only the case as it is has a known result.
   */
  add(c: Case, violation: Violation, shrinkable: boolean): void {
    const rough = `${violation.check}:${violation.subject}:${c.alg}:${c.op}:${layoutClass(c.layout)}`;
    if (this.seen.has(rough) || this.discoveries.length >= MOST) return;
    this.seen.add(rough);
    const small = shrinkable ? shrinkCase(c, violation, this.judge) : c;
    const now = small === c ? violation : this.again(small, violation);
    const finding = describeFinding(small, now);
    if (this.discoveries.some((d) => d.finding.signature === finding.signature)) return;
    this.discoveries.push({ finding, c: small, violation: now });
  }

  /** The same violation as the smaller case shows it. */
  private again(small: Case, { check, subject, detail }: Violation): Violation {
    const same = this.judge(small).find((v) => v.check === check && v.subject === subject);
    return same ?? { check, subject, detail };
  }
}

function describeFinding(c: Case, { check, subject, detail }: Violation): Finding {
  return {
    signature: `${check}:${subject}:${c.alg}:${c.op}:${layoutClass(c.layout)}`,
    token: encodeToken(c),
    check,
    alg: c.alg,
    layout: describeLayout(c.layout),
    summary: `${subject}: ${describeCase(c)}: ${detail.split('\n')[0]}`,
  };
}

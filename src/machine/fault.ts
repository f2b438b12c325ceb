/**
 * Fault injection: a plan says which call of which point fails, and nothing else is random.
 *
 * The true memory stays as it is; a fault is a decision at a named point, so the same case without its
 * plan shows what should have happened.
 * @module
 */

/** Where a failure can be injected. */
export type FaultPoint = 'kmalloc' | 'page-alloc' | 'user-copy' | 'gup' | 'dma-map' | 'device';

/** The `nth` call (from 1) of `point` fails. */
export interface Fault {
  readonly point: FaultPoint;
  readonly nth: number;
}

export class FaultPlan {
  private plan: readonly Fault[] = [];
  private readonly calls = new Map<FaultPoint, number>();

  /** Replaces the plan and starts counting anew. */
  arm(plan: readonly Fault[]): void {
    this.plan = plan;
    this.calls.clear();
  }

  /** Counts one call. @returns true when this call must fail. */
  hit(point: FaultPoint): boolean {
    if (this.plan.length === 0) return false;
    const nth = (this.calls.get(point) ?? 0) + 1;
    this.calls.set(point, nth);
    return this.plan.some((fault) => fault.point === point && fault.nth === nth);
  }

  /** True when every fault of the plan has struck: a plan that missed its code tests nothing. */
  exhausted(): boolean {
    return this.plan.every((fault) => (this.calls.get(fault.point) ?? 0) >= fault.nth);
  }
}

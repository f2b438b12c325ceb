/**
 * Fault injection: a plan says which call of which point fails, and nothing else is random.
 *
 * The true memory stays as it is; a fault is a decision at a named point, so the same case without its
 * plan shows what should have happened.
 * @module
 */

/** Where a failure can be injected. */
export const FAULT_POINTS = [
  'kmalloc',
  'page-alloc',
  'user-copy',
  'gup',
  'dma-map',
  'queue',
  'device',
] as const;

/**
 * - `kmalloc`, `page-alloc`: an allocation
 * - `user-copy`, `gup`: a copy from or to user memory, pages of it that are pinned
 * - `dma-map`: a mapping for a device
 * - `queue`: room in the queue of a driver
 * - `device`: a step of a device
 */
export type FaultPoint = (typeof FAULT_POINTS)[number];

/** The `nth` call (from 1) of `point` fails. */
export interface Fault {
  readonly point: FaultPoint;
  readonly nth: number;
}

export class FaultPlan {
  /** Calls that were made to fail since the last reset. */
  struck = 0;
  private plan: readonly Fault[] = [];
  private readonly calls = new Map<FaultPoint, number>();

  /** Replaces the plan and starts counting anew. */
  arm(plan: readonly Fault[]): void {
    this.plan = plan;
    this.calls.clear();
  }

  /** Disarms, and forgets what has struck. */
  reset(): void {
    this.arm([]);
    this.struck = 0;
  }

  /** Counts one call. @returns true when this call must fail. */
  hit(point: FaultPoint): boolean {
    if (this.plan.length === 0) return false;
    const nth = (this.calls.get(point) ?? 0) + 1;
    this.calls.set(point, nth);
    const isHit = this.plan.some((fault) => fault.point === point && fault.nth === nth);
    if (isHit) this.struck++;
    return isHit;
  }

  /** True when every fault of the plan has struck: a plan that missed its code tests nothing. */
  exhausted(): boolean {
    return this.plan.every((fault) => (this.calls.get(fault.point) ?? 0) >= fault.nth);
  }
}

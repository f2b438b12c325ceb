/**
 * The execution context: task or interrupt, atomic or not, inside an RCU read section or not.
 *
 * Checked: sleeping where it is forbidden, unbalanced sections. Not checked: lock order, because only
 * one processor runs at a time, to the end of its work, and there are no locks.
 * C: include/linux/preempt.h, include/linux/kernel.h might_sleep (6.1)
 * @module
 */
import { KernelBug } from '../assert.ts';

/** Processors that queues of one for each are made for; which of them runs is for the caller to say. */
export const NR_CPUS = 4;

/** May wait for memory. @kernel GFP_KERNEL */
export const GFP_KERNEL = 0xcc0;
/** Takes what there is. @kernel GFP_ATOMIC */
export const GFP_ATOMIC = 0xa20;

/** How an allocation may be made. */
export type Gfp = typeof GFP_KERNEL | typeof GFP_ATOMIC;

/** What ran before something else did. */
export interface Interrupted {
  readonly cpu: number;
  readonly isAtomic: boolean;
  readonly counters: readonly number[];
}

/** The counters that say what the running code may do, and which processor runs it. */
export class Context {
  /** The processor that runs: work runs on the one that queued it. @kernel smp_processor_id */
  cpu = 0;
  /** Depth of sections that forbid sleeping: spin locks, kmap_atomic, preempt_disable. */
  atomic = 0;
  /** Depth of softirq execution or disabled bottom halves. */
  softirq = 0;
  /** The part of `softirq` that is execution: a disabled bottom half leaves the task a task. */
  serving = 0;
  hardirq = 0;
  /**
   * Atomic mappings that were never undone. On the certified kernels (no CONFIG_PREEMPT_COUNT) they
   * show in the count of pagefault_disable alone, so that they do not make the task atomic.
   */
  pagefault = 0;
  /** Depth of `rcu_read_lock`. */
  rcu = 0;

  reset(): void {
    this.cpu = 0;
    this.atomic = 0;
    this.softirq = 0;
    this.serving = 0;
    this.hardirq = 0;
    this.pagefault = 0;
    this.rcu = 0;
  }

  /** Something else runs, in no section of this one. @returns what `resume` goes on with. */
  suspend(): Interrupted {
    const { cpu, atomic, softirq, serving, hardirq, pagefault, rcu } = this;
    const isAtomic = this.inAtomic();
    this.reset();
    this.cpu = cpu;
    return { cpu, isAtomic, counters: [atomic, softirq, serving, hardirq, pagefault, rcu] };
  }

  /** Goes on where `suspend` was called. */
  resume({ cpu, counters }: Interrupted): void {
    this.cpu = cpu;
    [this.atomic, this.softirq, this.serving, this.hardirq, this.pagefault, this.rcu] = counters;
  }

  /** @kernel in_atomic, including interrupt context. */
  inAtomic(): boolean {
    return this.atomic + this.softirq + this.hardirq > 0;
  }

  /** @kernel in_softirq: executing one, or bottom halves disabled. */
  inSoftirq(): boolean {
    return this.softirq > 0;
  }

  /** @kernel in_task */
  inTask(): boolean {
    return this.hardirq === 0 && this.serving === 0;
  }

  /** @kernel local_bh_disable */
  localBhDisable(): void {
    this.softirq++;
  }

  localBhEnable(): void {
    if (this.softirq === 0) throw new KernelBug('local_bh_enable without local_bh_disable');
    this.softirq--;
  }

  /** Does something with bottom halves disabled; they are enabled again also when it throws. */
  withBhDisabled<T>(work: () => T): T {
    this.localBhDisable();
    try {
      return work();
    } finally {
      this.localBhEnable();
    }
  }

  /**
   * Must be called by everything that may block.
   * @throws KernelBug in atomic, interrupt or RCU read-side context.
   */
  mightSleep(where: string): void {
    if (this.rcu > 0) {
      throw new KernelBug('sleeping function called inside an RCU read section', { where });
    }
    if (this.inAtomic()) {
      throw new KernelBug('sleeping function called from invalid context', { where });
    }
  }

  /** Must be called by everything that allocates. @throws KernelBug as `mightSleep`. @kernel might_alloc */
  mightAlloc(gfp: Gfp, where: string): void {
    if (gfp === GFP_KERNEL) this.mightSleep(where);
  }

  rcuReadLock(): void {
    this.rcu++;
  }

  rcuReadUnlock(): void {
    if (this.rcu === 0) throw new KernelBug('rcu_read_unlock without rcu_read_lock');
    this.rcu--;
  }

  /** Enters a section that must not sleep. */
  enterAtomic(): void {
    this.atomic++;
  }

  leaveAtomic(): void {
    if (this.atomic === 0) throw new KernelBug('preempt count underflow');
    this.atomic--;
  }
}

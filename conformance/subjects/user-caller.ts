/**
 * The caller of a request with memory of a process: lends it before the submission, and takes it back when the
 * request is over, whatever came of it. What came out of a copy it brings home when it runs again, behind the
 * completion, and only where all went well: blk_rq_unmap_user has nobody who would tell it.
 *
 * User memory that was given back is another's from there on: whoever touches it for the request traps.
 * @module
 */
import type { Errno } from '../../src/errno.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { PHYS_BASE, physToPfn } from '../../src/machine/phys-mem.ts';
import { SHADOW_REDZONE } from '../../src/machine/shadow.ts';
import type { Caller } from '../case/case.ts';
import { type Placed, resplit, sliceRuns } from '../case/placed.ts';
import type { Held, HeldAt } from '../judge/observe.ts';
import { HoldWatch } from './hold-watch.ts';
import { type Loan, lengthOf, TAKERS, type UserRange } from './loans.ts';
import type { Operation, RequestCaller } from './operation.ts';
import { isAccepted } from './submit.ts';

/** A loan, and its place in the list of the request. */
interface Lent {
  readonly at: number;
  readonly len: number;
  readonly loan: Loan;
}

/** What a caller got for its request in the end. */
export interface CallerOutcome {
  readonly held: Held;
  /** What it answers to the process, where that is not what the request came to. */
  readonly failed?: Errno;
}

export class UserCaller implements RequestCaller {
  /** What the request is given instead of the lists of the operation. */
  readonly src: readonly Placed[];
  readonly dst: readonly Placed[];
  protected readonly op: Operation;
  protected readonly how: Caller;
  protected readonly lent: Lent[] = [];
  private readonly lists: boolean;
  /** What is written to. */
  private readonly targets: readonly Lent[];
  private readonly watch: HoldWatch;
  /** What the request came to; null while it is not over. */
  protected result: Errno | null = null;

  /**
   * @param lists lends to an API of scatterlists
   * @throws Refused where something could not be had; then nothing is held
   */
  constructor(op: Operation, how: Caller, lists: boolean) {
    this.op = op;
    this.how = how;
    this.lists = lists;
    const { inplace } = op.c.layout;
    const isApart = inplace === 'no';
    this.watch = new HoldWatch(op, how, lists);
    try {
      this.src = this.lend(op.src, !isApart, false);
      const sources = this.lent.length;
      if (isApart) this.dst = this.lend(op.dst, true, true);
      else if (inplace === 'same') this.dst = this.src;
      else
        this.dst = resplit(
          this.src,
          op.dst.map(({ len }) => len),
        );
      this.targets = this.lent.slice(isApart ? sources : 0);
    } catch (error) {
      this.release();
      throw error;
    }
    this.look('taken');
  }

  /** The request has been accepted, and is in flight unless it is over already. */
  accepted(): void {
    if (this.result === null) this.look('in flight');
  }

  /** The request is over. */
  over(result: Errno): void {
    if (this.result !== null) return;
    this.result = result;
    this.look('over');
    if (this.how === 'copy') return;
    this.release();
    this.forbid();
  }

  /**
   * The caller runs again, behind all that there was to do.
   * @param result what the request came to, also where it was never submitted
   * @param produced bytes of its result, behind the AD of the destination
   */
  end(result: Errno, produced: number): CallerOutcome {
    const isPending = isAccepted(result);
    this.over(result);
    const from = this.op.input.ad.length;
    const wanted = this.how === 'copy' ? this.targetBytes(this.dst, from, produced) : null;
    let failed: Errno = 0;
    if (wanted !== null) {
      if (this.mayBring(result)) failed = this.bring(from, produced);
      this.release();
    }
    this.look('released');
    const arrival = wanted === null ? null : this.arrivalOf(wanted, from, produced);
    const held: Held = { moments: this.watch.moments, isPending, arrival };
    return failed === 0 ? { held } : { held, failed };
  }

  /** Whether what came out is brought home. */
  protected mayBring(result: Errno): boolean {
    return result === 0;
  }

  /** Gives back what was taken. */
  protected release(): void {
    for (const { loan } of this.lent.splice(0)) loan.release();
  }

  /** Brings `produced` bytes home that begin at byte `from` of the destination. */
  private bring(from: number, produced: number): Errno {
    for (const { at, len, loan } of this.targets) {
      const first = Math.max(at, from);
      const end = Math.min(at + len, from + produced);
      if (first >= end) continue;
      const bytes = this.op.memory.read(this.dst, first, end - first);
      const err = loan.bring?.(first - at, bytes) ?? 0;
      if (err !== 0) return err;
    }
    return 0;
  }

  private look(when: HeldAt['when']): void {
    this.watch.look(
      when,
      this.lent.flatMap(({ loan }) => loan.bounce),
    );
  }

  /** The list of a request: what is a kernel's as it is, what is a process's lent. */
  private lend(list: readonly Placed[], write: boolean, fresh: boolean): readonly Placed[] {
    const { memory } = this.op;
    const out: Placed[] = [];
    let at = 0;
    for (const { isUser, segments } of rangesOf(list)) {
      const len = lengthOf(segments);
      if (!isUser) out.push(...segments);
      else if (len > 0) {
        const range: UserRange = { memory, segments, write, fresh, lists: this.lists };
        const loan = TAKERS[this.how](range);
        this.lent.push({ at, len, loan });
        out.push(...loan.placed);
      }
      at += len;
    }
    return out.length === 0 && list.length > 0 ? [emptyEntry(memory.machine)] : out;
  }

  /** Nothing of the process's memory is the request's any more. */
  private forbid(): void {
    const { memory, src, dst } = this.op;
    for (const { user, runs } of [...src, ...dst]) {
      if (user === null) continue;
      for (const { phys, len } of runs) {
        memory.machine.shadow.mark(phys - PHYS_BASE, len, SHADOW_REDZONE);
      }
    }
  }

  /** What stands in a list where the result goes, as far as that is lent. */
  private targetBytes(list: readonly Placed[], from: number, produced: number): Buffer {
    return Buffer.concat(
      this.targetRanges(from, produced).map(([first, len]) =>
        this.op.memory.read(list, first, len),
      ),
    );
  }

  private arrivalOf(wanted: Buffer, from: number, produced: number): NonNullable<Held['arrival']> {
    const { memory, dst } = this.op;
    const runs = this.targetRanges(from, produced).flatMap(([first, len]) =>
      sliceRuns(dst, first, len),
    );
    return {
      isComplete: wanted.equals(this.targetBytes(dst, from, produced)),
      isTouched: memory.changedIn(runs) >= 0,
    };
  }

  private targetRanges(from: number, produced: number): [first: number, len: number][] {
    return this.targets.flatMap(({ at, len }) => {
      const first = Math.max(at, from);
      const end = Math.min(at + len, from + produced);
      return first < end ? [[first, end - first]] : [];
    });
  }
}

/** Makes the caller of an operation. */
export type MakeCaller = (...about: ConstructorParameters<typeof UserCaller>) => UserCaller;

export const newCaller: MakeCaller = (...about) => new UserCaller(...about);

/** Neighbours that are memory of a process, and the others. */
function rangesOf(
  list: readonly Placed[],
): { readonly isUser: boolean; readonly segments: Placed[] }[] {
  const ranges: { readonly isUser: boolean; readonly segments: Placed[] }[] = [];
  for (const segment of list) {
    const isUser = segment.user !== null;
    const last = ranges.at(-1);
    if (last?.isUser === isUser) last.segments.push(segment);
    else ranges.push({ isUser, segments: [segment] });
  }
  return ranges;
}

/** A list of nothing has an entry. */
function emptyEntry({ zeroPage }: Machine): Placed {
  const page = physToPfn(zeroPage);
  return { kind: 'page', len: 0, virt: null, user: null, page, offset: 0, runs: [] };
}

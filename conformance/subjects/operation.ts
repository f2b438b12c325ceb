/**
 * An operation: a case in memory, as one API gets it.
 * @module
 */
import type { Errno } from '../../src/errno.ts';
import type { Case } from '../case/case.ts';
import type { CaseMemory } from '../case/memory.ts';
import type { Placed } from '../case/placed.ts';
import type { CaseInput } from '../judge/observe.ts';

/** A case in memory, as one API gets it. */
export interface Operation {
  readonly c: Case;
  readonly input: CaseInput;
  readonly memory: CaseMemory;
  /** AD, text and (decrypt) tag. */
  readonly src: readonly Placed[];
  /** Room for AD, text and (encrypt) tag; the same array as `src` for one list in place. */
  readonly dst: readonly Placed[];
  /** To be done first, on the same transform; its result does not count. */
  readonly earlier: Operation | null;
  /** The same on memory of its own, to be done behind it on the same transform without any fault. */
  readonly later: Operation | null;
  /** Whose lists these are, where they are of a process; absent: they stay. */
  readonly caller?: RequestCaller;
}

/** Who is told what becomes of a request. */
export interface RequestCaller {
  /** It has been accepted, and may be over already. */
  accepted(): void;
  over(result: Errno): void;
}

/**
 * Where laws are checked: one API on a machine of its own, and operations on it that are watched.
 *
 * A law is a sentence about every algorithm of a kind that needs no reference: it compares what an API
 * does with what the same API does otherwise. Known answers and the reference are elsewhere.
 *
 * Verified besides, in every operation of every law: nothing outside of the permitted bytes is
 * written, lists and iterators of the caller stay as they were, everything taken is given back, and
 * nothing that a kernel would warn about. Not verified: atomic contexts and injected faults, which the
 * campaign draws.
 * @module
 */
import { type Errno, errnoName } from '../../src/errno.ts';
import { Machine } from '../../src/machine/machine.ts';
import { Prng } from '../../src/prng.ts';
import type { Algorithm } from '../algorithms/row.ts';
import { type Case, type Layout, materialise } from '../case/case.ts';
import { CaseMemory } from '../case/memory.ts';
import { type Placed, sliceRuns } from '../case/placed.ts';
import type {
  AeadSubject,
  AhashSubject,
  AnyApi,
  DataKind,
  DataSubject,
  Prepared,
  SkcipherSubject,
} from '../subjects/api.ts';
import { placeTarget } from '../subjects/machine-subject.ts';
import { Submission } from '../subjects/submit.ts';
import { same } from './provider/laws.ts';

const MEMORY = 8 << 20;
/** Bytes that a walk gathers at once under every odd seed, so that short texts take several steps. */
const GATHERED = 64;

/** One driver of an algorithm. */
export interface Trial<R extends Algorithm> {
  readonly row: R;
  readonly driver: string;
  readonly async: boolean;
  /** True where it can be had behind cryptd. */
  readonly queued: boolean;
  /** True where a byte kernel is OpenSSL's: fast, and silent about the states of its hashes. */
  readonly fast: boolean;
}

/** A sentence about the algorithms of a kind, and the check of it, which throws when it is broken. */
export interface Law<R extends Algorithm> {
  readonly name: string;
  /** True for a driver about which the sentence says something. Default: all. */
  readonly about?: (trial: Trial<R>) => boolean;
  readonly check: <P extends Prepared>(lab: Lab<P>, trial: Trial<R>) => void;
}

/** An operation that is to be watched. */
export interface Task<P extends Prepared> {
  readonly layout: Layout;
  /** What the source holds from its first byte on. */
  readonly content: Uint8Array;
  /** Bytes of the destination that may be written. */
  readonly from: number;
  readonly to: number;
  readonly call: (at: P, submission: Submission) => Errno;
}

/** What an operation showed. */
export interface Shown {
  /** The final result, what the submission returned, and what the callback was called with. */
  readonly err: Errno;
  readonly ret: Errno;
  readonly completions: readonly Errno[];
  /** The bytes `from` to `to` of the destination. */
  readonly out: Uint8Array;
  /** True when no byte was written that is the caller's. Must be asked before the next operation. */
  readonly untouched: () => boolean;
  /** The destination, and a second look at it. */
  readonly dst: readonly Placed[];
}

/** Bytes that were flipped: refused with -EBADMSG, or taken where the definition leaves them out. */
export interface Flipped {
  /** Drivers, and those of them of which no byte was passed over. */
  drivers: number;
  whole: number;
  readonly refused: Record<'ad' | 'text' | 'tag', number>;
  taken: number;
  /** Bytes at the end of the associated data that layouts treat differently: not flipped. */
  omitted: number;
}

export class Lab<P extends Prepared> {
  readonly memory: CaseMemory;
  readonly api: AnyApi<P>;
  readonly prng: Prng = new Prng(0);
  /** Comparisons of the running law: one that compared nothing was not checked. */
  compared = 0;
  /** Who left bytes in memory as the kernel does: what `residue.ts` allows must occur. */
  readonly leftovers: Set<string> = new Set();
  /** Bytes of messages that were flipped, one at a time, by algorithm. */
  readonly flips: Map<string, Flipped> = new Map();
  /** How many drivers each law was checked on. */
  readonly checked: Map<string, number> = new Map();

  constructor(make: (machine: Machine) => AnyApi<P>) {
    const machine = new Machine({ memory: MEMORY });
    this.memory = new CaseMemory(machine);
    this.api = make(machine);
  }

  /** Checks one law on one driver. @returns how it is broken, or null. */
  broken<R extends Algorithm>(law: Law<R>, trial: Trial<R>, seed: number): string | null {
    const { memory, prng } = this;
    const { machine } = memory;
    memory.reset(seed, seed % 2 === 0 ? 0 : GATHERED);
    prng.reseed(seed);
    this.compared = 0;
    const about = `${trial.row.kind}: ${law.name}`;
    this.checked.set(about, (this.checked.get(about) ?? 0) + 1);
    try {
      law.check(this, trial);
    } catch (error) {
      this.api.renew();
      return `${law.name}: ${error instanceof Error ? error.message : String(error)}`;
    }
    memory.mm.exit();
    memory.cache.truncate();
    const held = machine.ledger.holdings().filter(({ who }) => who !== 'case');
    if (held.length > 0) return `${law.name}: ${held[0].kind} of ${held[0].who} not given back`;
    if (machine.warnings.length > 0) return `${law.name}: ${machine.warnings[0]}`;
    return this.compared === 0 ? `${law.name}: nothing was compared` : null;
  }

  skcipher(driver: string): SkcipherSubject<P> {
    return opened(driver, this.api.skcipher(driver));
  }

  aead(driver: string): AeadSubject<P> {
    return opened(driver, this.api.aead(driver));
  }

  ahash(driver: string): AhashSubject<P> {
    return opened(driver, this.api.ahash(driver));
  }

  data(driver: string, kind: DataKind): DataSubject<P> {
    if (this.api.data === undefined) throw new Error(`${this.api.name} has no ${kind}`);
    return opened(driver, this.api.data(driver, kind));
  }

  bytes(len: number): Uint8Array {
    return materialise({ seed: this.prng.u32(), len });
  }

  /** @throws Error with the first difference. */
  same(actual: Uint8Array, expected: Uint8Array, what: string): void {
    this.compared++;
    same(actual, expected, what);
  }

  /** @throws Error when the result is another one. */
  result(actual: Errno, expected: Errno, what: string): void {
    this.compared++;
    if (actual === expected) return;
    throw new Error(`${what}: ${errnoName(actual)} instead of ${errnoName(expected)}`);
  }

  /** @throws Error when it does not hold. */
  holds(condition: boolean, what: string): void {
    this.compared++;
    if (!condition) throw new Error(what);
  }

  /** Any flags that must not matter. */
  private context(): Case['context'] {
    const sleep = this.prng.oneIn(2);
    return {
      sleep,
      backlog: this.prng.oneIn(2),
      atomic: false,
      reuse: false,
      fault: 0,
      gather: 0,
      forbidWeak: false,
    };
  }

  /** Places memory, runs an operation on it, and looks at everything that it may not have done. */
  operate(task: Task<P>): Shown {
    const { memory } = this;
    const { layout, content, from, to } = task;
    const src = memory.place(layout.src);
    const dst =
      layout.dst.length === 0 && layout.inplace === 'no' ? [] : placeTarget(memory, layout, src);
    memory.write(src, 0, content);
    return { ...this.watch(task, src, dst), out: memory.read(dst, from, to - from), dst };
  }

  /** `operate` on memory that is there: writes to it since the last operation are the caller's own. */
  watch(
    { layout, from, to, call }: Pick<Task<P>, 'layout' | 'from' | 'to' | 'call'>,
    src: readonly Placed[],
    dst: readonly Placed[],
  ): Omit<Shown, 'out' | 'dst'> {
    const { memory, api } = this;
    memory.sync();
    const submission = new Submission(memory.machine, { context: this.context() });
    const at = api.prepare({ memory, layout, src, dst });
    const err = call(at, submission);
    at.release();
    const [changed] = [...at.changes(), ...at.moved()];
    if (changed !== undefined) throw new Error(changed);
    if (memory.strayWrites(sliceRuns(dst, from, to - from)).length > 0) {
      throw new Error('a byte was written that is not part of the destination');
    }
    const untouched = (): boolean => memory.strayWrites([]).length === 0;
    return { err, ret: submission.ret, completions: submission.completions, untouched };
  }
}

function opened<T>(driver: string, tfm: T | Errno): T {
  if (typeof tfm === 'number') throw new Error(`${driver}: ${errnoName(tfm)}`);
  return tfm;
}

/** A key that the algorithm takes; empty for a hash without key. */
export function goodKey({ key }: Algorithm, prng: Prng): Uint8Array {
  if (key.draw === null) return new Uint8Array(0);
  for (;;) {
    const bytes = materialise(key.draw(prng));
    if (key.check(bytes) === 0) return bytes;
  }
}

/** Longer than every key. */
const TOO_LONG = 2000;

/** Keys that the algorithm refuses: a little longer and shorter than one that it takes, none, too long. */
export function badKeys({ key }: Algorithm, good: Uint8Array): Uint8Array[] {
  const longer = new Uint8Array(good.length + 1);
  longer.set(good);
  const candidates = [longer, good.slice(0, -1), new Uint8Array(0), new Uint8Array(TOO_LONG)];
  return candidates.filter((bytes) => key.check(bytes) !== 0);
}

/**
 * True for drivers that are one fast byte kernel and no instance: they alone are cheap enough for texts
 * longer than 64 KiB, and the others hand such texts on to them.
 */
export function isFastKernel({ fast, driver }: Trial<Algorithm>): boolean {
  return fast && !driver.includes('(');
}

/** False for keys of any size, and for algorithms that have none. */
export function refusesKeys({ row }: Trial<Algorithm>): boolean {
  return [1, TOO_LONG].some((size) => row.key.check(new Uint8Array(size)) !== 0);
}

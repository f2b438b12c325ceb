/**
 * The tracer: everything that one API does to a machine, as steps.
 *
 * It puts itself in front of the doors of the machine (accesses, ledger, scheduler) for the time of one
 * run, and takes the functions that were running from the stack, so neither API knows of it.
 *
 * Seen: every access through the machine, everything taken and returned, queued work, completions, the
 * caller's buffers and lists as they change. Not seen: what happens in private buffers of the code.
 * @module
 */
import { KernelBug } from '../../src/assert.ts';
import { EINPROGRESS, errnoName } from '../../src/errno.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { PHYS_BASE } from '../../src/machine/phys-mem.ts';
import type { Prepared } from '../subjects/api.ts';
import type { Operation } from '../subjects/operation.ts';
import { offsetOf } from '../subjects/places.ts';
import { Refused, type Submission } from '../subjects/submit.ts';
import { readStack, stackHere } from './frames.ts';
import type { MemoryMap } from './memory-map.ts';
import {
  attributed,
  joined,
  MOST_BYTES,
  NO_BYTES,
  NO_STACK,
  type Phase,
  type Step,
  type StepKind,
  type Touch,
} from './step.ts';

/** Steps that are kept of one side; a case of a megabyte in small pieces makes some thousand. */
const MOST_STEPS = 50_000;

/** What of the caller is watched while a request runs. */
interface Watched {
  readonly submission: Submission;
  readonly at: Prepared;
  /** The IV or the result. */
  readonly kind: 'iv' | 'result';
  readonly bytes: Uint8Array;
}

/** A request that is given to the API. */
export interface Given {
  readonly watched: Watched;
  readonly words: string;
}

/** What was known of it when it was last looked at. */
interface Known {
  readonly watched: Watched;
  readonly bytes: Uint8Array;
  answered: boolean;
  /** It was completed before its submission returned. */
  isOver: boolean;
  changes: string;
  moved: string;
}

export class Tracer {
  steps: Step[] = [];
  /** Steps that were not kept. */
  dropped = 0;
  phase: Phase = 'setup';
  private readonly machine: Machine;
  private map: MemoryMap | null = null;
  /** Above 0 inside a door of the machine: what that does in turn is no step. */
  private depth = 0;
  /** Requests that were given and not taken back, by their numbers. */
  private readonly known = new Map<number, Known>();
  /** The request that is being given; -1 for none. */
  private giving = -1;
  private warnings = 0;
  private undo: (() => void)[] = [];
  /** Who took what is held, by its key. */
  private readonly takers = new Map<string, string>();

  constructor(machine: Machine) {
    this.machine = machine;
  }

  /** Begins anew. Must be ended with `stop`. */
  start(map: MemoryMap): void {
    this.steps = [];
    this.known.clear();
    this.giving = map.isProgram ? -1 : 0;
    this.dropped = 0;
    this.phase = 'setup';
    this.map = map;
    this.depth = 0;
    this.warnings = this.machine.warnings.length;
    this.takers.clear();
    this.standAtAccesses();
    this.standAtLedger();
    this.standAtScheduler();
  }

  /** Leaves the machine as it was. */
  stop(): void {
    this.look();
    for (const undo of this.undo.splice(0)) undo();
    for (const { watched } of this.known.values()) watched.submission.seen = null;
    this.known.clear();
    this.steps = attributed(this.steps);
    this.map = null;
  }

  /** A broken contract ends the run: where it was found is its last step. */
  trap(error: Error): void {
    this.look();
    const [words = ''] = error.message.split('\n');
    const at = error instanceof KernelBug ? offsetOf(error) : null;
    const read = at === null ? null : this.touch(at, 1);
    this.keep({ kind: 'trap', stack: readStack(error.stack ?? ''), read, words });
  }

  /** A request is about to be given to the API. */
  submit(watched: Watched, phase: Phase, words: string): void {
    this.look();
    this.phase = phase;
    const { submission } = watched;
    const { number } = submission;
    const bytes = watched.bytes.slice();
    const known = { watched, bytes, answered: false, isOver: false, changes: '', moved: '' };
    this.known.set(number, known);
    submission.ret = 0;
    submission.seen = (err) => {
      this.look();
      if (err !== -EINPROGRESS && !known.answered) known.isOver = true;
      this.tell('complete', number, errnoName(err));
    };
    this.tell('submit', number, words);
  }

  /** The request of `submit` has its final result. */
  submitted({ number }: Submission): void {
    this.answered(number);
    this.known.delete(number);
    this.phase = 'end';
  }

  /** Requests of a program are given in one call, and may stay in flight. */
  give(all: readonly Given[], run: () => void): void {
    for (const { watched, words } of all) this.submit(watched, 'operation', words);
    const before = this.giving;
    // Which of several a driver works on is told by the memory that it touches.
    this.giving = all.length === 1 ? all[0].watched.submission.number : -1;
    run();
    for (const { watched } of all) this.answered(watched.submission.number);
    this.giving = before;
  }

  /** What is given back when the requests are over. Who does it with requests in flight is stopped, and goes on. */
  end(run: () => void): void {
    this.look();
    const before = this.phase;
    this.phase = 'end';
    try {
      run();
    } catch (error) {
      this.phase = before;
      throw error;
    }
  }

  /** What a caller does for a request with the memory of a process. @param wordsOf says what it came to */
  caller<T>(op: Operation, kind: 'lend' | 'back', run: () => T, wordsOf: (done: T) => string): T {
    this.look();
    const [phase, giving] = [this.phase, this.giving];
    this.phase = 'operation';
    this.giving = this.map?.requestOf(op) ?? giving;
    try {
      const done = run();
      this.tell(kind, this.giving, wordsOf(done));
      return done;
    } catch (error) {
      if (error instanceof Refused) this.tell(kind, this.giving, `refused, ${error.message}`);
      throw error;
    } finally {
      [this.phase, this.giving] = [phase, giving];
    }
  }

  get isProgram(): boolean {
    return this.map?.isProgram ?? false;
  }

  /** A step that is a word of the caller's, or to the caller. */
  tell(kind: StepKind, request: number, words: string): void {
    this.keep({ kind, request, words: `${this.map?.prefix(request) ?? ''}${words}` });
  }

  /** A call that is no request: setkey and its like. */
  call<T extends number>(phase: Phase, words: string, run: () => T): T {
    const before = this.phase;
    this.phase = phase;
    this.keep({ kind: 'submit', words });
    const err = run();
    this.keep({ kind: 'answer', words: `${words.split(' ')[0]} ${errnoName(err)}` });
    this.phase = before;
    return err;
  }

  // ---- doors -------------------------------------------------------------------------------

  private standAtAccesses(): void {
    const { machine } = this;
    const { load, store, copy, fill, checkWrite } = machine;
    const touch = (at: number, len: number): Touch => this.touch(at - PHYS_BASE, len);
    machine.load = (at, len) => {
      if (this.depth === 0 && len > 0) this.see({ kind: 'read', read: touch(at, len) });
      return this.inside(() => load.call(machine, at, len));
    };
    machine.store = (at, bytes) => {
      const write = this.depth === 0 && bytes.length > 0 ? touch(at, bytes.length) : null;
      this.inside(() => store.call(machine, at, bytes));
      if (write !== null) this.see({ kind: 'write', write });
    };
    machine.copy = (dst, src, len) => {
      const seen = this.depth === 0 && len > 0;
      const step = seen ? { read: touch(src, len), write: touch(dst, len) } : null;
      this.inside(() => copy.call(machine, dst, src, len));
      if (step !== null) this.see({ kind: 'copy', ...step });
    };
    machine.fill = (at, len, value) => {
      const write = this.depth === 0 && len > 0 ? touch(at, len) : null;
      this.inside(() => fill.call(machine, at, len, value));
      if (write !== null) this.see({ kind: 'fill', write, words: `with ${value}` });
    };
    machine.checkWrite = (at, len) => {
      const write = this.depth === 0 && len > 0 ? touch(at, len) : null;
      this.inside(() => checkWrite.call(machine, at, len));
      if (write !== null) this.see({ kind: 'write', write });
    };
    this.undo.push(() => Object.assign(machine, { load, store, copy, fill, checkWrite }));
  }

  private standAtLedger(): void {
    const { ledger } = this.machine;
    const { take, drop } = ledger;
    ledger.take = (kind, id, who, count) => {
      take.call(ledger, kind, id, who, count);
      // What the slab allocator takes to cut objects from is nobody's.
      if (who === 'slab' || kind === 'tfm') return;
      const key = `${kind}:${id}`;
      this.takers.set(key, who);
      this.map?.take(kind, id, who);
      this.see({ kind: 'take', words: `${kind} of ${who}`, key });
    };
    ledger.drop = (kind, id, count) => {
      drop.call(ledger, kind, id, count);
      const key = `${kind}:${id}`;
      const who = this.takers.get(key);
      if (who === undefined) return;
      this.map?.drop(kind, id);
      this.see({ kind: 'drop', words: `${kind} of ${who}`, key });
    };
    this.undo.push(() => Object.assign(ledger, { take, drop }));
  }

  private standAtScheduler(): void {
    const { scheduler } = this.machine;
    const { queueWork } = scheduler;
    scheduler.queueWork = (queue, work) => {
      this.see({ kind: 'queue', words: `${queue.name} (${queue.context})` });
      queueWork.call(scheduler, queue, () => {
        this.look();
        this.keep({ kind: 'run', words: `${queue.name} (${queue.context})` });
        work();
        this.look();
      });
    };
    this.undo.push(() => Object.assign(scheduler, { queueWork }));
  }

  private inside<T>(run: () => T): T {
    this.depth++;
    try {
      return run();
    } finally {
      this.depth--;
    }
  }

  // ---- steps -------------------------------------------------------------------------------

  private touch(at: number, len: number): Touch {
    const name = this.map?.name(at, len) ?? '';
    return { at, len, name, roles: this.map?.roles(at, len) ?? '' };
  }

  private see(step: Pick<Step, 'kind'> & Partial<Step>): void {
    this.look();
    this.keep({ stack: stackHere(), ...step });
  }

  private keep(step: Pick<Step, 'kind'> & Partial<Step>): void {
    const { write = null } = step;
    const at = write?.at ?? 0;
    const { u8 } = this.machine.mem;
    const bytes = write === null ? NO_BYTES : u8.slice(at, at + Math.min(write.len, MOST_BYTES));
    const { phase, steps } = this;
    const touched = this.requestAt(write ?? step.read ?? null);
    const request = touched < 0 ? this.giving : touched;
    const rest = { phase, request, stack: NO_STACK, read: null, write, bytes, words: '', key: '' };
    let whole: Step = { ...rest, ...step };
    for (let last = steps.at(-1); last !== undefined; last = steps.at(-1)) {
      const both = joined(last, whole);
      if (both === null) break;
      steps.pop();
      whole = both;
    }
    if (steps.length < MOST_STEPS) steps.push(whole);
    else this.dropped++;
  }

  /** What has changed since it was last looked at, in the order in which it can have happened. */
  private look(): void {
    const { known, machine } = this;
    for (; this.warnings < machine.warnings.length; this.warnings++) {
      this.keep({ kind: 'warn', words: machine.warnings[this.warnings] });
    }
    for (const [number, one] of known) this.lookAt(number, one);
  }

  private lookAt(number: number, known: Known): void {
    const { submission, at, kind, bytes } = known.watched;
    // An IV on the stack of a caller who has returned is gone.
    if (bytes.byteLength > 0 && Buffer.compare(bytes, known.bytes) !== 0) {
      known.bytes.set(bytes);
      this.tell(kind, number, Buffer.from(bytes).toString('hex'));
    }
    if (submission.ret !== 0 && !known.answered) this.answer(number, known);
    const changes = at.changes().join('; ');
    if (changes !== known.changes) this.tell('list', number, changes || 'as it was');
    known.changes = changes;
    const moved = at.moved().join('; ');
    if (moved !== known.moved) this.tell('iterator', number, moved || 'where they were');
    known.moved = moved;
  }

  /** What is not 0 was seen already. */
  private answered(number: number): void {
    this.look();
    const known = this.known.get(number);
    if (known?.answered === false) this.answer(number, known);
  }

  private answer(number: number, known: Known): void {
    known.answered = true;
    const over = known.isOver ? ', over already' : '';
    this.tell('answer', number, `${errnoName(known.watched.submission.ret)}${over}`);
  }

  private requestAt(touch: Touch | null): number {
    return touch === null ? -1 : (this.map?.areaAt(touch.at)?.request ?? -1);
  }
}

/**
 * Runs cases on any API: keys, requests and messages in the order that a case asks for.
 * @module
 */
import { assert, KernelBug } from '../../src/assert.ts';
import { ENOENT, type Errno } from '../../src/errno.ts';
import { must } from '../../src/machine/access.ts';
import type { Machine } from '../../src/machine/machine.ts';
import {
  type Case,
  isTagCut,
  type Program,
  requestCase,
  requestCount,
  sourceLength,
  targetLength,
} from '../case/case.ts';
import type {
  AeadSubject,
  AhashSubject,
  AnyApi,
  DataSubject,
  MessageSubject,
  Prepared,
  SkcipherSubject,
} from './api.ts';
import { runApiProgram } from './api-program.ts';
import { CallerIv, type IvPlace } from './caller-iv.ts';
import { producedLength, type Side } from './machine-subject.ts';
import type { Operation, RequestCaller } from './operation.ts';
import { type Outcome, OutcomeRecord, type ProgramOutcome, tagRefused } from './outcome.ts';
import { attempt, planOf, Refused, Submission, updateLengths } from './submit.ts';
import { type MakeCaller, newCaller } from './user-caller.ts';

export class ApiSide<P extends Prepared> implements Side {
  private readonly machine: Machine;
  private readonly api: AnyApi<P>;
  private readonly makeCaller: MakeCaller;
  /** Drivers that were asked for, by kind: looking one up costs as much as a short operation. */
  private readonly offered = new Map<Case['kind'], Map<string, boolean>>();

  constructor(machine: Machine, api: AnyApi<P>, makeCaller: MakeCaller = newCaller) {
    this.machine = machine;
    this.api = api;
    this.makeCaller = makeCaller;
  }

  get name(): string {
    return this.api.name;
  }

  /** Not through a shim: what it makes of a list is as long as memory goes on. */
  get mapsPages(): boolean {
    return this.api.name === 'legacy' || this.api.name === 'converted';
  }

  get joined(): boolean {
    return this.api.joined;
  }

  offers({ driver, kind }: Case): boolean {
    if (kind === 'iterator') return false;
    let offered = this.offered.get(kind);
    if (offered === undefined) {
      offered = new Map();
      this.offered.set(kind, offered);
    }
    let has = offered.get(driver);
    if (has === undefined) {
      has = this.api.offers(driver, kind);
      offered.set(driver, has);
    }
    return has;
  }

  declines(c: Case): string | null {
    if (c.program === undefined) return this.declinesOne(c);
    for (let number = 0; number < requestCount(c); number++) {
      const own = requestCase(c, number);
      // A completion runs where nothing may sleep.
      const atomic = own.context.atomic || c.program.requests[number - 1]?.when === 'callback';
      const reason = this.declinesOne({ ...own, context: { ...own.context, atomic } });
      if (reason !== null) return reason;
    }
    return null;
  }

  protected declinesOne(c: Case): string | null {
    const reason = this.api.declines?.(c) ?? null;
    return reason ?? (this.offers(c) ? null : 'no such driver');
  }

  renew(): void {
    this.api.renew();
  }

  run(op: Operation): Outcome {
    const { failing } = op.c.context;
    const { faults } = this.machine;
    if (failing !== undefined) faults.arm(planOf(op.c.context, failing));
    const outcome = op.c.context.caller === undefined ? this.runPlain(op) : this.runLent(op);
    if (failing !== undefined) faults.arm([]);
    return outcome;
  }

  private runPlain(op: Operation): OutcomeRecord {
    const at = attempt(() => this.prepare(op));
    if (at instanceof Refused) return unasked(at.errno);
    const outcome = this.operate(op, at);
    at.release();
    outcome.iterators = at.moved();
    outcome.form = at.changes();
    return outcome;
  }

  /** By a caller who takes what it needs of a process, and gives it back. */
  private runLent(op: Operation): Outcome {
    const { caller: how } = op.c.context;
    const caller = attempt(() => this.makeCaller(op, must(how ?? null), this.joined));
    if (caller instanceof Refused) return unasked(caller.errno);
    const lent = { ...op, src: caller.src, dst: caller.dst, caller };
    const outcome = this.runPlain(lent);
    const result = outcome.completions.at(-1) ?? outcome.ret;
    const { held, failed } = caller.end(result, producedLength(op.c, op.input, outcome));
    outcome.held = held;
    outcome.failed = failed;
    return outcome;
  }

  runProgram(ops: readonly Operation[], program: Program): ProgramOutcome {
    return runApiProgram(this.machine, this.api, ops, program, this.makeCaller);
  }

  private prepare({ c, memory, src, dst }: Operation): P {
    const { short } = c;
    const limit =
      short === undefined
        ? undefined
        : { list: short, bytes: (short === 'src' ? sourceLength(c) : targetLength(c)) - 1 };
    const isReversed = c.invalid === 'direction';
    return this.api.prepare({ memory, layout: c.layout, src, dst, limit, isReversed });
  }

  private operate(op: Operation, at: P): OutcomeRecord {
    const { driver, kind } = op.c;
    switch (kind) {
      case 'iterator':
        throw new KernelBug('a case about iterators is no request');
      case 'skcipher':
        return this.use(op, at, this.api.skcipher(driver), this.skcipher);
      case 'aead':
        return this.use(op, at, this.api.aead(driver), this.aead);
      case 'ahash':
        return this.use(op, at, this.api.ahash(driver), this.hash);
      case 'acomp':
      case 'akcipher':
      case 'kpp':
        return this.use(op, at, this.api.data?.(driver, kind) ?? -ENOENT, this.data);
    }
  }

  /** One transform for the operation and for what is to be done on it before. */
  private use<T extends { readonly async: boolean; free(): void }>(
    op: Operation,
    at: P,
    tfm: T | Errno,
    run: (tfm: T, op: Operation, at: P) => OutcomeRecord,
  ): OutcomeRecord {
    if (typeof tfm === 'number') {
      // What a failure leaves in the globals of an API is not for the cases behind it: 6.1 counts a user of
      // the scratch memory of scomp that could not be had.
      if (op.c.context.failing === undefined) return new OutcomeRecord(tfm);
      this.api.renew();
      return unasked(tfm);
    }
    const { earlier } = op;
    if (earlier !== null) {
      const before = this.prepare(earlier);
      run(tfm, earlier, before);
      before.release();
    }
    const outcome = run(tfm, op, at);
    outcome.async = tfm.async;
    if (op.later !== null) outcome.later = this.again(tfm, op.later, outcome, run);
    tfm.free();
    return outcome;
  }

  /** The same once more. A key that is set stays the key. */
  private again<T>(
    tfm: T,
    op: Operation,
    first: Outcome,
    run: (tfm: T, op: Operation, at: P) => OutcomeRecord,
  ): Outcome {
    this.machine.faults.arm([]);
    const isSet = first.setkey === 0;
    const at = this.prepare(op);
    const outcome = run(tfm, isSet ? { ...op, input: { ...op.input, key: null } } : op, at);
    at.release();
    return outcome;
  }

  private readonly skcipher = (tfm: SkcipherSubject<P>, op: Operation, at: P): OutcomeRecord => {
    const { c, input, caller } = op;
    const setkey = input.key === null ? 0 : tfm.setkey(input.key, c.context.forbidWeak);
    const submission = new Submission(this.machine, c);
    const iv = new CallerIv(this.machine, input.iv, placeOf(c));
    submission.over = iv.leave;
    if (caller !== undefined) lentTo(submission, caller);
    const done = attempt(() =>
      tfm.crypt(c.op === 'encrypt', at, input.text.length, iv.bytes, submission),
    );
    iv.end();
    return answered(setkey, submission, done, iv);
  };

  private readonly aead = (
    tfm: AeadSubject<P>,
    { c, input, caller }: Operation,
    at: P,
  ): OutcomeRecord => {
    const setkey = input.key === null ? 0 : tfm.setkey(input.key, c.context.forbidWeak);
    const setauthsize = tfm.setauthsize(c.authsize);
    const iv = new CallerIv(this.machine, input.iv, placeOf(c));
    if (setauthsize !== 0) {
      iv.end();
      const outcome = tagRefused(setkey, setauthsize);
      outcome.iv = iv.value;
      return outcome;
    }
    const submission = new Submission(this.machine, c);
    submission.over = iv.leave;
    if (caller !== undefined) lentTo(submission, caller);
    const { ad, text } = input;
    // A list has no length, but what the old API decrypts has: text and tag together.
    const len = text.length - (this.joined && isTagCut(c) ? 1 : 0);
    const done = attempt(() =>
      tfm.crypt(c.op === 'encrypt', at, ad.length, len, iv.bytes, submission),
    );
    iv.end();
    return answered(setkey, submission, done, iv);
  };

  private readonly hash = (tfm: AhashSubject<P>, op: Operation, at: P): OutcomeRecord => {
    const { key } = op.input;
    const setkey = key === null ? 0 : tfm.setkey(key, op.c.context.forbidWeak);
    const submission = new Submission(this.machine, op.c);
    const digest = new Uint8Array(tfm.digestsize);
    const message = attempt(() => tfm.request(submission));
    if (message instanceof Refused) return answered(setkey, submission, message);
    const isOneCall = op.c.hash.final === 'digest';
    if (op.caller !== undefined && isOneCall) lentTo(submission, op.caller);
    feed(op, at, message, digest);
    message.free();
    const outcome = answered(setkey, submission);
    outcome.digest = digest;
    return outcome;
  };

  private readonly data = (tfm: DataSubject<P>, op: Operation, at: P): OutcomeRecord => {
    const { c, input, caller } = op;
    assert(c.op !== 'digest', 'no hash');
    const setkey = input.key === null ? 0 : tfm.setkey(input.key, c.context.forbidWeak);
    const submission = new Submission(this.machine, c);
    if (caller !== undefined) lentTo(submission, caller);
    const room = c.op === 'verify' ? c.authsize : c.room;
    const operation = c.op;
    const done = attempt(() => tfm.run(operation, at, input.text.length, room, submission));
    const outcome = answered(setkey, submission, done);
    if (!(done instanceof Refused)) outcome.length = done.length;
    return outcome;
  };
}

/** What came of a request that could not be prepared: nobody was asked for anything. */
function unasked(err: Errno): OutcomeRecord {
  const outcome = new OutcomeRecord(err);
  outcome.unasked = true;
  return outcome;
}

/** What came of a submission, or of a request that could not be had. */
function answered(
  setkey: Errno,
  { ret, completions }: Submission,
  done?: unknown,
  iv?: CallerIv,
): OutcomeRecord {
  const outcome = new OutcomeRecord(done instanceof Refused ? done.errno : ret);
  outcome.setkey = setkey;
  outcome.completions = completions;
  if (iv !== undefined) outcome.iv = iv.value;
  return outcome;
}

/** The caller hears of its request, behind whoever else does. */
function lentTo(submission: Submission, caller: RequestCaller): void {
  const { over } = submission;
  submission.accepted = () => caller.accepted();
  submission.over = (result) => {
    over?.(result);
    caller.over(result);
  };
}

function placeOf({ context }: Case): IvPlace {
  return context.stackIv === true ? 'stack' : 'heap';
}

/** Feeds a message to a hash as the case says. The last call decides the outcome. */
function feed<P extends Prepared>(
  { c, input }: Operation,
  at: P,
  message: MessageSubject<P>,
  digest: Uint8Array,
): void {
  const total = input.text.length;
  if (c.hash.final === 'digest') {
    message.digest(at, total, digest);
    return;
  }
  if (message.init() !== 0) return;
  let done = 0;
  for (const [i, len] of updateLengths(c, total).entries()) {
    if (message.update(at, done, len) !== 0) return;
    done += len;
    if (i > 0 || !c.hash.reimport) continue;
    const { err, state } = message.export();
    if (err !== 0 || message.import(state) !== 0) return;
  }
  if (c.hash.final === 'finup') {
    message.finup(at, done, total - done, digest);
    return;
  }
  if (message.update(at, done, total - done) !== 0) return;
  message.final(digest);
}

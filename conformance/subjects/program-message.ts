/**
 * A request of a program: its lists, and where a process lends their memory, the caller who takes it when the
 * request is submitted and gives it back when it is over. What a completion submits has its memory before: a
 * completion may not sleep, as whoever pins pages does.
 * @module
 */
import type { Errno } from '../../src/errno.ts';
import type { Machine } from '../../src/machine/machine.ts';
import type { AnyApi, Prepared } from './api.ts';
import { CallerIv } from './caller-iv.ts';
import { producedLength } from './machine-subject.ts';
import type { Operation } from './operation.ts';
import type { OutcomeRecord } from './outcome.ts';
import { attempt, Refused, type Submission } from './submit.ts';
import type { CallerOutcome, MakeCaller, UserCaller } from './user-caller.ts';

const NOTHING: Uint8Array = new Uint8Array(0);

export class ProgramMessage<P extends Prepared> {
  readonly op: Operation;
  /** Lists and IV are freed with the request. */
  readonly isFreed: boolean;
  readonly iv: CallerIv;
  digest: Uint8Array = NOTHING;
  length = 0;
  /** Whose memory it is, where a process lends it for the request alone; null before it has it. */
  caller: UserCaller | null = null;
  private readonly api: AnyApi<P>;
  private readonly number: number;
  private readonly makeCaller: MakeCaller;
  private at: P | null = null;
  /** Why it could not be submitted; 0 where it could. */
  private refusal: Errno = 0;
  private isBegun = false;
  private ended: CallerOutcome | null = null;

  constructor(
    machine: Machine,
    api: AnyApi<P>,
    op: Operation,
    number: number,
    isFreed: boolean,
    makeCaller: MakeCaller,
  ) {
    const { context, kind } = op.c;
    this.op = op;
    this.isFreed = isFreed;
    this.api = api;
    this.number = number;
    this.makeCaller = makeCaller;
    const place = context.stackIv === true ? 'stack' : isFreed ? 'request' : 'heap';
    this.iv = new CallerIv(machine, kind === 'ahash' ? NOTHING : op.input.iv, place);
    if (context.caller === undefined) this.begin();
  }

  /** Its lists or iterators. Must not be asked before `begin` answered 0. */
  get lists(): P {
    if (this.at === null) throw new Error('a request without its lists');
    return this.at;
  }

  /** Takes the memory of the process, and makes the lists; once. @returns 0, or what could not be had */
  begin(): Errno {
    if (this.isBegun) return this.refusal;
    this.isBegun = true;
    const { op, api, number } = this;
    const { caller: how } = op.c.context;
    const caller = how === undefined ? null : attempt(() => this.makeCaller(op, how, api.joined));
    if (caller instanceof Refused) return this.refuse(caller);
    const { memory, c } = op;
    const { src, dst } = caller ?? op;
    const at = attempt(() => api.prepare({ memory, layout: c.layout, src, dst, number }));
    this.caller = caller;
    if (at instanceof Refused) return this.refuse(at);
    this.at = at;
    return 0;
  }

  /** The caller runs again, and brings home what came of a request that is over. */
  home({ result, ret, completions }: Submission): void {
    if (this.caller === null || this.ended !== null) return;
    const { c, input } = this.op;
    const produced = producedLength(c, input, { ret, completions, length: this.length });
    this.ended = this.caller.end(result, produced);
  }

  /** The request object may be used again, or freed. */
  finish(): void {
    this.iv.leave();
    if (this.isFreed) this.at?.takeBack?.();
  }

  /** All is over. */
  end(): void {
    this.at?.release();
    this.iv.end();
  }

  /** Fills in what came of it, with what its caller saw. */
  complete(outcome: OutcomeRecord): void {
    outcome.iv = this.iv.value;
    outcome.digest = this.digest;
    outcome.length = this.length;
    outcome.iterators = this.at?.moved() ?? [];
    outcome.form = this.at?.changes() ?? [];
    outcome.held = this.ended?.held;
    outcome.failed = this.ended?.failed;
  }

  private refuse({ errno }: Refused): Errno {
    this.refusal = errno;
    return errno;
  }
}

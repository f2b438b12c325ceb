/**
 * An API with a tracer in front: it does as the API inside does, and says what it is asked for.
 * @module
 */
import type { AlgKind } from '../../src/crypto/algorithm.ts';
import { ENOENT, type Errno, errnoName } from '../../src/errno.ts';
import { must } from '../../src/machine/access.ts';
import type { Machine } from '../../src/machine/machine.ts';
import type { Program } from '../case/case.ts';
import type {
  AeadSubject,
  AhashSubject,
  AnyApi,
  Buffers,
  CryptMessage,
  DataApi,
  DataKind,
  DataSubject,
  MessageSubject,
  Prepared,
  RequestSubject,
  SkcipherSubject,
} from '../subjects/api.ts';
import { ApiSide } from '../subjects/api-side.ts';
import type { Side } from '../subjects/machine-subject.ts';
import type { Operation } from '../subjects/operation.ts';
import type { Outcome, ProgramOutcome } from '../subjects/outcome.ts';
import type { Submission } from '../subjects/submit.ts';
import { MemoryMap } from './memory-map.ts';
import type { Phase } from './step.ts';
import { tracedCallers } from './traced-caller.ts';
import { type Given, Tracer } from './tracer.ts';

/** What requests without IV and without result show of either. */
const NOTHING: Uint8Array = new Uint8Array(0);

/** A side that is traced, with what must be looked at before its memory is used again. */
export class TracedSide implements Side {
  readonly name: string;
  readonly joined: boolean;
  readonly mapsPages: boolean;
  readonly tracer: Tracer;
  /** Called when a run has ended, while its memory still stands. */
  ended:
    | ((ops: readonly Operation[], map: MemoryMap, outcomes: readonly Outcome[]) => void)
    | null = null;
  private readonly machine: Machine;
  private readonly side: Required<Pick<Side, 'runProgram'>> & Side;

  private constructor(machine: Machine, side: TracedSide['side'], tracer: Tracer) {
    this.name = side.name;
    this.joined = side.joined;
    this.mapsPages = side.mapsPages === true;
    this.machine = machine;
    this.side = side;
    this.tracer = tracer;
  }

  static over<P extends Prepared>(machine: Machine, api: AnyApi<P>): TracedSide {
    const tracer = new Tracer(machine);
    const make = tracedCallers(tracer);
    return new TracedSide(machine, new ApiSide(machine, new TracedApi(api, tracer), make), tracer);
  }

  offers(c: Operation['c']): boolean {
    return this.side.offers?.(c) ?? true;
  }

  declines(c: Operation['c']): string | null {
    return this.side.declines?.(c) ?? null;
  }

  renew(): void {
    this.side.renew();
  }

  run(op: Operation): Outcome {
    return this.traced(
      [op],
      false,
      () => this.side.run(op),
      (outcome) => [outcome],
    );
  }

  runProgram(ops: readonly Operation[], program: Program): ProgramOutcome {
    return this.traced(
      ops,
      true,
      () => this.side.runProgram(ops, program),
      ({ outcomes }) => outcomes,
    );
  }

  private traced<T>(
    ops: readonly Operation[],
    isProgram: boolean,
    run: () => T,
    outcomesOf: (result: T) => readonly Outcome[],
  ): T {
    const map = new MemoryMap(this.machine, ops, isProgram);
    let outcomes: readonly Outcome[] = [];
    this.tracer.start(map);
    try {
      const result = run();
      outcomes = outcomesOf(result);
      return result;
    } catch (error) {
      if (error instanceof Error) this.tracer.trap(error);
      throw error;
    } finally {
      this.tracer.stop();
      this.ended?.(ops, map, outcomes);
    }
  }
}

class TracedApi<P extends Prepared> implements DataApi<P> {
  readonly name: string;
  readonly joined: boolean;
  private readonly api: AnyApi<P>;
  private readonly tracer: Tracer;
  /** What was prepared first is the operation's; the rest is for what is done before it. */
  private main: P | null = null;
  /** In a program: of each request, in their order. */
  private prepared: P[] = [];

  constructor(api: AnyApi<P>, tracer: Tracer) {
    this.name = api.name;
    this.joined = api.joined;
    this.api = api;
    this.tracer = tracer;
  }

  offers(driver: string, kind: AlgKind): boolean {
    return this.api.offers(driver, kind);
  }

  declines(c: Operation['c']): string | null {
    return this.api.declines?.(c) ?? null;
  }

  renew(): void {
    this.main = null;
    this.prepared = [];
    this.api.renew();
  }

  misused(words: string, of: number): void {
    this.tracer.tell('misuse', of, words);
  }

  prepare(buffers: Buffers): P {
    const at = this.api.prepare(buffers);
    this.main ??= at;
    this.prepared[buffers.number ?? 0] = at;
    return at;
  }

  skcipher(driver: string): SkcipherSubject<P> | Errno {
    const tfm = this.api.skcipher(driver);
    if (typeof tfm === 'number') return tfm;
    return {
      ...this.keyed(tfm),
      ...this.requests(tfm, ({ enc, len }) => `${enc ? 'encrypt' : 'decrypt'} ${len} bytes`),
      crypt: (enc, at, len, iv, submission) => {
        this.submit(submission, at, 'iv', iv, `${enc ? 'encrypt' : 'decrypt'} ${len} bytes`);
        return this.ended(submission, tfm.crypt(enc, at, len, iv, submission));
      },
    };
  }

  aead(driver: string): AeadSubject<P> | Errno {
    const tfm = this.api.aead(driver);
    if (typeof tfm === 'number') return tfm;
    return {
      ...this.keyed(tfm),
      ...this.requests(
        tfm,
        ({ enc, assoclen, len }) => `${enc ? 'encrypt' : 'decrypt'} ${assoclen} AD + ${len}`,
      ),
      setauthsize: (size) =>
        this.tracer.call('setkey', `setauthsize ${size}`, () => tfm.setauthsize(size)),
      crypt: (enc, at, assoclen, len, iv, submission) => {
        const words = `${enc ? 'encrypt' : 'decrypt'} ${assoclen} AD + ${len}`;
        this.submit(submission, at, 'iv', iv, words);
        return this.ended(submission, tfm.crypt(enc, at, assoclen, len, iv, submission));
      },
    };
  }

  ahash(driver: string): AhashSubject<P> | Errno {
    const tfm = this.api.ahash(driver);
    if (typeof tfm === 'number') return tfm;
    return {
      ...this.keyed(tfm),
      digestsize: tfm.digestsize,
      request: (submission) => this.message(tfm.request(submission), submission),
    };
  }

  data(driver: string, kind: DataKind): DataSubject<P> | Errno {
    const tfm = this.api.data?.(driver, kind) ?? -ENOENT;
    if (typeof tfm === 'number') return tfm;
    return {
      ...this.keyed(tfm),
      maxSize: () => tfm.maxSize(),
      request: () => {
        const inner = tfm.request();
        return {
          submit: (operation, at, len, room, submission) => {
            const watched = { submission, at, kind: 'result', bytes: NOTHING } as const;
            const words = `${operation} ${len} bytes into ${room}`;
            const run = (): Errno => inner.submit(operation, at, len, room, submission);
            return this.give({ watched, words }, run);
          },
          length: (operation) => inner.length(operation),
          free: () => inner.free(),
        };
      },
      run: (operation, at, len, room, submission) => {
        const words = `${operation} ${len} bytes into ${room}`;
        this.submit(submission, at, 'result', NOTHING, words);
        const answer = tfm.run(operation, at, len, room, submission);
        this.tracer.submitted(submission);
        return answer;
      },
    };
  }

  private keyed(
    tfm: AhashSubject<P> | AeadSubject<P> | SkcipherSubject<P> | DataSubject<P>,
  ): Pick<SkcipherSubject<P>, 'async' | 'setkey' | 'free'> {
    return {
      async: tfm.async,
      setkey: (key, forbidWeak) =>
        this.tracer.call('setkey', `setkey ${key.length} bytes`, () => tfm.setkey(key, forbidWeak)),
      free: () => {
        this.tracer.end(() => tfm.free());
        this.main = null;
        this.prepared = [];
      },
    };
  }

  /** What a transform makes for a program: request objects, and batches of them. */
  private requests(
    tfm: Pick<SkcipherSubject<P>, 'request' | 'batch'>,
    wordsOf: (message: CryptMessage<P>) => string,
  ): Pick<SkcipherSubject<P>, 'request' | 'batch'> {
    const made = new Map<RequestSubject<P>, RequestSubject<P>>();
    const given = (message: CryptMessage<P>, submission: Submission): Given => ({
      watched: { submission, at: message.at, kind: 'iv', bytes: message.iv },
      words: wordsOf(message),
    });
    const batch = tfm.batch?.bind(tfm);
    return {
      request: () => {
        const inner = tfm.request();
        const { fill } = inner;
        const request: RequestSubject<P> = {
          submit: (message, submission) =>
            this.give(given(message, submission), () => inner.submit(message, submission)),
          ...(fill === undefined ? {} : { fill }),
          free: () => inner.free(),
        };
        made.set(request, inner);
        return request;
      },
      ...(batch === undefined
        ? {}
        : {
            batch: (items) => {
              const inner = items.map((item) => ({
                ...item,
                request: must(made.get(item.request) ?? null),
              }));
              const all = items.map(({ message, submission }) => given(message, submission));
              this.tracer.give(all, () => batch(inner));
            },
          }),
    };
  }

  private message(inner: MessageSubject<P>, first: Submission): MessageSubject<P> {
    let submission = first;
    let at: P | null = this.main;
    const call = (words: string, run: () => Errno, bytes = NOTHING): Errno => {
      if (this.tracer.isProgram) {
        const own = this.prepared[submission.number];
        const watched = { submission, at: own, kind: 'result', bytes } as const;
        return this.give({ watched, words }, run);
      }
      if (at !== null) this.submit(submission, at, 'result', bytes, words);
      return this.ended(submission, run());
    };
    return {
      ...(inner.fill === undefined ? {} : { fill: (lists, len) => inner.fill?.(lists, len) }),
      rebind: (next) => {
        submission = next;
        inner.rebind(next);
      },
      init: () => call('init', () => inner.init()),
      update: (lists, skip, len) => {
        at = lists;
        return call(`update ${skip}..${skip + len}`, () => inner.update(lists, skip, len));
      },
      final: (result) => call('final', () => inner.final(result), result),
      finup: (lists, skip, len, result) => {
        at = lists;
        const run = (): Errno => inner.finup(lists, skip, len, result);
        return call(`finup ${skip}..${skip + len}`, run, result);
      },
      digest: (lists, len, result) => {
        at = lists;
        return call(`digest ${len} bytes`, () => inner.digest(lists, len, result), result);
      },
      export: () => {
        if (!this.tracer.isProgram) return inner.export();
        const { number } = submission;
        this.tracer.tell('submit', number, 'export');
        const exported = inner.export();
        this.tracer.tell('answer', number, errnoName(exported.err));
        return exported;
      },
      import: (state) => call('import', () => inner.import(state)),
      free: () => inner.free(),
    };
  }

  /** Gives one request of a program. @returns its answer */
  private give(given: Given, run: () => Errno): Errno {
    let err: Errno = 0;
    this.tracer.give([given], () => {
      err = run();
    });
    return err;
  }

  private submit(
    submission: Submission,
    at: P,
    kind: 'iv' | 'result',
    bytes: Uint8Array,
    words: string,
  ): void {
    const phase: Phase = at === this.main ? 'operation' : 'earlier';
    this.tracer.submit({ submission, at, kind, bytes }, phase, words);
  }

  private ended(submission: Submission, err: Errno): Errno {
    this.tracer.submitted(submission);
    return err;
  }
}

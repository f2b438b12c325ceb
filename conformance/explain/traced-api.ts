/**
 * An API with a tracer in front: it does as the API inside does, and says what it is asked for.
 * @module
 */
import type { AlgKind } from '../../src/crypto/algorithm.ts';
import { ENOENT, type Errno } from '../../src/errno.ts';
import type { Machine } from '../../src/machine/machine.ts';
import type {
  AeadSubject,
  AhashSubject,
  AnyApi,
  Buffers,
  DataApi,
  DataKind,
  DataSubject,
  MessageSubject,
  Prepared,
  SkcipherSubject,
} from '../subjects/api.ts';
import { ApiSide } from '../subjects/api-side.ts';
import type { Outcome, Side } from '../subjects/machine-subject.ts';
import type { Operation } from '../subjects/operation.ts';
import type { Submission } from '../subjects/submit.ts';
import { MemoryMap } from './memory-map.ts';
import type { Phase } from './step.ts';
import { Tracer } from './tracer.ts';

/** What requests without IV and without result show of either. */
const NOTHING: Uint8Array = new Uint8Array(0);

/** A side that is traced, with what must be looked at before its memory is used again. */
export class TracedSide implements Side {
  readonly name: string;
  readonly joined: boolean;
  readonly tracer: Tracer;
  /** Called when a run has ended, while its memory still stands. */
  ended: ((op: Operation, map: MemoryMap, outcome: Outcome | null) => void) | null = null;
  private readonly machine: Machine;
  private readonly side: Side;

  private constructor(machine: Machine, side: Side, tracer: Tracer) {
    this.name = side.name;
    this.joined = side.joined;
    this.machine = machine;
    this.side = side;
    this.tracer = tracer;
  }

  static over<P extends Prepared>(machine: Machine, api: AnyApi<P>): TracedSide {
    const tracer = new Tracer(machine);
    return new TracedSide(machine, new ApiSide(machine, new TracedApi(api, tracer)), tracer);
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
    const map = new MemoryMap(this.machine, op);
    let outcome: Outcome | null = null;
    this.tracer.start(map);
    try {
      outcome = this.side.run(op);
      return outcome;
    } catch (error) {
      if (error instanceof Error) this.tracer.trap(error);
      throw error;
    } finally {
      this.tracer.stop();
      this.ended?.(op, map, outcome);
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
    this.api.renew();
  }

  prepare(buffers: Buffers): P {
    const at = this.api.prepare(buffers);
    this.main ??= at;
    return at;
  }

  skcipher(driver: string): SkcipherSubject<P> | Errno {
    const tfm = this.api.skcipher(driver);
    if (typeof tfm === 'number') return tfm;
    return {
      ...this.keyed(tfm),
      request: () => tfm.request(),
      crypt: (enc, at, len, iv, submission) => {
        this.submit(submission, at, 'iv', iv, `${enc ? 'encrypt' : 'decrypt'} ${len} bytes`);
        return this.ended(tfm.crypt(enc, at, len, iv, submission));
      },
    };
  }

  aead(driver: string): AeadSubject<P> | Errno {
    const tfm = this.api.aead(driver);
    if (typeof tfm === 'number') return tfm;
    return {
      ...this.keyed(tfm),
      request: () => tfm.request(),
      setauthsize: (size) =>
        this.tracer.call('setkey', `setauthsize ${size}`, () => tfm.setauthsize(size)),
      crypt: (enc, at, assoclen, len, iv, submission) => {
        const words = `${enc ? 'encrypt' : 'decrypt'} ${assoclen} AD + ${len}`;
        this.submit(submission, at, 'iv', iv, words);
        return this.ended(tfm.crypt(enc, at, assoclen, len, iv, submission));
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
      // Programs of requests are not explained.
      request: () => tfm.request(),
      run: (operation, at, len, room, submission) => {
        const words = `${operation} ${len} bytes into ${room}`;
        this.submit(submission, at, 'result', NOTHING, words);
        const answer = tfm.run(operation, at, len, room, submission);
        this.tracer.submitted();
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
        this.main = null;
        tfm.free();
      },
    };
  }

  private message(inner: MessageSubject<P>, submission: Submission): MessageSubject<P> {
    let at: P | null = this.main;
    const call = (words: string, run: () => Errno, result = NOTHING): Errno => {
      if (at !== null) this.submit(submission, at, 'result', result, words);
      return this.ended(run());
    };
    return {
      rebind: (next) => inner.rebind(next),
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
      export: () => inner.export(),
      import: (state) => call('import', () => inner.import(state)),
      free: () => inner.free(),
    };
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

  private ended(err: Errno): Errno {
    this.tracer.submitted();
    return err;
  }
}

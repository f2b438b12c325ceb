/**
 * Where the protocol of asynchronous requests is looked at statement by statement: transforms on one side,
 * requests over a text each, and what their callers hear, in which context.
 * @module
 */
import { errnoName } from '../../src/errno.ts';
import { must } from '../../src/machine/access.ts';
import { Machine } from '../../src/machine/machine.ts';
import type { Layout } from '../case/case.ts';
import { CaseMemory } from '../case/memory.ts';
import type { AnyApi, CryptMessage, Prepared, RequestSubject } from '../subjects/api.ts';
import { ConvertedApi } from '../subjects/converted.ts';
import { LegacyApi } from '../subjects/legacy.ts';
import { Submission } from '../subjects/submit.ts';
import type { BOTH_APIS } from '../subjects/testing.ts';

const MEMORY = 1 << 21;
const KEY_LENGTH = 16;
const AD_LENGTH = 16;
const IV_LENGTH = 16;
const TAG_LENGTH = 16;
const LAYOUT: Pick<Layout, 'inplace' | 'chain'> = { inplace: 'no', chain: 0 };
const QUIET = { reuse: false, fault: 0, gather: 0, forbidWeak: false };

/** How a request is submitted. */
export interface Flags {
  readonly sleep?: boolean;
  readonly backlog?: boolean;
  /** In a section that must not sleep. */
  readonly atomic?: boolean;
}

/** One call of a callback. */
interface Call {
  readonly err: number;
  /** `task`, `task, no bottom halves` or `softirq`. */
  readonly context: string;
  readonly cpu: number;
}

/** A submission that waits for nothing. */
class Posted extends Submission {
  readonly calls: Call[] = [];
  onCall: (err: number) => void = () => undefined;

  protected override heard(err: number): void {
    const { context } = this.machine;
    const disabled = context.inSoftirq() ? 'task, no bottom halves' : 'task';
    const where = context.inTask() ? disabled : 'softirq';
    this.calls.push({ err, context: where, cpu: context.cpu });
    this.onCall(err);
  }

  override run(operation: () => number): number {
    return this.submit(operation);
  }
}

/** A request over a text of its own. */
export interface ProtocolRequest {
  /** @returns what the API answers at once. */
  submit(flags?: Flags): number;
  /** What the caller has heard since it was submitted. */
  readonly calls: readonly Call[];
  /** The errnos of these. */
  readonly heard: readonly number[];
  /** Called behind each call of the callback. */
  onCall: (err: number) => void;
  /** What stands where the result belongs. */
  readonly text: Buffer;
  refill(): void;
  free(): void;
}

/** A transform with its key. */
export interface ProtocolTfm {
  readonly async: boolean;
  /** @param len bytes of the text, in two segments of different pages */
  request(len?: number): ProtocolRequest;
  rekey(): number;
  free(): void;
}

export interface ProtocolWorld {
  readonly machine: Machine;
  /** @throws Error where the side has no such driver. */
  /** @param keyLength 0 for no key */
  skcipher(driver: string, keyLength?: number): ProtocolTfm;
  aead(driver: string, keyLength?: number): ProtocolTfm;
  /** The errno of an allocation; 0 where there is such a transform, which is freed. */
  look(kind: 'skcipher' | 'aead' | 'ahash', driver: string): number;
}

/** One side on a machine of its own. @param queue requests that a queue of software holds, 0 for 1000 */
export function protocolWorld(side: (typeof BOTH_APIS)[number], queue = 0): ProtocolWorld {
  const machine = new Machine({ memory: MEMORY });
  const memory = new CaseMemory(machine);
  memory.reset(1, 0, queue);
  return side === 'legacy'
    ? new World(memory, new LegacyApi(machine))
    : new World(memory, new ConvertedApi(machine));
}

/** What both kinds of transforms have here. */
interface CryptTfm<P extends Prepared> {
  readonly async: boolean;
  setkey(key: Uint8Array, forbidWeak: boolean): number;
  request(): RequestSubject<P>;
  free(): void;
}

class World<P extends Prepared> implements ProtocolWorld {
  readonly machine: Machine;
  private readonly memory: CaseMemory;
  private readonly api: AnyApi<P>;

  constructor(memory: CaseMemory, api: AnyApi<P>) {
    this.machine = memory.machine;
    this.memory = memory;
    this.api = api;
  }

  skcipher(driver: string, keyLength = KEY_LENGTH): ProtocolTfm {
    return this.keyed(driver, this.api.skcipher(driver), keyLength, 0, 0);
  }

  aead(driver: string, keyLength = KEY_LENGTH): ProtocolTfm {
    const tfm = this.api.aead(driver);
    if (typeof tfm !== 'number') tfm.setauthsize(TAG_LENGTH);
    return this.keyed(driver, tfm, keyLength, AD_LENGTH, TAG_LENGTH);
  }

  look(kind: 'skcipher' | 'aead' | 'ahash', driver: string): number {
    const tfm = this.api[kind](driver);
    if (typeof tfm === 'number') return tfm;
    tfm.free();
    return 0;
  }

  private keyed(
    driver: string,
    tfm: CryptTfm<P> | number,
    keyLength: number,
    assoclen: number,
    tag: number,
  ): ProtocolTfm {
    if (typeof tfm === 'number') throw new Error(`${driver}: ${errnoName(tfm)}`);
    const rekey = (): number => tfm.setkey(new Uint8Array(keyLength).fill(7), false);
    const err = keyLength === 0 ? 0 : rekey();
    if (err !== 0) throw new Error(`key of ${driver}: ${errnoName(err)}`);
    return {
      async: tfm.async,
      request: (len = 64) => this.requestOf(tfm.request(), len, assoclen, tag),
      rekey,
      free: () => tfm.free(),
    };
  }

  private requestOf(
    request: RequestSubject<P>,
    len: number,
    assoclen: number,
    tag: number,
  ): ProtocolRequest {
    const { memory, machine } = this;
    const cut = Math.floor((assoclen + len) / 2);
    const src = memory.place([
      { kind: 'page', offset: 3, len: cut },
      { kind: 'page', offset: 11, len: assoclen + len - cut },
    ]);
    const dst = memory.place([{ kind: 'page', offset: 5, len: assoclen + len + tag }]);
    memory.write(src, 0, new Uint8Array(assoclen + len).fill(1));
    const at = this.api.prepare({ memory, layout: LAYOUT, src, dst });
    const message = (): CryptMessage<P> => ({
      enc: true,
      ...{ at, assoclen, len, iv: new Uint8Array(IV_LENGTH) },
    });
    let posted: Posted | null = null;
    const made: ProtocolRequest = {
      submit: ({ sleep = false, backlog = false, atomic = false } = {}) => {
        posted = new Posted(machine, { context: { ...QUIET, sleep, backlog, atomic } });
        posted.onCall = (err) => made.onCall(err);
        return request.submit(message(), posted);
      },
      get calls() {
        return must(posted).calls;
      },
      get heard() {
        return must(posted).calls.map(({ err }) => err);
      },
      onCall: () => undefined,
      get text() {
        return Buffer.from(memory.read(dst, assoclen, len + tag));
      },
      refill: () => must(request.fill ?? null)(message()),
      free: () => request.free(),
    };
    return made;
  }
}

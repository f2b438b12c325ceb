/**
 * The promise front door as one more side: `createCrypto()`, asked for the bytes of a case, in arrays cut as its
 * lists are. Cases are judged one after the other, and a promise is not: it is awaited in a thread of its own,
 * for which this one waits.
 *
 * Verified: what it gives, the errno that it rejects with, that nothing else of its caller's arrays is changed,
 * that nothing at all is when it rejects, and that its machine then holds what it held. Its own answers are
 * those to a key that is refused: there is no transform, so that a request for one is ENOKEY here.
 * @module
 */
import { existsSync } from 'node:fs';
import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  Worker,
} from 'node:worker_threads';
import { KernelBug } from '../../../src/assert.ts';
import { ENOKEY } from '../../../src/errno.ts';
import { driverOf } from '../../algorithms/drivers.ts';
import { algorithmOf } from '../../algorithms.ts';
import { type Case, isRefused } from '../../case/case.ts';
import type { Side } from '../machine-subject.ts';
import type { Operation } from '../operation.ts';
import { type Outcome, refused } from '../outcome.ts';
import { SubjectAbsent, SubjectSilent } from '../subject-error.ts';
import { faultsOf, updateLengths } from '../submit.ts';
import type { FrontSaid, FrontThreadData } from './front-thread.ts';
import type { FrontQuestion, FrontResult } from './question.ts';

/** The compiled module of the thread. */
const THREAD: URL = new URL('./front-thread.js', import.meta.url);
/** How long an answer may take: milliseconds, and the start of the thread on a loaded machine. */
const SECONDS = 120;
/** One case in so many is put to it. */
const PARTS = 8;
/** The part of the stages of a conversion is another: see {@link partialSides}. */
const PART = 5;
const NOTHING: Uint8Array = new Uint8Array(0);

export class FrontSide implements Side {
  readonly name = 'front';
  readonly joined = false;
  private readonly every: boolean;
  private readonly thread: URL;

  /** @param every every case that it can express, and not a part of them */
  constructor(every: boolean, thread: URL = THREAD) {
    this.every = every;
    this.thread = thread;
  }

  declines(c: Case): string | null {
    const reason = inexpressible(c);
    if (reason !== null) return reason;
    if (!this.every && c.seed % PARTS !== PART) return 'another part of the cases';
    return threads.has(this.thread.href) || existsSync(this.thread)
      ? null
      : 'runs from source: no thread in which its promises are awaited';
  }

  run(op: Operation): Outcome {
    const { c, input, later } = op;
    const said = this.ask(questionOf(op));
    if ('absent' in said) throw new SubjectAbsent(`refused at once, by no errno: ${said.absent}`);
    const { trap, setkey, setauthsize, leaks, warnings, result, again } = said.answer;
    if (trap !== null) throw new KernelBug(trap);
    const elsewhere = { leaks, warnings };
    if (result === null) {
      if (setkey !== 0 && isTagRefused(c))
        throw new SubjectAbsent('refused for its key, and no tag');
      if (setkey !== 0 && algorithmOf(c.alg)?.key.optional === true)
        throw new SubjectAbsent('refused for a key that it need not have: there is no transform');
      const ret = setauthsize === 0 ? -ENOKEY : setauthsize;
      const unseen = ['IV', 'OUT'];
      return { ...refused(ret), setkey, setauthsize, iv: input.iv, unseen, elsewhere };
    }
    const outcome = { ...outcomeOf(op, result), elsewhere };
    return later === null || again === null
      ? outcome
      : { ...outcome, later: outcomeOf(later, again) };
  }

  renew(): void {
    threads.get(this.thread.href)?.end();
    threads.delete(this.thread.href);
  }

  private ask(question: FrontQuestion): FrontSaid {
    const thread = threads.get(this.thread.href) ?? new FrontThread(this.thread);
    threads.set(this.thread.href, thread);
    try {
      return thread.ask(question);
    } catch (error) {
      this.renew();
      throw error;
    }
  }
}

/** One for all harnesses of a thread: its start costs as much as a thousand questions. */
const threads = new Map<string, FrontThread>();

/** What of a case the front door has no words for; null: it has. */
function inexpressible(c: Case): string | null {
  const { kind, alg, driver, context, key, hash, program } = c;
  if (kind !== 'skcipher' && kind !== 'aead' && kind !== 'ahash') {
    return `${kind}: the front door has ciphers, AEADs and hashes`;
  }
  if (driverOf(alg, driver)?.converted !== true) return 'no such driver';
  const row = algorithmOf(alg);
  if (row === null || row.isLibraryOnly === true) return 'no such driver';
  if (program !== undefined) return 'a program of requests: the front door has a queue of its own';
  if (isRefused(c))
    return 'lists that are refused: arrays know their lengths and overlap as they may';
  if (context.failing !== undefined)
    return 'a call of some kind that fails: other calls than these';
  if (context.reuse) return 'another key on a transform: it has one for life';
  if (context.forbidWeak) return 'keys that are refused for being weak: no flag asks for it';
  if (context.atomic) return 'a caller that must not sleep: promises are awaited';
  if (kind !== 'ahash' && key === null && row.key.draw !== null)
    return 'no key: it is not left out';
  if (hash.reimport) return 'a state that is exported: it is not handed out';
  if (row.kind === 'skcipher' && row.streams === true) return 'a stream over requests';
  return null;
}

function questionOf({ c, input, later }: Operation): FrontQuestion {
  const { kind, driver, op, authsize, layout, hash, context, seed } = c;
  if (kind !== 'skcipher' && kind !== 'aead' && kind !== 'ahash')
    throw new KernelBug('no question');
  return {
    ...{ kind, driver, authsize, seed },
    enc: op === 'encrypt',
    ...{ key: input.key, iv: input.iv, ad: input.ad, text: input.text },
    tag: kind === 'aead' && op === 'decrypt' ? input.tag : NOTHING,
    src: layout.src.map(({ len }) => len),
    dst: layout.dst.map(({ len }) => len),
    inplace: layout.inplace,
    updates: hash.final === 'digest' ? null : updateLengths(c, input.text.length),
    faults: faultsOf(context),
    gather: context.gather,
    again: later !== null,
  };
}

function outcomeOf({ c, input, memory, dst }: Operation, result: FrontResult): Outcome {
  const { ret, output, iv, changed } = result;
  const told = { ...refused(ret), iv, form: changed };
  // What is left of a failure is told apart: nothing of the caller's may be changed.
  if (ret !== 0) return { ...told, unseen: ['IV', 'OUT'] };
  if (c.kind === 'ahash') return { ...told, digest: output };
  memory.write(dst, input.ad.length, output);
  return c.kind === 'aead' ? { ...told, unseen: ['IV'] } : told;
}

function isTagRefused({ alg, authsize }: Case): boolean {
  const row = algorithmOf(alg);
  return row?.kind === 'aead' && row.tags.check(authsize) !== 0;
}

/** The thread, asked and waited for in one call. */
class FrontThread {
  private readonly worker: Worker;
  private readonly port: MessagePort;
  private readonly answered: Int32Array = new Int32Array(new SharedArrayBuffer(4));

  constructor(module: URL) {
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    const workerData: FrontThreadData = { port: port2, answered: this.answered };
    this.worker = new Worker(module, { workerData, transferList: [port2] });
    // Nobody waits for it in the end.
    this.worker.unref();
    this.port.unref();
  }

  /** @throws SubjectSilent: it must be ended then. */
  ask(question: FrontQuestion): FrontSaid {
    Atomics.store(this.answered, 0, 0);
    this.port.postMessage(question);
    if (Atomics.wait(this.answered, 0, 0, SECONDS * 1000) === 'timed-out') {
      throw new SubjectSilent('front', SECONDS);
    }
    const got: { readonly message: FrontSaid } | undefined = receiveMessageOnPort(this.port);
    if (got === undefined) throw new KernelBug('an answer that is none');
    return got.message;
  }

  end(): void {
    this.port.close();
    void this.worker.terminate();
  }
}

/**
 * Runs programs of requests on any API: transforms with their keys, a message for each request.
 * @module
 */
import { assert, KernelBug } from '../../src/assert.ts';
import { ENOENT, type Errno } from '../../src/errno.ts';
import { must } from '../../src/machine/access.ts';
import type { Machine } from '../../src/machine/machine.ts';
import type { Case, Program } from '../case/case.ts';
import type {
  AeadSubject,
  AhashSubject,
  AnyApi,
  BatchItem,
  CryptMessage,
  DataRequest,
  DataSubject,
  MessageSubject,
  Prepared,
  RequestSubject,
  SkcipherSubject,
} from './api.ts';
import { CallerWatch } from './caller-watch.ts';
import type { Operation } from './operation.ts';
import { OutcomeRecord, type ProgramOutcome, tagRefused } from './outcome.ts';
import { type Joined, ProgramRun, type Slot, type Transform } from './program.ts';
import { ProgramMessage } from './program-message.ts';
import { type Submission, updateLengths } from './submit.ts';
import type { MakeCaller } from './user-caller.ts';

const NO_KEY: Uint8Array = new Uint8Array(0);

/** A transform of any kind. */
type Subject<P extends Prepared> =
  | SkcipherSubject<P>
  | AeadSubject<P>
  | AhashSubject<P>
  | DataSubject<P>;

/** A transform with its key. */
interface Keyed<P extends Prepared> {
  readonly tfm: Subject<P>;
  readonly setkey: Errno;
  readonly setauthsize: Errno;
  readonly forbidWeak: boolean;
  /** What a caller sets again: what was refused for its length is no misuse. */
  readonly key: Uint8Array;
}

/** Runs the requests of a program, and gives back everything that was taken for them. */
export function runApiProgram<P extends Prepared>(
  machine: Machine,
  api: AnyApi<P>,
  ops: readonly Operation[],
  program: Program,
  makeCaller: MakeCaller,
): ProgramOutcome {
  const { freeEarly } = program;
  const messages = ops.map(
    (op, number) => new ProgramMessage(machine, api, op, number, freeEarly, makeCaller),
  );
  const { outcomes, history, misuse } = operate(machine, api, messages, program);
  for (const message of messages) message.end();
  for (const [i, outcome] of outcomes.entries()) messages[i].complete(outcome);
  return { outcomes, history, misuse };
}

/** A program of which nothing more is known than what its requests came to. */
interface Operated extends ProgramOutcome {
  readonly outcomes: readonly OutcomeRecord[];
}

function operate<P extends Prepared>(
  machine: Machine,
  api: AnyApi<P>,
  messages: readonly ProgramMessage<P>[],
  program: Program,
): Operated {
  const numbers = [0, ...program.requests.map(({ tfm }) => tfm)];
  const keyed: Keyed<P>[] = [];
  for (const number of [0, ...program.transforms.map((_, i) => i + 1)]) {
    const made = withKey(api, messages[numbers.indexOf(number)].op);
    if (typeof made === 'number' || made.setauthsize !== 0) {
      for (const { tfm } of keyed) tfm.free();
      if (typeof made === 'number') return everyone(messages, () => new OutcomeRecord(made));
      made.tfm.free();
      const { setkey, setauthsize } = made;
      return everyone(messages, () => tagRefused(setkey, setauthsize));
    }
    keyed.push(made);
  }
  const watch = new CallerWatch(messages);
  const transforms = keyed.map((one) => transformOf(one, messages));
  const run = new ProgramRun(
    machine,
    program,
    messages.map(({ op: { c: own } }) => own),
    numbers.map((number) => transforms[number]),
    watch,
    {
      begin: (number) => messages[number].begin(),
      home: (number, submission) => messages[number].home(submission),
      misused: (words, of) => api.misused?.(words, of),
    },
  );
  const { submissions, history, misuse } = run.run();
  for (const { tfm } of keyed) tfm.free();
  const outcomes = submissions.map(({ ret, completions }, i) => {
    const { tfm, setkey } = keyed[numbers[i]];
    const outcome = new OutcomeRecord(ret);
    outcome.async = tfm.async;
    outcome.setkey = setkey;
    outcome.completions = completions;
    outcome.callerFault = watch.found.get(i);
    return outcome;
  });
  return { outcomes, history, misuse };
}

function withKey<P extends Prepared>(api: AnyApi<P>, { c, input }: Operation): Keyed<P> | Errno {
  const tfm = transform(api, c);
  if (typeof tfm === 'number') return tfm;
  const { forbidWeak } = c.context;
  const setkey = input.key === null ? 0 : tfm.setkey(input.key, forbidWeak);
  const setauthsize = 'setauthsize' in tfm ? tfm.setauthsize(c.authsize) : 0;
  // One that works without a key takes the empty one.
  const key = setkey === 0 && input.key !== null ? input.key : NO_KEY;
  return { tfm, setkey, setauthsize, forbidWeak, key };
}

function transformOf<P extends Prepared>(
  { tfm, key, forbidWeak }: Keyed<P>,
  messages: readonly ProgramMessage<P>[],
): Transform {
  const requests = new Map<Slot, RequestSubject<P>>();
  const batch = 'batch' in tfm ? tfm.batch?.bind(tfm) : undefined;
  return {
    newSlot: (submission) => slotOf(tfm, messages, submission, requests),
    ...(batch === undefined ? {} : { batch: (all) => batch(itemsOf(all, messages, requests)) }),
    rekey: () => tfm.setkey(key, forbidWeak),
    free: () => tfm.free(),
  };
}

function transform<P extends Prepared>(api: AnyApi<P>, { kind, driver }: Case): Subject<P> | Errno {
  switch (kind) {
    case 'skcipher':
      return api.skcipher(driver);
    case 'aead':
      return api.aead(driver);
    case 'ahash':
      return api.ahash(driver);
    case 'acomp':
    case 'akcipher':
    case 'kpp':
      return api.data?.(driver, kind) ?? -ENOENT;
    case 'iterator':
      throw new KernelBug(`a program of an ${kind}`);
  }
}

/** The same outcome for every request: none of them was submitted. */
function everyone(messages: readonly unknown[], outcome: () => OutcomeRecord): Operated {
  const misuse = { happened: false, named: null };
  return { outcomes: messages.map(outcome), history: [], misuse };
}

function slotOf<P extends Prepared>(
  tfm: Subject<P>,
  messages: readonly ProgramMessage<P>[],
  submission: Submission,
  requests: Map<Slot, RequestSubject<P>>,
): Slot {
  if ('digestsize' in tfm) return hashSlot(tfm.request(submission), messages, tfm.digestsize);
  if ('maxSize' in tfm) return dataSlot(tfm.request(), messages);
  const request = tfm.request();
  const slot = cryptSlot(request, messages);
  requests.set(slot, request);
  return slot;
}

function cryptMessage<P extends Prepared>({ op, lists, iv }: ProgramMessage<P>): CryptMessage<P> {
  const { ad, text } = op.input;
  return {
    enc: op.c.op === 'encrypt',
    at: lists,
    assoclen: ad.length,
    len: text.length,
    iv: iv.bytes,
  };
}

function itemsOf<P extends Prepared>(
  all: readonly Joined[],
  messages: readonly ProgramMessage<P>[],
  requests: ReadonlyMap<Slot, RequestSubject<P>>,
): BatchItem<P>[] {
  return all.map(({ number, slot, submission }) => {
    const request = must(requests.get(slot) ?? null);
    return { request, message: cryptMessage(messages[number]), submission };
  });
}

function cryptSlot<P extends Prepared>(
  request: RequestSubject<P>,
  messages: readonly ProgramMessage<P>[],
): Slot {
  const messageOf = (number: number): CryptMessage<P> => cryptMessage(messages[number]);
  const { fill } = request;
  return {
    submit: (number, submission) => request.submit(messageOf(number), submission),
    finish: (number) => messages[number].finish(),
    ...(fill === undefined ? {} : { refill: (number) => fill(shorter(messageOf(number))) }),
    free: () => request.free(),
  };
}

function shorter<P extends Prepared>(message: CryptMessage<P>): CryptMessage<P> {
  return { ...message, len: Math.max(0, message.len - 1) };
}

function dataSlot<P extends Prepared>(
  request: DataRequest<P>,
  messages: readonly ProgramMessage<P>[],
): Slot {
  return {
    submit: (number, submission) => {
      const { op, lists } = messages[number];
      const { op: operation, authsize, room } = op.c;
      assert(operation !== 'digest', 'no hash');
      const { length } = op.input.text;
      return request.submit(
        operation,
        lists,
        length,
        operation === 'verify' ? authsize : room,
        submission,
      );
    },
    finish: (number) => {
      const message = messages[number];
      const { op: operation } = message.op.c;
      assert(operation !== 'digest', 'no hash');
      message.length = request.length(operation);
      message.finish();
    },
    free: () => request.free(),
  };
}

function hashSlot<P extends Prepared>(
  request: MessageSubject<P>,
  messages: readonly ProgramMessage<P>[],
  digestsize: number,
): Slot {
  let calls: (() => Errno)[] = [];
  const next = (): Errno | null => calls.shift()?.() ?? null;
  return {
    submit: (number, submission) => {
      const message = messages[number];
      message.digest = new Uint8Array(digestsize);
      request.rebind(submission);
      calls = callsOf(request, message);
      const answer = next();
      assert(answer !== null, 'a message has a call');
      return answer;
    },
    next,
    refill: (number) => request.fill?.(messages[number].lists, 0),
    free: () => request.free(),
  };
}

/** The calls of a message, as its plan has them. */
function callsOf<P extends Prepared>(
  request: MessageSubject<P>,
  { op: { c, input }, lists: at, digest }: ProgramMessage<P>,
): (() => Errno)[] {
  const total = input.text.length;
  if (c.hash.final === 'digest') return [() => request.digest(at, total, digest)];
  const calls = [() => request.init()];
  let done = 0;
  for (const [i, len] of updateLengths(c, total).entries()) {
    const from = done;
    calls.push(() => request.update(at, from, len));
    done += len;
    if (i > 0 || !c.hash.reimport) continue;
    let state = NO_KEY;
    calls.push(() => {
      const exported = request.export();
      state = exported.state;
      return exported.err;
    });
    calls.push(() => request.import(state));
  }
  const left = total - done;
  if (c.hash.final === 'finup') calls.push(() => request.finup(at, done, left, digest));
  else
    calls.push(
      () => request.update(at, done, left),
      () => request.final(digest),
    );
  return calls;
}

/**
 * Runs programs of requests on any API: one transform, one key, a message for each request.
 * @module
 */
import { KernelBug } from '../../src/assert.ts';
import type { Errno } from '../../src/errno.ts';
import type { Machine } from '../../src/machine/machine.ts';
import type { Case, Program } from '../case/case.ts';
import type {
  AeadSubject,
  AhashSubject,
  MessageSubject,
  Prepared,
  RequestSubject,
  SkcipherSubject,
  SubjectApi,
} from './api.ts';
import { type Outcome, type ProgramOutcome, refused } from './machine-subject.ts';
import type { Operation } from './operation.ts';
import { ProgramRun, type Slot } from './program.ts';
import type { Submission } from './submit.ts';

const NO_KEY: Uint8Array = new Uint8Array(0);

/** One request, over its lists or iterators. */
interface Message<P extends Prepared> {
  readonly op: Operation;
  readonly at: P;
  readonly iv: Uint8Array;
  digest: Uint8Array;
}

/** A transform of any kind. */
type Subject<P extends Prepared> = SkcipherSubject<P> | AeadSubject<P> | AhashSubject<P>;

/** Runs the requests of a program, and gives back everything that was taken for them. */
export function runApiProgram<P extends Prepared>(
  machine: Machine,
  api: SubjectApi<P>,
  ops: readonly Operation[],
  program: Program,
): ProgramOutcome {
  const messages: Message<P>[] = ops.map((op) => ({
    op,
    at: api.prepare({ memory: op.memory, layout: op.c.layout, src: op.src, dst: op.dst }),
    iv: op.c.kind === 'ahash' ? new Uint8Array(0) : op.input.iv.slice(),
    digest: new Uint8Array(0),
  }));
  const { outcomes, ...rest } = operate(machine, api, messages, program);
  for (const { at } of messages) at.release();
  return {
    ...rest,
    outcomes: outcomes.map((outcome, i) => {
      const { at, iv, digest } = messages[i];
      return { ...outcome, iv, digest, iterators: at.moved(), form: at.changes() };
    }),
  };
}

function operate<P extends Prepared>(
  machine: Machine,
  api: SubjectApi<P>,
  messages: readonly Message<P>[],
  program: Program,
): ProgramOutcome {
  const [{ op }] = messages;
  const { c, input } = op;
  const tfm = transform(api, c);
  if (typeof tfm === 'number') return everyone(messages, refused(tfm));
  const { forbidWeak } = c.context;
  const setkey = input.key === null ? 0 : tfm.setkey(input.key, forbidWeak);
  const setauthsize = 'setauthsize' in tfm ? tfm.setauthsize(c.authsize) : 0;
  if (setauthsize !== 0) {
    tfm.free();
    return everyone(messages, { ...refused(setauthsize), setkey, setauthsize });
  }
  // What a cipher refuses for its length is no misuse; one that works without a key takes the empty one.
  const key = setkey === 0 && input.key !== null ? input.key : NO_KEY;
  const run = new ProgramRun(
    machine,
    program,
    messages.map(({ op: { c: own } }) => own),
    (submission) => slotOf(tfm, messages, submission),
    {
      rekey: () => tfm.setkey(key, forbidWeak),
      free: () => tfm.free(),
    },
  );
  const { submissions, history, misuse } = run.run();
  tfm.free();
  const outcomes = submissions.map(({ ret, completions }) => ({
    ...refused(ret),
    async: tfm.async,
    setkey,
    completions,
  }));
  return { outcomes, history, misuse };
}

function transform<P extends Prepared>(
  api: SubjectApi<P>,
  { kind, driver }: Case,
): Subject<P> | Errno {
  switch (kind) {
    case 'skcipher':
      return api.skcipher(driver);
    case 'aead':
      return api.aead(driver);
    case 'ahash':
      return api.ahash(driver);
    default:
      throw new KernelBug(`a program of an ${kind}`);
  }
}

/** The same outcome for every request: none of them was submitted. */
function everyone(messages: readonly unknown[], outcome: Outcome): ProgramOutcome {
  const misuse = { happened: false, named: null };
  return { outcomes: messages.map(() => outcome), history: [], misuse };
}

function slotOf<P extends Prepared>(
  tfm: Subject<P>,
  messages: readonly Message<P>[],
  submission: Submission,
): Slot {
  if ('digestsize' in tfm) return hashSlot(tfm.request(submission), messages, tfm.digestsize);
  return cryptSlot(tfm.request(), messages);
}

function cryptSlot<P extends Prepared>(
  request: RequestSubject<P>,
  messages: readonly Message<P>[],
): Slot {
  return {
    submit: (number, submission) => {
      const { op, at, iv } = messages[number];
      const { ad, text } = op.input;
      const enc = op.c.op === 'encrypt';
      return request.submit({ enc, at, assoclen: ad.length, len: text.length, iv }, submission);
    },
    free: () => request.free(),
  };
}

function hashSlot<P extends Prepared>(
  request: MessageSubject<P>,
  messages: readonly Message<P>[],
  digestsize: number,
): Slot {
  return {
    submit: (number, submission) => {
      const message = messages[number];
      message.digest = new Uint8Array(digestsize);
      request.rebind(submission);
      return request.digest(message.at, message.op.input.text.length, message.digest);
    },
    free: () => request.free(),
  };
}

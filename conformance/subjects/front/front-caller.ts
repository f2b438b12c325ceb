/**
 * A caller of the promise front door: one transform for each question, one or two operations on it, and a look
 * at the machine behind them when all is closed.
 * @module
 */
import {
  type Aead,
  CryptoError,
  createCrypto,
  type Hash,
  type SgCrypto,
  type Skcipher,
} from '../../../converted/front/index.ts';
import type { Errno } from '../../../src/errno.ts';
import { notReturned } from '../../judge/observe.ts';
import { CallerBuffer, lengthsWithin } from './arrays.ts';
import type { FrontAnswer, FrontQuestion, FrontResult } from './question.ts';

/** Its machine: more than any case takes. */
const MEMORY = 1 << 22;
/** An operation of so many bytes has the pool take pages for all that come. */
const WARM = 1 << 17;
const NOTHING: Uint8Array = new Uint8Array(0);

/** A length of the tag that the front door refuses at once, and by no errno: nobody behind it has been asked. */
export class Unasked extends Error {
  override readonly name = 'Unasked';
}

export class FrontCaller {
  private sg: SgCrypto | null = null;
  /** Ends the question that is being answered with what was thrown past its promises. */
  private fail: ((error: unknown) => void) | null = null;

  /**
   * Something was thrown where no promise of the question's takes it, as from a callback of a machine.
   * @throws it again, where nothing is being asked
   */
  strayed(error: unknown): void {
    if (this.fail === null) throw error;
    this.fail(error);
  }

  /** @throws Unasked where the front door refuses a length of the tag that no errno is for. */
  async ask(question: FrontQuestion): Promise<FrontAnswer> {
    const strayed = new Promise<never>((_, reject) => {
      this.fail = reject;
    });
    try {
      return await Promise.race([this.answer(question), strayed]);
    } catch (error) {
      // Whatever state it was left in is forgotten.
      this.sg = null;
      if (error instanceof Unasked) throw error;
      return {
        ...REFUSED,
        trap: error instanceof Error ? (error.stack ?? error.message) : `${error}`,
      };
    } finally {
      this.fail = null;
    }
  }

  private async answer(question: FrontQuestion): Promise<FrontAnswer> {
    this.sg ??= await warmed();
    const { machine } = this.sg.api;
    const { gather } = machine;
    machine.ledger.mark();
    machine.warnings.length = 0;
    // One question must not be answered by how many were asked before it: some transforms draw a salt.
    machine.reseed(question.seed);
    if (question.gather > 0) machine.gather = question.gather;
    try {
      return await answered(this.sg, question);
    } finally {
      machine.gather = gather;
    }
  }
}

async function answered(sg: SgCrypto, question: FrontQuestion): Promise<FrontAnswer> {
  const { machine } = sg.api;
  const [setkey, setauthsize, transform] = allocated(sg, question);
  let result: FrontResult | null = null;
  let again: FrontResult | null = null;
  if (transform !== null) {
    machine.faults.arm(question.faults);
    result = await operated(transform, question);
    machine.faults.arm([]);
    if (question.again) again = await operated(transform, question);
    await transform.close();
  }
  await sg.executor.idle();
  return {
    ...{ setkey, setauthsize, result, again },
    leaks: notReturned(machine.ledger),
    warnings: [...machine.warnings],
    trap: null,
  };
}

const REFUSED: FrontAnswer = {
  setkey: 0,
  setauthsize: 0,
  result: null,
  again: null,
  leaks: [],
  warnings: [],
  trap: null,
};

async function warmed(): Promise<SgCrypto> {
  const sg = createCrypto({ memory: MEMORY, checks: true });
  const hash = sg.hash('sha256');
  await hash.digest(new Uint8Array(WARM));
  await hash.close();
  return sg;
}

type Transform = Skcipher | Aead | Hash;

/** A transform with its key, or the errnos of what was refused. The key is heard before the tag. */
function allocated(
  sg: SgCrypto,
  { kind, driver, key, authsize }: FrontQuestion,
): [setkey: Errno, setauthsize: Errno, Transform | null] {
  const given = { key: key ?? NOTHING };
  if (kind === 'ahash') return made(() => sg.hash(driver, key === null ? {} : { key }));
  if (kind === 'skcipher') return made(() => sg.skcipher(driver, given));
  const [setkey, , keyed] = made(() => sg.aead(driver, given));
  if (keyed === null) return [setkey, 0, null];
  void keyed.close();
  const [setauthsize, , whole] = made(() => tagged(() => sg.aead(driver, { ...given, authsize })));
  return [0, setauthsize, whole];
}

function made<T extends Transform>(make: () => T): [Errno, Errno, T | null] {
  try {
    return [0, 0, make()];
  } catch (error) {
    return [errnoOf(error), 0, null];
  }
}

/** @throws Unasked for a tag longer than any, which is outside the bounds of the option. */
function tagged<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof RangeError && error.message.startsWith('authsize: '))) throw error;
    throw new Unasked(error.message);
  }
}

/** @throws what is no errno: arguments of a case have the right types, so that is a fault of the front door. */
function errnoOf(error: unknown): Errno {
  if (error instanceof CryptoError) return error.errno;
  throw error;
}

function operated(transform: Transform, question: FrontQuestion): Promise<FrontResult> {
  if (question.kind === 'ahash') return digested(transform as Hash, question);
  return crypted(transform as Skcipher | Aead, question);
}

async function digested(hash: Hash, question: FrontQuestion): Promise<FrontResult> {
  const { text, src, updates, iv, seed } = question;
  const source = new CallerBuffer(text.length, seed, text);
  const pieces = (from: number, len: number): Uint8Array[] =>
    source.cut(lengthsWithin(src, from, len), from);
  let output = NOTHING;
  const ret = await errnoFrom(async () => {
    if (updates === null) {
      output = await hash.digest(pieces(0, text.length));
      return;
    }
    const message = hash.start();
    let done = 0;
    for (const len of [...updates, text.length - updates.reduce((sum, one) => sum + one, 0)]) {
      await message.update(pieces(done, len));
      done += len;
    }
    output = await message.digest();
  });
  return { ret, output, iv, changed: changesOf([['the data', source, false]]) };
}

async function crypted(transform: Skcipher | Aead, question: FrontQuestion): Promise<FrontResult> {
  const { kind, enc, text, inplace, seed } = question;
  const iv = new CallerBuffer(question.iv.length, seed + 1, question.iv);
  const ad = new CallerBuffer(question.ad.length, seed + 2, question.ad);
  const tag = new CallerBuffer(question.tag.length, seed + 3, question.tag);
  const source = new CallerBuffer(text.length, seed, text);
  const target = inplace === 'no' ? new CallerBuffer(text.length, seed + 4) : source;
  const at = question.ad.length;
  const data = source.cut(lengthsWithin(question.src, at, text.length));
  const into = inplace === 'same' ? data : target.cut(lengthsWithin(question.dst, at, text.length));
  let told: Uint8Array = iv.bytes;
  let made = NOTHING;
  const ret = await errnoFrom(async () => {
    const input = { iv: iv.bytes, data, into };
    if (kind === 'skcipher') {
      const cipher = transform as Skcipher;
      const output = await (enc ? cipher.encrypt(input) : cipher.decrypt(input));
      told = output.iv;
      return;
    }
    const aead = transform as Aead;
    const sealed = { ...input, ad: ad.cut(lengthsWithin(question.src, 0, at)) };
    if (enc) made = (await aead.encrypt(sealed)).tag;
    else await aead.decrypt({ ...sealed, tag: tag.bytes });
  });
  const changed = changesOf([
    ['the IV', iv, false],
    ['the associated data', ad, false],
    ['the tag', tag, false],
    ...(inplace === 'no' ? ([['the data', source, false]] as const) : []),
    ['where the text goes', target, ret === 0],
  ]);
  const output = ret === 0 ? Uint8Array.from([...target.bytes, ...made]) : NOTHING;
  return { ret, output, iv: Uint8Array.from(told), changed };
}

/** Buffers that were changed where they must not be. */
function changesOf(
  buffers: readonly (readonly [name: string, buffer: CallerBuffer, isOutput: boolean])[],
): string[] {
  return buffers.flatMap(([name, buffer, isOutput]) => {
    const at = buffer.changed(isOutput);
    return at === null ? [] : [`byte ${at} of ${name} was changed`];
  });
}

/** @returns the errno that it rejects with, or 0 */
async function errnoFrom(work: () => Promise<void>): Promise<Errno> {
  try {
    await work();
    return 0;
  } catch (error) {
    return errnoOf(error);
  }
}

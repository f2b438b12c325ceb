/**
 * The canaries of lifetimes: an API that touches the IV of a request which is over, or goes over its end, and one that goes on in
 * the page behind the one that it has mapped.
 * @module
 */
import type { Errno } from '../../src/errno.ts';
import type { Machine } from '../../src/machine/machine.ts';
import type { Case } from '../case/case.ts';
import type { SkcipherSubject } from '../subjects/api.ts';
import { ApiSide } from '../subjects/api-side.ts';
import { ConvertedApi } from '../subjects/converted.ts';
import type { Iterators } from '../subjects/iterators.ts';
import { bothSides } from '../subjects/sides.ts';
import { Canary, type Harm } from './canary.ts';
import { Harness } from './harness.ts';

/** What is done to an IV behind its request. */
type Touch = (machine: Machine, iv: Uint8Array) => void;

/** Reads the whole IV, one byte more, and writes it without a word. */
export const TOUCHES: Readonly<Record<'read' | 'overread' | 'write', Touch>> = {
  read: (machine, iv) => machine.checkLent(iv, iv.length),
  overread: (machine, iv) => machine.checkLent(iv, iv.length + 1),
  write: (_, iv) => iv.fill(0),
};

class LateApi extends ConvertedApi {
  private readonly own: Machine;
  private readonly touch: Touch;

  constructor(machine: Machine, touch: Touch) {
    super(machine);
    this.own = machine;
    this.touch = touch;
  }

  override skcipher(driver: string): SkcipherSubject<Iterators> | Errno {
    const tfm = super.skcipher(driver);
    if (typeof tfm === 'number') return tfm;
    return {
      async: tfm.async,
      setkey: (key, forbidWeak) => tfm.setkey(key, forbidWeak),
      free: () => tfm.free(),
      request: () => tfm.request(),
      crypt: (enc, at, len, iv, submission) => {
        const err = tfm.crypt(enc, at, len, iv, submission);
        this.touch(this.own, iv);
        return err;
      },
    };
  }
}

/** What rings where an API touches an IV late that is on the heap, or on the stack. @param c of a cipher with IV */
export function lateTouch(c: Case, isOnStack: boolean, touch: Touch = TOUCHES.read): string[] {
  const context = { ...c.context, stackIv: isOnStack ? (true as const) : undefined };
  const harness = new Harness((machine) => [new ApiSide(machine, new LateApi(machine, touch))]);
  return harness.judge({ ...c, context }).map(({ check }) => check);
}

/**
 * What rings where an API reads a segment over the end of its page at once.
 * @param c whose source crosses one
 * @param side 0 is the old API, 1 the new one
 */
export function keptPointer(c: Case, highmem: boolean, side: 0 | 1): string[] {
  const context = { ...c.context, highmem: highmem ? (true as const) : undefined };
  const reads: Harm = ({ memory, src }, outcome) => {
    const [{ runs }] = src;
    memory.machine.load(runs[0].phys, runs[0].len);
    return outcome;
  };
  const harness = new Harness((machine) => [new Canary(bothSides(machine)[side], reads)]);
  return harness.judge({ ...c, context }).map(({ check }) => check);
}

/**
 * The canaries of lifetimes: an API that writes the IV of a request which is over, and one that goes on in
 * the page behind the one that it has mapped.
 * @module
 */
import type { Errno } from '../../src/errno.ts';
import type { Case } from '../case/case.ts';
import type { SkcipherSubject } from '../subjects/api.ts';
import { ApiSide } from '../subjects/api-side.ts';
import { ConvertedApi } from '../subjects/converted.ts';
import type { Iterators } from '../subjects/iterators.ts';
import { bothSides } from '../subjects/sides.ts';
import { Canary, type Harm } from './canary.ts';
import { Harness } from './harness.ts';

class LateApi extends ConvertedApi {
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
        iv.set(iv);
        return err;
      },
    };
  }
}

/** What rings where an API writes an IV late that is on the heap, or on the stack. @param c of a cipher with IV */
export function lateTouch(c: Case, isOnStack: boolean): string[] {
  const context = { ...c.context, stackIv: isOnStack ? (true as const) : undefined };
  const harness = new Harness((machine) => [new ApiSide(machine, new LateApi(machine))]);
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

/**
 * A case and its faults, for the tests of this room.
 * @module
 */
import type { Case } from '../case/case.ts';
import { CaseGenerator } from '../case/generate.ts';
import { sliceRuns } from '../case/placed.ts';
import { type Call, type Fault, FaultyApi } from '../laws/faulty.ts';
import { ConvertedApi } from '../subjects/converted.ts';
import { LegacyApi } from '../subjects/legacy.ts';
import { type Explanation, explainCase } from './explain.ts';
import { TracedSide } from './traced-api.ts';

export const AD = 20;
export const TEXT = 100;
export const TAG = 16;

export const GCM: Case = {
  ...new CaseGenerator(['gcm(aes)']).at(1, 2),
  driver: 'gcm_base(ctr-aes-accel,ghash-generic)',
  async: false,
  op: 'encrypt',
  ad: { seed: 1, len: AD },
  text: { seed: 2, len: TEXT },
  authsize: TAG,
  layout: {
    inplace: 'no',
    src: [
      { kind: 'page', offset: 4090, len: 50 },
      { kind: 'slab', offset: 3, len: AD + TEXT - 50 },
    ],
    dst: [
      { kind: 'user', offset: 7, len: 33 },
      { kind: 'page', offset: 5, len: AD + TEXT + TAG - 33 },
    ],
    chain: 0,
  },
  context: {
    ...{ sleep: false, backlog: false, atomic: false, reuse: false },
    ...{ fault: 0, gather: 0, forbidWeak: false },
  },
};
/** The scatterlist API as it is, and the converted one with a fault. */
export function explainFault(fault: Fault, c: Case = GCM): Explanation {
  return explainCase(c, (machine) => [
    TracedSide.over(machine, new LegacyApi(machine)),
    TracedSide.over(machine, new FaultyApi(new ConvertedApi(machine), fault)),
  ]);
}

/** Flips the byte at `skip` of a list, through the machine, when the operation is done. */
export function flip(list: 'src' | 'dst', skip: number): Fault {
  return { operate: (call, next) => poke(call, list, skip, next) };
}

/** The operation, and then the byte at `skip` flipped. */
export function poke(
  { buffers }: Call,
  list: 'src' | 'dst',
  skip: number,
  next: () => number,
): number {
  const { machine } = buffers.memory;
  const err = next();
  const [{ phys }] = sliceRuns(buffers[list], skip, 1);
  machine.store(phys, Uint8Array.of(machine.mem.load(phys, 1)[0] ^ 0x55));
  return err;
}

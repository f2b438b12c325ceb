/**
 * Small copies between a bio_vec list and a private buffer: tags, tails, wiping.
 * C: include/linux/bvec.h memcpy_from_bvec, memcpy_to_bvec, memzero_bvec (6.1), for whole lists
 * @module
 */
import { assert } from '../../src/assert.ts';
import { memAddr } from '../../src/units.ts';
import { listAt, listLen, type OpList } from './list.ts';
import type { WalkMemory } from './walk.ts';

/** Reads `target.length` bytes from byte `skip` of the list on. @kernel none */
export function bvecRead(mem: WalkMemory, list: OpList, skip: number, target: Uint8Array): void {
  let before = skip;
  let done = 0;
  for (let k = 0; done < target.length; k++) {
    assert(k < list.nr, 'read inside the list');
    const rest = listLen(list, k) - before;
    if (rest <= 0) {
      before -= listLen(list, k);
      continue;
    }
    const part = Math.min(rest, target.length - done);
    target.set(mem.load(memAddr(listAt(list, k) + before), part), done);
    done += part;
    before = 0;
  }
}

/** Writes all of `source` at byte `skip` of the list. @kernel none */
export function bvecWrite(mem: WalkMemory, list: OpList, skip: number, source: Uint8Array): void {
  let before = skip;
  let done = 0;
  for (let k = 0; done < source.length; k++) {
    assert(k < list.nr, 'write inside the list');
    const rest = listLen(list, k) - before;
    if (rest <= 0) {
      before -= listLen(list, k);
      continue;
    }
    const part = Math.min(rest, source.length - done);
    mem.store(memAddr(listAt(list, k) + before), source.subarray(done, done + part));
    done += part;
    before = 0;
  }
}

/** Overwrites everything with zeros. @kernel none */
export function bvecWipe(mem: WalkMemory, list: OpList): void {
  for (let k = 0; k < list.nr; k++) mem.fill(listAt(list, k), listLen(list, k), 0);
}

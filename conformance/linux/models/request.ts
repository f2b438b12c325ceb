/**
 * What skcipher and AEAD cases have in common: where the IV lies, the lists, the report.
 * @module
 */

import type { CipherCase, Segment } from '../text/case.ts';
import { type BuiltList, buildList, listChanged } from './arena.ts';
import type { Answer, World } from './world.ts';

/** What a result buffer holds before the operation, as in `module/oracle.h`. */
export const POISON = 0xdb;

const IV_ROOM = 512;
const IV_ALIGN = 128;

/** The IV at its distance from an aligned address: `ivSize` bytes of the kernel's 128. */
export function placeIv(c: CipherCase, ivSize: number): Uint8Array {
  const buffer = new Uint8Array(IV_ROOM).fill(POISON);
  const at = IV_ALIGN + (c.ivOffset & (IV_ALIGN - 1));
  buffer.set(Buffer.from(c.iv, 'hex'), at);
  return buffer.subarray(at, at + ivSize);
}

/** Both lists of a case; in place they are one. */
export interface CaseLists {
  readonly src: BuiltList;
  readonly dst: BuiltList;
  /** The segments that the answer reports. */
  readonly target: readonly Segment[];
}

/** Builds the lists of a case. */
export function caseLists(world: World, c: CipherCase): CaseLists {
  const src = buildList(world.arena, c.src);
  const dst = c.dst === null ? src : buildList(world.arena, c.dst);
  return { src, dst, target: c.dst ?? c.src };
}

/** Bytes of a key, at an aligned address. */
export function keyBytes(c: { readonly key: string }): Uint8Array {
  return Uint8Array.from(Buffer.from(c.key, 'hex'));
}

/** Notes what the operation changed that belongs to its caller. */
export function reportChanges(
  answer: Answer,
  lists: Pick<CaseLists, 'src' | 'dst'>,
  tfmChanged: boolean,
  fieldsChanged: boolean,
): void {
  const found: string[] = [];
  if (tfmChanged) found.push('tfm');
  if (fieldsChanged) found.push('request');
  if (listChanged(lists.src) || listChanged(lists.dst)) found.push('list');
  answer.changed = [...answer.changed, ...found];
}

/** Lines of the first half. */
export function reportFirst(
  world: World,
  lists: CaseLists,
  answer: Answer,
  err: number,
  iv: Uint8Array,
): void {
  answer.stage = 'crypt';
  answer.err = err;
  answer.iv = Buffer.from(iv).toString('hex');
  answer.out = world.arena.read(lists.target);
  answer.stray = world.arena.stray(lists.target);
}

/** Between the halves: AD into the destination, a flipped bit, a new picture of memory. */
export function prepareSecond(world: World, c: CipherCase, lists: CaseLists): void {
  const bytes = world.arena.bytes();
  if (c.dst !== null && c.assoc > 0) {
    const ad = Buffer.from(world.arena.read(c.src), 'hex').subarray(0, c.assoc);
    let done = 0;
    for (const { page, offset, length } of lists.target) {
      const part = ad.subarray(done, done + length);
      bytes.set(part, page * 4096 + offset);
      done += part.length;
    }
  }
  if (c.flip !== null) bytes[c.flip] ^= 1;
  world.arena.snapshot();
}

/** Lines of the second half. A stray write of either half is reported. */
export function reportSecond(
  world: World,
  lists: CaseLists,
  answer: Answer,
  err: number,
  iv: Uint8Array,
): void {
  answer.err2 = err;
  answer.iv2 = Buffer.from(iv).toString('hex');
  answer.out2 = world.arena.read(lists.target);
  answer.stray = world.arena.stray(lists.target) ?? answer.stray;
}

/** Ends a case at a stage before the operation. */
export function refuse(answer: Answer, stage: string, err: number): void {
  answer.stage = stage;
  answer.err = err;
}

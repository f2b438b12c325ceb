/**
 * What skcipher and AEAD cases have in common: where the IV lies, the lists, the report.
 * @module
 */

import { type CipherCase, type Segment, segmentStart } from '../text/case.ts';
import { type Arena, type BuiltList, buildList, listChanged } from './arena.ts';
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
export function keyBytes(key: string): Uint8Array {
  return Uint8Array.from(Buffer.from(key, 'hex'));
}

/** What an operation changed that belongs to its caller. */
export interface Changes {
  readonly tfm: boolean;
  readonly callback: boolean;
  readonly request: boolean;
}

/** Notes what the operation changed. */
export function reportChanges(
  answer: Answer,
  lists: Pick<CaseLists, 'src' | 'dst'>,
  { tfm, callback, request }: Changes,
): void {
  const found: string[] = [];
  if (tfm) found.push('tfm');
  if (callback) found.push('callback');
  if (request) found.push('request');
  if (listChanged(lists.src) || listChanged(lists.dst)) found.push('list');
  answer.changed = [...answer.changed, ...found];
}

/** Lines of one half of a case: of the second, if the first is there. A stray write of either counts. */
export function reportHalf(
  arena: Arena,
  target: readonly Segment[],
  answer: Answer,
  err: number,
  iv: Uint8Array,
): void {
  const out = arena.read(target);
  const ivText = Buffer.from(iv).toString('hex');
  answer.stray = arena.stray(target) ?? answer.stray;
  if (answer.stage === 'crypt') {
    answer.err2 = err;
    answer.iv2 = ivText;
    answer.out2 = out;
    return;
  }
  answer.stage = 'crypt';
  answer.err = err;
  answer.iv = ivText;
  answer.out = out;
}

/** Between the halves: AD into the destination, a flipped bit, a new picture of memory. */
export function secondHalf(arena: Arena, c: CipherCase): void {
  const ad = Buffer.from(arena.read(c.src), 'hex').subarray(0, c.dst === null ? 0 : c.assoc);
  arena.edit((bytes) => {
    let done = 0;
    for (const segment of c.dst ?? c.src) {
      const part = ad.subarray(done, done + segment.length);
      bytes.set(part, segmentStart(segment));
      done += part.length;
    }
    if (c.flip !== null) bytes[c.flip] ^= 1;
  });
  arena.snapshot();
}

/** Ends a case at a stage before the operation. */
export function refuse(answer: Answer, stage: string, err: number): void {
  answer.stage = stage;
  answer.err = err;
}

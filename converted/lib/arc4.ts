/**
 * ARC4 over virtual addresses: a key and where its stream is. The stream goes on from piece to piece, and from
 * message to message until the next key.
 * C: include/crypto/arc4.h, lib/crypto/arc4.c (7.3)
 * @module
 */
import { assert } from '../../src/assert.ts';
import type { ByteMemory } from '../../src/provider/provider.ts';
import { Arc4 } from '../../src/provider/soft/arc4.ts';
import type { VirtAddr } from '../../src/units.ts';

/** @kernel ARC4_MIN_KEY_SIZE */
export const ARC4_MIN_KEY_SIZE = 1;
/** @kernel ARC4_MAX_KEY_SIZE */
export const ARC4_MAX_KEY_SIZE = 256;

/** @kernel arc4_ctx */
export class Arc4Ctx {
  stream: Arc4 | null = null;
}

/** The stream begins. The length of `inKey` is the caller's to check. @kernel arc4_setkey */
export function arc4Setkey(ctx: Arc4Ctx, inKey: Uint8Array): void {
  const { length } = inKey;
  assert(length >= ARC4_MIN_KEY_SIZE && length <= ARC4_MAX_KEY_SIZE, 'an ARC4 key');
  ctx.stream = new Arc4(inKey);
}

/** A piece of any length, in either direction. @kernel arc4_crypt */
export function arc4Crypt(
  { stream }: Arc4Ctx,
  mem: ByteMemory,
  dst: VirtAddr,
  src: VirtAddr,
  len: number,
): void {
  assert(stream !== null, 'a key of ARC4 that is set');
  stream.crypt(mem, src, dst, len);
}

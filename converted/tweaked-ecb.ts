/**
 * Modes that add (xor) a tweak to every block, in front of one call of an ecb child and behind it.
 * C: crypto/xts.c, crypto/lrw.c (6.1), which are the same but for their tweaks
 * @module
 */
import type { CryptoAlg, SkcipherProperties } from '../src/crypto/algorithm.ts';
import { likeSkcipher } from '../src/crypto/instance.ts';
import type { Errno } from '../src/errno.ts';
import { callSkcipher } from './child.ts';
import type { OpList } from './lower/list.ts';
import type { SkcipherAlg } from './skcipher.ts';
import type { Child } from './spawn.ts';
import type { Step } from './steps.ts';
import type { SkcipherTemplateOp } from './template.ts';

/** @kernel XTS_BLOCK_SIZE */
export const XTS_BLOCK_SIZE = 16;
/** Index of the ecb child. @kernel none */
export const ECB = 0;

/** What such a mode asks of its first child, which may be named as the cipher. @kernel none: the checks of xts_create and lrw_create */
export const ecbChild: Child<'skcipher'> = {
  kind: 'skcipher',
  or: 'ecb',
  name: 'ecb(',
  ivsize: 0,
  blocksize: XTS_BLOCK_SIZE,
};

/** An instance over the child, whose generic name is that of the cipher. @kernel none: the end of xts_create and lrw_create */
export function overEcb(
  template: string,
  ecb: SkcipherAlg,
): Pick<CryptoAlg, 'name' | 'priority' | 'blocksize' | 'alignmask'> & SkcipherProperties {
  return {
    ...likeSkcipher(ecb),
    name: `${template}(${ecb.name.slice(4)}`,
    alignmask: ecb.alignmask | 7,
    ivsize: XTS_BLOCK_SIZE,
  };
}

/** The steps between two tweaks, over whole blocks. @param addTweaks to the blocks of a list, which it puts into the destination @kernel none: xor_tweak_pre, the call, xor_tweak_post */
export function tweakedEcb(
  addTweaks: (op: SkcipherTemplateOp, src: OpList) => Errno,
): readonly Step<SkcipherTemplateOp>[] {
  return [
    (op) => addTweaks(op, op.src),
    (op) => callSkcipher(op, ECB, op.dst, op.dst, op.len - (op.len % XTS_BLOCK_SIZE)),
    (op) => addTweaks(op, op.dst),
  ];
}

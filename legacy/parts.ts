/**
 * The layout work that templates have in common: private blocks glued in front of the caller's list, the
 * text behind the associated data, the tag behind the text.
 * C: the blocks of sg_set_buf, scatterwalk_ffwd and scatterwalk_map_and_copy in crypto/gcm.c, ccm.c,
 * authenc.c, chacha20poly1305.c (6.1)
 * @module
 */
import { KernelBug } from '../src/assert.ts';
import { EBADMSG, type Errno } from '../src/errno.ts';
import type { Machine } from '../src/machine/machine.ts';
import type { HashState } from '../src/provider/provider.ts';
import type { VirtAddr } from '../src/units.ts';
import type { AeadRequest } from './aead.ts';
import { type Scatterlist, sgChain, sgInitTable, sgNents, sgSetBuf } from './lists/scatterlist.ts';
import {
  SG_MITER_ATOMIC,
  SG_MITER_FROM_SG,
  sgMiterNext,
  sgMiterStart,
  sgMiterStop,
} from './lists/sg-mapping-iter.ts';
import { scatterwalkFfwd, scatterwalkMapAndCopy } from './walk/scatterwalk.ts';

/**
 * Makes `table`, of three entries, the list (`len` bytes at `head`, `list` behind its first `skip`
 * bytes).
 * @kernel none: crypto_gcm_init_common, crypto_ccm_init_crypt, crypto_rfc4106_crypt write it out
 */
export function glue(
  machine: Machine,
  table: Scatterlist[],
  head: VirtAddr,
  len: number,
  list: Scatterlist | null,
  skip: number,
): void {
  sgInitTable(table, 3);
  sgSetBuf(machine, table[0], head, len);
  const sg = scatterwalkFfwd(table[1], list, skip);
  if (sg !== table[1]) sgChain(table[0], 2, sg);
}

/** Source and destination behind the associated data, which two entries of each table hold. @kernel none: crypto_authenc_encrypt and others write it out */
export function behindAd(
  { src, dst, assoclen }: AeadRequest,
  tables: { readonly src: Scatterlist[]; readonly dst: Scatterlist[] },
): { readonly src: Scatterlist | null; readonly dst: Scatterlist | null } {
  const from = scatterwalkFfwd(tables.src[0], src, assoclen);
  return { src: from, dst: src === dst ? from : scatterwalkFfwd(tables.dst[0], dst, assoclen) };
}

/** Puts `authsize` bytes of the tag at `at` of the destination. @returns 0. @kernel none: the last call of an encryption */
export function tagWrite({ tfm, dst }: AeadRequest, tag: Uint8Array, at: number): Errno {
  scatterwalkMapAndCopy(tfm.api.machine, tag, dst, at, tfm.authsize, 1);
  return 0;
}

/** Compares the tag with the one at `at` of the source. @returns 0 or -EBADMSG. @kernel none: the last call of a decryption */
export function tagDiffers({ tfm, src }: AeadRequest, tag: Uint8Array, at: number): Errno {
  const given = new Uint8Array(tfm.authsize);
  scatterwalkMapAndCopy(tfm.api.machine, given, src, at, tfm.authsize, 0);
  return cryptoMemneq(given, tag, tfm.authsize) ? -EBADMSG : 0;
}

/** Hashes the first `nbytes` of a list, mapped entry by entry. @throws KernelBug for a list that is shorter. @kernel none: the loop of adiantum_hash_message and hctr2_hash_message */
export function hashList(
  machine: Machine,
  state: HashState,
  sgl: Scatterlist | null,
  nbytes: number,
): void {
  const miter = sgMiterStart(machine, sgl, sgNents(sgl), SG_MITER_FROM_SG | SG_MITER_ATOMIC);
  for (let done = 0; done < nbytes; ) {
    if (!sgMiterNext(miter)) throw new KernelBug('the list is too short for the hash');
    const n = Math.min(miter.length, nbytes - done);
    state.update(machine, miter.addr, n);
    done += n;
  }
  sgMiterStop(miter);
}

/** Compares all bytes whatever they are. @kernel crypto_memneq */
export function cryptoMemneq(a: Uint8Array, b: Uint8Array, size: number): boolean {
  let differ = 0;
  for (let i = 0; i < size; i++) differ |= a[i] ^ b[i];
  return differ !== 0;
}

/**
 * The algebra of lists: what a step gives to a child is put together from the lists of its operation,
 * row by row. No byte is copied, and no list of the caller is changed.
 *
 * A list made here lives until the next step begins. Rows are not merged: in a late list, neighbours may
 * be strangers in memory.
 * C: scatterwalk_ffwd, sg_chain and the private tables in the templates of crypto/ (6.1), which these
 * replace
 * @module
 */
import { assert } from '../src/assert.ts';
import { BVEC_READONLY } from '../src/bvec.ts';
import { EBADMSG, type Errno } from '../src/errno.ts';
import { memAddr, PAGE_SIZE } from '../src/units.ts';
import type { AeadOp } from './aead.ts';
import { bvecRead, bvecWrite } from './lower/copy.ts';
import { listAppend, listAppendAll, listAt, listLen, type OpList } from './lower/list.ts';
import { type CryptoOp, NO_LIST } from './op.ts';
import { stepContext } from './steps.ts';

/** One list behind the other. @kernel none: sg_chain */
export function parts(
  op: CryptoOp,
  a: OpList,
  b: OpList,
  c: OpList = NO_LIST,
  d: OpList = NO_LIST,
): OpList {
  const list = stepContext(op).list();
  listAppendAll(list, a);
  listAppendAll(list, b);
  listAppendAll(list, c);
  listAppendAll(list, d);
  return list;
}

/** The `len` bytes that begin at byte `from`, all of which must be there. @kernel none: scatterwalk_ffwd */
export function slice(op: CryptoOp, source: OpList, from: number, len: number): OpList {
  assert(from >= 0 && len >= 0 && from + len <= source.size, 'slice inside the list');
  const list = stepContext(op).list();
  let skip = from;
  let left = len;
  for (let k = 0; left > 0; k++) {
    const rest = listLen(source, k) - skip;
    if (rest <= 0) {
      skip -= listLen(source, k);
      continue;
    }
    const part = Math.min(rest, left);
    listAppend(list, memAddr(listAt(source, k) + skip), part, source.flags[k]);
    left -= part;
    skip = 0;
  }
  return list;
}

/** The list with zeros behind it, up to a multiple of `block`. @kernel none: the zeroes of crypto/gcm.c */
export function padded(op: CryptoOp, source: OpList, block: number): OpList {
  const short = source.size % block;
  return short === 0 ? source : parts(op, source, zeros(op, block - short));
}

/** Zeros that are only read. @kernel none: ZERO_PAGE */
export function zeros(op: CryptoOp, len: number): OpList {
  assert(len <= PAGE_SIZE, 'zeros inside their page');
  const list = stepContext(op).list();
  listAppend(list, op.tfm.api.machine.zeroPage, len, BVEC_READONLY);
  return list;
}

/** Memory of the operation's own, which its template has asked for. @kernel none: sg_set_buf */
export function own(op: CryptoOp, at: number, len: number): OpList {
  const list = stepContext(op).list();
  listAppend(list, memAddr(op.memory + at), len, 0);
  return list;
}

/** Writes memory of the operation's own. @kernel none */
export function ownWrite(op: CryptoOp, at: number, bytes: Uint8Array): void {
  op.tfm.api.mem.store(memAddr(op.memory + at), bytes);
}

/** A copy of memory of the operation's own. @kernel none */
export function ownRead(op: CryptoOp, at: number, len: number): Uint8Array {
  return op.tfm.api.mem.load(memAddr(op.memory + at), len).slice();
}

/** Overwrites memory of the operation's own with zeros. @kernel none */
export function ownClear(op: CryptoOp, at: number, len: number): void {
  op.tfm.api.mem.fill(memAddr(op.memory + at), len, 0);
}

/** The side of the text that holds the ciphertext once the cipher has run. @kernel none */
export function cipherText({ enc, src, dst }: AeadOp): OpList {
  return enc ? dst : src;
}

/** The side of the text that holds the plaintext: before the cipher runs, or after. @kernel none */
export function plainText({ enc, src, dst }: AeadOp): OpList {
  return enc ? src : dst;
}

/** Step: puts the computed tag where the caller wants it. @kernel none: scatterwalk_map_and_copy */
export function tagWrite({ tfm, hash, tag }: AeadOp): Errno {
  bvecWrite(tfm.api.mem, tag, 0, hash.subarray(0, tfm.authsize));
  return 0;
}

/** Step: compares the computed tag with the given one, all of it whatever it is. @returns 0 or -EBADMSG. @kernel none: crypto_memneq */
export function tagDiffers({ tfm, hash, tag }: AeadOp): Errno {
  const given = new Uint8Array(tfm.authsize);
  bvecRead(tfm.api.mem, tag, 0, given);
  let differ = 0;
  for (let i = 0; i < given.length; i++) differ |= hash[i] ^ given[i];
  return differ === 0 ? 0 : -EBADMSG;
}

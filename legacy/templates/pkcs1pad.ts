/**
 * pkcs1pad(rsa) and pkcs1pad(rsa, hash): the padding of RFC 8017 for encryption and signatures.
 *
 * The padding is a private buffer in front of the caller's list; what is opened is read from another one.
 * A digest that is verified stands behind the signature, in one list.
 * C: crypto/rsa-pkcs1pad.c (6.1)
 * @module
 */

import { KernelOops } from '../../src/assert.ts';
import { instanceNames } from '../../src/crypto/instance.ts';
import { rsaLookupAsn1 } from '../../src/crypto/rsa.ts';
import { EBADMSG, EINVAL, EKEYREJECTED, ENOMEM, EOVERFLOW, type Errno } from '../../src/errno.ts';
import { readKernel, writeKernel } from '../../src/machine/access.ts';
import { type VirtAddr, virtAddr } from '../../src/units.ts';
import {
  cryptoAkcipherDecrypt,
  cryptoAkcipherEncrypt,
  cryptoAkcipherMaxsize,
  cryptoAkcipherSetPrivKey,
  cryptoAkcipherSetPubKey,
} from '../akcipher.ts';
import { callAkcipher, childAkcipher } from '../child.ts';
import { sgAlloc, sgChain, sgInitTable, sgNents, sgSetBuf } from '../lists/scatterlist.ts';
import { sgCopyFromBuffer, sgPcopyToBuffer } from '../lists/sg-mapping-iter.ts';
import { SCATTERLIST_SIZE } from '../lists/sg-table.ts';
import { StepContext, stepContext } from '../steps.ts';
import { type AkcipherTemplateReq, akcipherTemplate, type CryptoTemplate } from '../template.ts';

const RSA = 0;
/** Three entries and two pointers. */
const REQUEST_SIZE = 3 * SCATTERLIST_SIZE + 16;
/** Type, separator, and eight bytes of padding at least, behind a zero. */
const OVERHEAD = 11;
const PADDING_MIN = 8;
const TYPE_SIGNED = 1;
const TYPE_ENCRYPTED = 2;
const NO_INFO = new Uint8Array(0);
const NOWHERE = virtAddr(0);

/** @kernel pkcs1pad_request */
class Pkcs1padRequest extends StepContext<AkcipherTemplateReq> {
  readonly inSg = sgAlloc(2);
  readonly outSg = sgAlloc(1);
  /** The padding, or what was opened: one of them is in use. */
  private buffer: VirtAddr = NOWHERE;

  /** With GFP_KERNEL, whatever the flags say. @returns null without memory. @kernel none: kmalloc of in_buf and out_buf */
  alloc(len: number): VirtAddr | null {
    const buffer = this.req.tfm.api.machine.slab.kmalloc(len, 'pkcs1pad');
    this.buffer = buffer ?? NOWHERE;
    return buffer;
  }

  /** The first `len` bytes of what was opened. */
  opened(len: number): Uint8Array {
    const bytes = new Uint8Array(len);
    readKernel(this.req.tfm.api.machine, this.buffer, bytes);
    return bytes;
  }

  protected override release(): void {
    if (this.buffer !== NOWHERE) this.req.tfm.api.machine.slab.kfreeSensitive(this.buffer);
    this.buffer = NOWHERE;
  }
}

/** @kernel rsa_pkcs1pad_tmpl */
export const pkcs1pad: CryptoTemplate = {
  names: [{ name: 'pkcs1pad', params: 1 }],
  create: (api, template, [rsa, hash], wanted) =>
    padding(hash).create(api, template, [rsa], wanted),
};

function padding(hash: string | undefined): CryptoTemplate {
  const suffix = hash === undefined ? ')' : `,${hash})`;
  // What stands in front of a digest that is signed.
  const info = hash === undefined ? NO_INFO : rsaLookupAsn1(hash);
  return akcipherTemplate({
    names: [],
    children: [{ kind: 'akcipher', name: 'rsa' }],
    instance: ([rsa], template) => {
      if (info === null) return -EINVAL;
      const { name, driverName } = instanceNames(template, [rsa]);
      const { priority, blocksize } = rsa;
      const names = {
        name: name.slice(0, -1) + suffix,
        driverName: driverName.slice(0, -1) + suffix,
      };
      return { ...names, priority, blocksize, alignmask: 0 };
    },
    own: REQUEST_SIZE,
    rctx: Pkcs1padRequest,
    setPubKey: (tfm, key) => cryptoAkcipherSetPubKey(childAkcipher(tfm, RSA), key),
    setPrivKey: (tfm, key) => cryptoAkcipherSetPrivKey(childAkcipher(tfm, RSA), key),
    maxSize: (tfm) => cryptoAkcipherMaxsize(childAkcipher(tfm, RSA)),
    encrypt: [pad],
    decrypt: [open, unpad],
    sign: [(req) => padDigest(req, info ?? NO_INFO)],
    verify: [openSignature, (req) => compare(req, info ?? NO_INFO)],
  });
}

/** @kernel pkcs1pad_encrypt */
function pad(req: AkcipherTemplateReq): Errno {
  const size = keySize(req);
  const err = fits(req, size, req.srcLen);
  if (err !== 0) return err;
  const head = new Uint8Array(size - 1 - req.srcLen);
  req.tfm.api.machine.getRandomBytes(head);
  // Never zero: that would end it.
  for (let i = 1; i < head.length - 1; i++) head[i] = 1 + (head[i] % 255);
  head[0] = TYPE_ENCRYPTED;
  head[head.length - 1] = 0;
  return padded(req, cryptoAkcipherEncrypt, head, size);
}

/** @kernel pkcs1pad_sign */
function padDigest(req: AkcipherTemplateReq, info: Uint8Array): Errno {
  const size = keySize(req);
  const err = fits(req, size, req.srcLen + info.length);
  if (err !== 0) return err;
  const head = new Uint8Array(size - 1 - req.srcLen).fill(0xff);
  head[0] = TYPE_SIGNED;
  head[head.length - 1 - info.length] = 0;
  head.set(info, head.length - info.length);
  return padded(req, cryptoAkcipherDecrypt, head, size);
}

/** Glues the padding in front of the caller's list. @kernel pkcs1pad_sg_set_buf, pkcs1pad_encrypt_sign_complete */
function padded(
  req: AkcipherTemplateReq,
  operation: typeof cryptoAkcipherEncrypt,
  head: Uint8Array,
  size: number,
): Errno {
  const { machine } = req.tfm.api;
  const { src, dst, dstLen } = req;
  const rctx = stepContext(req, Pkcs1padRequest);
  const buffer = rctx.alloc(head.length);
  if (buffer === null) return -ENOMEM;
  writeKernel(machine, buffer, head);
  sgInitTable(rctx.inSg, src === null ? 1 : 2);
  sgSetBuf(machine, rctx.inSg[0], buffer, head.length);
  if (src !== null) sgChain(rctx.inSg[0], 2, src);
  const err = callAkcipher(req, RSA, operation, rctx.inSg[0], dst, size - 1, dstLen);
  req.dstLen = size;
  // The number has zeros in front already, as many as there is room; 6.1 wants to put them there itself.
  if (err === 0 && dstLen > size) throw new KernelOops('out_buf + pad_len is outside', { dstLen });
  return err;
}

/** @kernel pkcs1pad_decrypt */
function open(req: AkcipherTemplateReq): Errno {
  const size = keySize(req);
  return size === 0 || req.srcLen !== size ? -EINVAL : opening(req, cryptoAkcipherDecrypt, size, 0);
}

/** @kernel pkcs1pad_verify */
function openSignature(req: AkcipherTemplateReq): Errno {
  const { tfm, dst, srcLen, dstLen } = req;
  const size = keySize(req);
  if (dst !== null) tfm.api.machine.warn('WARN_ON(req->dst)');
  if (dst !== null || dstLen === 0 || size === 0 || srcLen !== size) return -EINVAL;
  return opening(req, cryptoAkcipherEncrypt, size, dstLen);
}

/** Raises the source to its power, in a buffer with room for `more` bytes. */
function opening(
  req: AkcipherTemplateReq,
  operation: typeof cryptoAkcipherEncrypt,
  size: number,
  more: number,
): Errno {
  const rctx = stepContext(req, Pkcs1padRequest);
  const buffer = rctx.alloc(size + more);
  if (buffer === null) return -ENOMEM;
  sgInitTable(rctx.outSg, 1);
  sgSetBuf(req.tfm.api.machine, rctx.outSg[0], buffer, size);
  return callAkcipher(req, RSA, operation, req.src, rctx.outSg[0], size, size);
}

/** A destination that is shorter than it says gets what fits, without a word. @kernel pkcs1pad_decrypt_complete */
function unpad(req: AkcipherTemplateReq): Errno {
  const number = stepContext(req, Pkcs1padRequest).opened(req.srcLen);
  if (number[0] !== 0 || number[1] !== TYPE_ENCRYPTED) return -EINVAL;
  const end = number.indexOf(0, 2);
  if (end < 2 + PADDING_MIN) return -EINVAL;
  const message = number.subarray(end + 1);
  const room = req.dstLen;
  req.dstLen = message.length;
  if (room < message.length) return -EOVERFLOW;
  if (message.length > 0) {
    sgCopyFromBuffer(req.tfm.api.machine, req.dst, sgNents(req.dst), message);
  }
  return 0;
}

/** A digest of another length is told apart by it, and the right one is left in `dstLen`. @kernel pkcs1pad_verify_complete */
function compare(req: AkcipherTemplateReq, info: Uint8Array): Errno {
  const { tfm, src, srcLen, dstLen } = req;
  const number = stepContext(req, Pkcs1padRequest).opened(srcLen);
  if (number[0] !== 0) return -EINVAL;
  const end = number.findIndex((byte, i) => i >= 2 && byte !== 0xff);
  if (number[1] !== TYPE_SIGNED || end < 2 + PADDING_MIN || number[end] !== 0) return -EBADMSG;
  const signed = number.subarray(end + 1);
  if (info.some((byte, i) => signed[i] !== byte)) return -EBADMSG;
  const wanted = signed.subarray(info.length);
  if (wanted.length !== dstLen) {
    req.dstLen = wanted.length;
    return -EKEYREJECTED;
  }
  const digest = new Uint8Array(dstLen);
  sgPcopyToBuffer(tfm.api.machine, src, sgNents(src), digest, srcLen);
  return Buffer.compare(wanted, digest) === 0 ? 0 : -EKEYREJECTED;
}

function keySize({ tfm }: AkcipherTemplateReq): number {
  return tfm.alg.maxSize(tfm);
}

/** @returns 0, or -EOVERFLOW for a message that is too long, and for too little room: then `dstLen` says how much it takes. */
function fits(req: AkcipherTemplateReq, size: number, len: number): Errno {
  if (size === 0) return -EINVAL;
  if (len > size - OVERHEAD) return -EOVERFLOW;
  if (req.dstLen >= size) return 0;
  req.dstLen = size;
  return -EOVERFLOW;
}

/**
 * pkcs1pad(rsa) and pkcs1pad(rsa, hash): the padding of RFC 8017 for encryption and signatures.
 *
 * The padding and the message are one number of two lists. What the conversion removed: private tables that
 * glue them, a buffer for each operation, and finding the digest behind the signature.
 * C: crypto/rsa-pkcs1pad.c (6.1)
 * @module
 */
import { instanceNames } from '../../src/crypto/instance.ts';
import { rsaLookupAsn1 } from '../../src/crypto/rsa.ts';
import { EBADMSG, EINVAL, EKEYREJECTED, EOVERFLOW, type Errno } from '../../src/errno.ts';
import { akcipherDecrypt, akcipherEncrypt } from '../akcipher.ts';
import { callAkcipher } from '../child.ts';
import { bvecRead, bvecWrite } from '../lower/copy.ts';
import { own, ownRead, ownWrite, parts, slice } from '../parts.ts';
import { type AkcipherTemplateOp, akcipherTemplate, type CryptoTemplate } from '../template.ts';

const RSA = 0;
/** Own bytes of an operation: the number that is padded, as long as the longest modulus. */
const KEY_MAX = 512;
/** Type, separator, and eight bytes of padding at least, behind a zero. */
const OVERHEAD = 11;
const PADDING_MIN = 8;
const TYPE_SIGNED = 1;
const TYPE_ENCRYPTED = 2;
const NO_INFO = new Uint8Array(0);

/** @kernel rsa_pkcs1pad_tmpl */
export const pkcs1pad: CryptoTemplate = {
  names: [{ name: 'pkcs1pad', params: 1 }],
  create: (api, template, [rsa, hash], wanted) => {
    const info = hash === undefined ? NO_INFO : rsaLookupAsn1(hash);
    if (info === null) return -EINVAL;
    return padding(info, hash).create(api, template, [rsa], wanted);
  },
};

/** @param info what stands in front of a digest that is signed */
function padding(info: Uint8Array, hash: string | undefined): CryptoTemplate {
  const given = hash === undefined ? [] : [{ name: hash, driverName: hash }];
  return akcipherTemplate({
    names: [],
    children: [{ kind: 'akcipher', name: 'rsa' }],
    instance: ([rsa], template) => ({
      ...instanceNames(template, [rsa, ...given]),
      blocksize: rsa.blocksize,
    }),
    own: KEY_MAX,
    encrypt: [(op) => pad(op, TYPE_ENCRYPTED, NO_INFO, akcipherEncrypt)],
    decrypt: [(op) => open(op, akcipherDecrypt), unpad],
    sign: [(op) => pad(op, TYPE_SIGNED, info, akcipherDecrypt)],
    verify: [openSignature, (op) => compare(op, info)],
  });
}

/**
 * Type, padding, zero and `info` in front of the message, in a number as long as the modulus.
 * @returns -EOVERFLOW for a message that is too long, and for too little room: then `op.dstLen` says how
 *   much it takes. @kernel pkcs1pad_encrypt, pkcs1pad_sign
 */
function pad(
  op: AkcipherTemplateOp,
  type: number,
  info: Uint8Array,
  operation: typeof akcipherEncrypt,
): Errno {
  const size = keySize(op);
  const room = op.dstLen;
  if (size === 0) return -EINVAL;
  if (op.srcLen + info.length > size - OVERHEAD) return -EOVERFLOW;
  op.dstLen = size;
  if (room < size) return -EOVERFLOW;
  const head = new Uint8Array(size - 1 - op.srcLen).fill(0xff);
  const zeroAt = head.length - 1 - info.length;
  if (type === TYPE_ENCRYPTED) {
    op.tfm.api.machine.getRandomBytes(head);
    // Never zero: that would end it.
    for (let i = 1; i < zeroAt; i++) head[i] = 1 + (head[i] % 255);
  }
  head[0] = type;
  head[zeroAt] = 0;
  head.set(info, zeroAt + 1);
  ownWrite(op, 0, head);
  const number = parts(op, own(op, 0, head.length), op.src);
  return callAkcipher(op, RSA, operation, number, slice(op, op.dst, 0, size));
}

/** @kernel pkcs1pad_decrypt */
function open(op: AkcipherTemplateOp, operation: typeof akcipherEncrypt): Errno {
  const size = keySize(op);
  if (size === 0 || op.srcLen !== size) return -EINVAL;
  return callAkcipher(op, RSA, operation, op.src, own(op, 0, size));
}

/** @kernel pkcs1pad_verify */
function openSignature(op: AkcipherTemplateOp): Errno {
  return op.digest.size === 0 ? -EINVAL : open(op, akcipherEncrypt);
}

/** @kernel pkcs1pad_decrypt_complete */
function unpad(op: AkcipherTemplateOp): Errno {
  const number = ownRead(op, 0, op.srcLen);
  if (number[0] !== 0 || number[1] !== TYPE_ENCRYPTED) return -EINVAL;
  const end = number.indexOf(0, 2);
  if (end < 2 + PADDING_MIN) return -EINVAL;
  const message = number.subarray(end + 1);
  const room = op.dstLen;
  op.dstLen = message.length;
  if (room < message.length) return -EOVERFLOW;
  bvecWrite(op.walk.mem, op.dst, 0, message);
  return 0;
}

/** @kernel pkcs1pad_verify_complete */
function compare(op: AkcipherTemplateOp, info: Uint8Array): Errno {
  const number = ownRead(op, 0, op.srcLen);
  if (number[0] !== 0) return -EINVAL;
  const end = number.findIndex((byte, i) => i >= 2 && byte !== 0xff);
  if (number[1] !== TYPE_SIGNED || end < 2 + PADDING_MIN || number[end] !== 0) return -EBADMSG;
  const signed = number.subarray(end + 1);
  if (info.some((byte, i) => signed[i] !== byte)) return -EBADMSG;
  const digest = new Uint8Array(op.digest.size);
  bvecRead(op.walk.mem, op.digest, 0, digest);
  const same = Buffer.compare(signed.subarray(info.length), digest) === 0;
  return same ? 0 : -EKEYREJECTED;
}

function keySize({ tfm }: AkcipherTemplateOp): number {
  return tfm.alg.maxSize(tfm);
}

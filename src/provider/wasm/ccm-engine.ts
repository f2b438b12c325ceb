/**
 * AES-CCM: a kept CBC object makes the MAC, a kept ECB object the key stream, wasm gathers, XORs and
 * scatters, where a message is small; above, a cipher object of node:crypto, which wants all of a message
 * in one call; and above what can be gathered, the kept objects again.
 * @module
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { bvecRows } from '../../bvec.ts';
import type { AeadWork, CcmEngine } from '../engine.ts';
import { aesAlgorithm, type BlockEngine, blockEngine } from '../openssl/openssl.ts';
import { addBigEndian } from '../soft/scratch.ts';
import { AD_ROOM, CHUNK, type Kernels, PIECE } from './kernels.ts';

const BLOCK = 16;
/** Bytes that tell the length of associated data which fit their room. */
const LENGTH = 2;
/**
 * Bytes of text up to which kept objects are cheaper than node's own CCM, which does the key stream in the
 * shadow of the MAC: in us against node on contiguous bytes, 2.7 to 3.7 for 256 bytes, 9.0 to 10.3 for
 * 4 KiB, 17 to 13 for 8 KiB, 104 to 78 for 64 KiB.
 */
export const CCM_KEPT = 4096;

type CcmName = 'aes-128-ccm' | 'aes-192-ccm' | 'aes-256-ccm';

/** One key. */
export class AesCcmEngine implements CcmEngine {
  private readonly k: Kernels;
  private readonly key: Uint8Array;
  private readonly name: CcmName;
  private readonly blocks: BlockEngine;
  /** The running MAC. */
  private readonly mac: Uint8Array = new Uint8Array(BLOCK);
  private readonly counter: Uint8Array = new Uint8Array(BLOCK);
  /** The first block of the key stream, which hides the MAC. */
  private readonly mask: Uint8Array = new Uint8Array(BLOCK);
  /** The first block of a piece. */
  private readonly kept: Uint8Array = new Uint8Array(BLOCK);

  constructor(kernels: Kernels, key: Uint8Array) {
    this.k = kernels;
    this.key = Uint8Array.from(key);
    const bits = 8 * key.length;
    this.name = bits === 128 ? 'aes-128-ccm' : bits === 192 ? 'aes-192-ccm' : 'aes-256-ccm';
    this.blocks = blockEngine(aesAlgorithm(key.length), key);
  }

  takes({ adLen }: AeadWork): boolean {
    return adLen <= AD_ROOM;
  }

  seal(op: AeadWork): void {
    if (isForNode(op)) {
      this.sealWithNode(op);
      return;
    }
    const { k, mac, mask } = this;
    this.crypt(op, true);
    for (let i = 0; i < BLOCK; i++) k.mem.raw[k.text + i] = mac[i] ^ mask[i];
    k.x.scatter(bvecRows(op.tag), 0, k.text, op.tagLen);
  }

  open(op: AeadWork): boolean {
    // Node shows no text whose tag is wrong; the kernel leaves it in the destination.
    if (isForNode(op) && this.openedByNode(op)) return true;
    const { k, mac, mask } = this;
    this.crypt(op, false);
    k.x.gather(bvecRows(op.tag), 0, k.text, op.tagLen);
    let differ = 0;
    for (let i = 0; i < op.tagLen; i++) differ |= mac[i] ^ mask[i] ^ k.mem.raw[k.text + i];
    return differ === 0;
  }

  private sealWithNode(op: AeadWork): void {
    const { k } = this;
    const { iv, len, tagLen } = op;
    const options = { authTagLength: tagLen };
    const cipher = createCipheriv(this.name, this.key, nonceOf(iv), options);
    if (op.adLen > 0) cipher.setAAD(this.associated(op), { plaintextLength: len });
    k.begin(op.src, op.dst);
    const out = cipher.update(k.take(len));
    cipher.final();
    k.give(out, len);
    k.mem.raw.set(cipher.getAuthTag(), k.text);
    k.x.scatter(bvecRows(op.tag), 0, k.text, tagLen);
  }

  /** @returns false, and has written nothing, when the tag is wrong. */
  private openedByNode(op: AeadWork): boolean {
    const { k } = this;
    const { iv, len, tagLen } = op;
    const options = { authTagLength: tagLen };
    const cipher = createDecipheriv(this.name, this.key, nonceOf(iv), options);
    k.x.gather(bvecRows(op.tag), 0, k.text, tagLen);
    cipher.setAuthTag(k.textOf(tagLen));
    if (op.adLen > 0) cipher.setAAD(this.associated(op), { plaintextLength: len });
    k.begin(op.src, op.dst);
    const text = k.take(len);
    let out: Uint8Array;
    try {
      out = cipher.update(text);
      cipher.final();
    } catch {
      // The lengths and the order are right, so nothing else can be wrong.
      return false;
    }
    k.give(out, len);
    return true;
  }

  /** Associated data, in front of the text. */
  private associated({ ad, adLen }: AeadWork): Uint8Array {
    const { k } = this;
    k.x.gather(bvecRows(ad), 0, k.text - adLen, adLen);
    return new Uint8Array(k.mem.raw.buffer, k.text - adLen, adLen);
  }

  private crypt(op: AeadWork, encrypt: boolean): void {
    const { k } = this;
    const { src, dst, len } = op;
    this.mac.fill(0);
    firstCounter(this.counter, op.iv);
    k.begin(src, dst);
    const head = this.writeHead(op);
    const first = Math.min(PIECE, len);
    if (first > 0) k.takeCopy(first);
    if (encrypt) this.authenticate(head, first);
    this.stream(op, first, true);
    if (first > 0) k.giveText(first);
    if (!encrypt) this.authenticate(head, first);
    for (let done = first; done < len; done += PIECE) {
      const size = Math.min(PIECE, len - done);
      k.takeCopy(size);
      if (encrypt) this.authenticate(0, size);
      this.stream(op, size, false);
      k.giveText(size);
      if (!encrypt) this.authenticate(0, size);
    }
  }

  /** Writes B0 and the associated data so that they end where the text begins. @returns their bytes */
  private writeHead({ iv, len, ad, adLen, tagLen }: AeadWork): number {
    const { k } = this;
    const { raw } = k.mem;
    const more = adLen === 0 ? 0 : Math.ceil((LENGTH + adLen) / BLOCK) * BLOCK;
    const at = k.text - BLOCK - more;
    const size = iv[0] + 1;
    raw[at] = iv[0] | (8 * ((tagLen - 2) / 2)) | (adLen > 0 ? 64 : 0);
    for (let i = 1; i < BLOCK - size; i++) raw[at + i] = iv[i];
    // Longer than the field can say is for the caller to refuse, as late as the kernel does.
    for (let i = 1, rest = len; i <= size; i++, rest = Math.floor(rest / 256)) {
      raw[at + BLOCK - i] = rest % 256;
    }
    if (more > 0) {
      raw[at + BLOCK] = adLen >>> 8;
      raw[at + BLOCK + 1] = adLen & 0xff;
      k.x.gather(bvecRows(ad), 0, at + BLOCK + LENGTH, adLen);
      raw.fill(0, at + BLOCK + LENGTH + adLen, k.text);
    }
    return BLOCK + more;
  }

  /** Goes on with the MAC over `head` bytes in front of the text and `len` bytes of it, padded. */
  private authenticate(head: number, len: number): void {
    const { k, kept, mac } = this;
    const { raw } = k.mem;
    const size = head + Math.ceil(len / BLOCK) * BLOCK;
    if (size === 0) return;
    const at = k.text - head;
    raw.fill(0, k.text + len, at + size);
    // The first block may be changed; where it is text, it is needed.
    for (let i = 0; i < BLOCK; i++) kept[i] = raw[at + i];
    this.blocks.cbc(true, new Uint8Array(raw.buffer, at, size), mac);
    for (let i = 0; i < BLOCK; i++) raw[at + i] = kept[i];
  }

  /** XORs the key stream into `len` bytes of text; in front of the first of them is the mask. */
  private stream({ src, dst }: AeadWork, len: number, first: boolean): void {
    const { k, counter, mask } = this;
    const { raw } = k.mem;
    const skip = first ? BLOCK : 0;
    const blocks = Math.ceil((skip + len) / BLOCK);
    k.job(0, src, dst, skip + len, counter, BLOCK);
    k.x.counters(k.jobs, 1, k.stream);
    raw.set(this.blocks.ecb(true, k.streamOf(blocks)), k.stream);
    if (first) for (let i = 0; i < BLOCK; i++) mask[i] = raw[k.stream + i];
    k.x.xor(k.text, k.stream + skip, len);
    addBigEndian(counter, blocks);
  }
}

/** Node wants a message at once, and one whose length fits its field: 65,536 does not fit two bytes. */
function isForNode({ len, iv }: AeadWork): boolean {
  return len > CCM_KEPT && len <= CHUNK && (iv[0] > 1 || len < CHUNK);
}

function nonceOf(iv: Uint8Array): Uint8Array {
  return iv.subarray(1, BLOCK - 1 - iv[0]);
}

/** The size of the length field, the nonce, and a counter of 0 in place of the length. */
function firstCounter(counter: Uint8Array, iv: Uint8Array): void {
  const nonce = BLOCK - 1 - iv[0];
  for (let i = 0; i < BLOCK; i++) counter[i] = i < nonce ? iv[i] : 0;
}

/**
 * The ground of the replay: memory, key, patterns and one-request helpers as the recorded module had
 * them. Every probe gives the lines that the module printed.
 * @module
 */
import {
  CRYPTO_TFM_REQ_MAY_BACKLOG,
  CRYPTO_TFM_REQ_MAY_SLEEP,
} from '../../../src/crypto/algorithm.ts';
import { ENOENT, type Errno } from '../../../src/errno.ts';
import { must } from '../../../src/machine/access.ts';
import { physToLinear } from '../../../src/machine/address.ts';
import { Machine } from '../../../src/machine/machine.ts';
import { pfnToPhys } from '../../../src/machine/phys-mem.ts';
import { PAGE_SIZE, type Pfn, type PhysAddr, physAddr, virtAddr } from '../../../src/units.ts';
import {
  aeadRequestAlloc,
  aeadRequestFree,
  aeadRequestSetAd,
  aeadRequestSetCallback,
  aeadRequestSetCrypt,
  cryptoAeadDecrypt,
  cryptoAeadEncrypt,
  cryptoAeadSetauthsize,
  cryptoAeadSetkey,
  cryptoAllocAead,
  cryptoFreeAead,
} from '../../../legacy/aead.ts';
import type { CryptoApi } from '../../../legacy/crypto-api.ts';
import { cryptoApiInit } from '../../../legacy/init.ts';
import { type Scatterlist, sgAlloc, sgInitOne, sgInitTable, sgSetBuf } from '../../../legacy/lists/scatterlist.ts';
import {
  cryptoAllocSkcipher,
  cryptoFreeSkcipher,
  cryptoSkcipherDecrypt,
  cryptoSkcipherEncrypt,
  cryptoSkcipherSetkey,
  skcipherRequestAlloc,
  skcipherRequestFree,
  skcipherRequestSetCallback,
  skcipherRequestSetCrypt,
} from '../../../legacy/skcipher.ts';
import { settle } from '../../../legacy/testing.ts';

/** A is a run of this many contiguous pages. */
const ORDER = 5;
/** What an untouched destination holds. */
export const POISON = 0xee;
const FLAGS = CRYPTO_TFM_REQ_MAY_SLEEP | CRYPTO_TFM_REQ_MAY_BACKLOG;

/** Offset in A and length. @kernel none: struct wl of the module */
export type Piece = readonly [offset: number, len: number];

/** One run of the module. @kernel none: its globals */
export class Probe {
  readonly machine: Machine;
  readonly api: CryptoApi;
  readonly firstPage: Pfn;
  readonly key: Uint8Array = Uint8Array.from({ length: 64 }, (_, i) => 3 * i + 1);
  readonly lines: string[] = [];
  private readonly base: PhysAddr;

  constructor() {
    this.machine = new Machine({ seed: 61 });
    this.api = cryptoApiInit(this.machine, { accel: false, later: false });
    this.firstPage = must(this.machine.allocPages(ORDER, 'golden'));
    this.base = pfnToPhys(this.firstPage);
    this.machine.fill(this.base, PAGE_SIZE * 2 ** ORDER, 0);
  }

  print(line: string): void {
    this.lines.push(line);
  }

  /** Byte `offset` of A. */
  at(offset: number): PhysAddr {
    return physAddr(this.base + offset);
  }

  /** Offset in A of an address, -1 outside. */
  offsetOf(at: PhysAddr): number {
    const offset = at - this.base;
    return offset >= 0 && offset < PAGE_SIZE * 2 ** ORDER ? offset : -1;
  }

  bytes(offset: number, len: number): Uint8Array {
    return this.machine.load(this.at(offset), len).slice();
  }

  set(offset: number, bytes: Uint8Array): void {
    this.machine.store(this.at(offset), bytes);
  }

  memset(offset: number, value: number, len: number): void {
    this.machine.fill(this.at(offset), len, value);
  }

  /** The pattern of the module: byte i is 7 i + i / 256 + 1. */
  fill(offset: number, len: number): void {
    this.set(
      offset,
      Uint8Array.from({ length: len }, (_, i) => i * 7 + (i >> 8) + 1),
    );
  }

  /** A list over pieces of A. */
  list(pieces: readonly Piece[]): Scatterlist {
    const table = sgAlloc(pieces.length);
    sgInitTable(table, pieces.length);
    for (const [i, [offset, len]] of pieces.entries()) this.setBuf(table[i], offset, len);
    return table[0];
  }

  one(offset: number, len: number): Scatterlist {
    const [sg] = sgAlloc(1);
    sgInitOne(this.machine, sg, virtAddr(physToLinear(this.at(offset))), len);
    return sg;
  }

  setBuf(sg: Scatterlist, offset: number, len: number): void {
    sgSetBuf(this.machine, sg, virtAddr(physToLinear(this.at(offset))), len);
  }

  /** One skcipher request over one entry on each side. */
  sk(
    alg: string,
    key: Uint8Array,
    len: number,
    enc: boolean,
    src: number,
    dst: number,
    iv: Uint8Array,
  ): Errno {
    const tfm = cryptoAllocSkcipher(this.api, alg, 0, 0);
    if (typeof tfm === 'number') {
      this.print(`${alg} alloc ${tfm}`);
      return tfm;
    }
    let err = cryptoSkcipherSetkey(tfm, key);
    if (err === 0) {
      const req = must(skcipherRequestAlloc(tfm));
      const from = this.one(src, Math.max(len, 1));
      const to = src === dst ? from : this.one(dst, Math.max(len, 1));
      skcipherRequestSetCallback(req, FLAGS, null, null);
      skcipherRequestSetCrypt(req, from, to, len, iv);
      err = settle(this.machine, req, enc ? cryptoSkcipherEncrypt : cryptoSkcipherDecrypt);
      skcipherRequestFree(req);
    } else {
      this.print(`${alg} setkey(${key.length}) = ${err}`);
    }
    cryptoFreeSkcipher(tfm);
    return err;
  }

  /** One AEAD request; no key when `key` is null. */
  ae(call: AeadCall): Errno {
    const { alg, key, authsize, alen, clen, enc, src, dst, iv } = call;
    const tfm = cryptoAllocAead(this.api, alg, 0, 0);
    if (typeof tfm === 'number') {
      this.print(`${alg} alloc ${tfm}`);
      return -ENOENT;
    }
    let err = cryptoAeadSetauthsize(tfm, authsize);
    if (err !== 0) this.print(`${alg} setauthsize(${authsize})=${err}`);
    else if (key !== null) {
      err = cryptoAeadSetkey(tfm, key);
      if (err !== 0) this.print(`${alg} setkey(${key.length})=${err}`);
    }
    if (err === 0) {
      const req = must(aeadRequestAlloc(tfm));
      const n = alen + clen + 64;
      const from = this.one(src, n);
      const to = src === dst ? from : this.one(dst, n);
      aeadRequestSetCallback(req, FLAGS, null, null);
      aeadRequestSetCrypt(req, from, to, clen, iv);
      aeadRequestSetAd(req, alen);
      err = settle(this.machine, req, enc ? cryptoAeadEncrypt : cryptoAeadDecrypt);
      aeadRequestFree(req);
    }
    cryptoFreeAead(tfm);
    return err;
  }

  /** 1 + index of the last of `len` bytes that is not poison. */
  written(offset: number, len: number): number {
    const bytes = this.bytes(offset, len);
    let end = len;
    while (end > 0 && bytes[end - 1] === POISON) end--;
    return end;
  }

  all(offset: number, value: number, len: number): number {
    return Number(this.bytes(offset, len).every((byte) => byte === value));
  }

  /** 1 when the two ranges of A hold the same bytes. */
  same(a: number, b: number, len: number): number {
    return Number(Buffer.compare(this.bytes(a, len), this.bytes(b, len)) === 0);
  }
}

/** Arguments of one AEAD request. @kernel none: arguments of ae() of the module */
export interface AeadCall {
  readonly alg: string;
  readonly key: Uint8Array | null;
  readonly authsize: number;
  readonly alen: number;
  readonly clen: number;
  readonly enc: boolean;
  readonly src: number;
  readonly dst: number;
  readonly iv: Uint8Array;
}

/** Bytes as `%*ph` prints them. @kernel none: a format of printk */
export function hexBytes(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

/** True when both have the same bytes. @kernel none: memcmp */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

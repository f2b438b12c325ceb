/**
 * Goal: CCM at once is CCM in steps, byte for byte and errno for errno, on both sides of every border
 * where its engine changes its way.
 * Method: operations on a machine without checks, whose CCM has an engine, against node:crypto and against
 * a machine whose children do the work; a guard around what is written.
 */
import { createCipheriv } from 'node:crypto';
import { expect, test } from 'vitest';
import { BvecList, bvecFill, bvecFree } from '../src/bvec.ts';
import { EBADMSG, EINVAL, EOVERFLOW } from '../src/errno.ts';
import { Machine, must, type PhysAddr, pageAddress, physAddr } from '../src/machine/index.ts';
import { fillSeeded, Prng } from '../src/prng.ts';
import { CCM_KEPT } from '../src/provider/wasm/ccm-engine.ts';
import { AD_ROOM, CHUNK, PIECE } from '../src/provider/wasm/kernels.ts';
import {
  aeadRequestAlloc,
  aeadRequestFree,
  aeadRequestSetAd,
  aeadRequestSetCrypt,
  aeadRequestSetTag,
  type CryptoAead,
  cryptoAeadDecrypt,
  cryptoAeadEncrypt,
  cryptoAeadSetauthsize,
  cryptoAeadSetkey,
  cryptoAllocAead,
  cryptoFreeAead,
} from './aead.ts';
import { cryptoApiInit } from './init.ts';
import { ITER_DEST, ITER_SOURCE, iovIterBvecList } from './iter/iov-iter.ts';

/** Offsets in a folio of 4 MiB. */
const AD = 512;
const TEXT = 10_000;
const OUT = 100_000;
const TAG = 190_000;
const USED = 191_000;
const FOLIO_ORDER = 10;
const GUARD = new Uint8Array(USED).fill(0xa5);

interface Message {
  readonly ad: Uint8Array;
  readonly text: Uint8Array;
  readonly iv: Uint8Array;
  readonly tag: Uint8Array;
  /** Seed of the pieces. */
  readonly cuts: number;
  readonly inPlace: boolean;
}

interface Result {
  readonly err: number;
  readonly out: Buffer;
  readonly tag: Buffer;
  readonly memory: Buffer;
}

/** A machine with one key of CCM. */
class World {
  readonly machine = new Machine({ checks: false });
  readonly base: PhysAddr = pageAddress(must(this.machine.allocPages(FOLIO_ORDER, 'test')), 0);
  readonly tfm: CryptoAead;

  constructor(name: string, key: Uint8Array, authsize: number) {
    const tfm = cryptoAllocAead(cryptoApiInit(this.machine), name, 0, 0);
    if (typeof tfm === 'number') throw new Error(`${name}: ${tfm}`);
    this.tfm = tfm;
    expect([cryptoAeadSetkey(tfm, key), cryptoAeadSetauthsize(tfm, authsize)]).toEqual([0, 0]);
  }

  /** The errno, output and tag, and all memory that may have been written, guards included. */
  run(encrypt: boolean, message: Message): Result {
    const { machine, base, tfm } = this;
    const { ad, text, iv, tag, inPlace } = message;
    machine.store(base, GUARD);
    const prng = new Prng(message.cuts);
    const adList = this.list(prng, AD, ad);
    const src = this.list(prng, TEXT, text);
    const out = this.list(prng, OUT, new Uint8Array(text.length));
    const tags = this.list(prng, TAG, tag);
    const dst = inPlace ? src : out;
    const req = aeadRequestAlloc(tfm);
    if (req === null) throw new Error('request');
    aeadRequestSetAd(req, iovIterBvecList(machine, ITER_SOURCE, adList), ad.length);
    const source = iovIterBvecList(machine, ITER_SOURCE, src);
    aeadRequestSetCrypt(req, source, iovIterBvecList(machine, ITER_DEST, dst), text.length, iv);
    aeadRequestSetTag(req, iovIterBvecList(machine, encrypt ? ITER_DEST : ITER_SOURCE, tags));
    const err = encrypt ? cryptoAeadEncrypt(req) : cryptoAeadDecrypt(req);
    aeadRequestFree(req);
    const memory = Buffer.from(machine.load(base, USED).slice());
    const result = { err, out: this.read(dst), tag: this.read(tags), memory };
    for (const list of [adList, src, out, tags]) bvecFree(list);
    return result;
  }

  private read(list: BvecList): Buffer {
    const parts: Buffer[] = [];
    for (let k = 0; k < list.nr; k++) {
      const at = list.words[list.first + 2 * k];
      parts.push(
        Buffer.from(this.machine.mem.u8.slice(at, at + list.words[list.first + 2 * k + 1])),
      );
    }
    return Buffer.concat(parts);
  }

  private list(prng: Prng, at: number, bytes: Uint8Array): BvecList {
    const ranges: { phys: PhysAddr; len: number }[] = [];
    let cursor = this.base + at;
    for (let done = 0; done < bytes.length; ) {
      const left = bytes.length - done;
      const len = ranges.length === 5 ? left : Math.min(left, 1 + prng.below(bytes.length));
      this.machine.store(physAddr(cursor), bytes.subarray(done, done + len));
      ranges.push({ phys: physAddr(cursor), len });
      done += len;
      cursor += len + prng.below(3);
    }
    const list = new BvecList(8, this.machine.mem);
    bvecFill(list, ranges, ranges.length);
    return list;
  }
}

const noise = Buffer.alloc(200_000);
fillSeeded(noise, 7);
const prng = new Prng(3);

function bytes(len: number): Uint8Array {
  const from = prng.below(noise.length - len);
  return noise.subarray(from, from + len);
}

/** A nonce whose length field, `size` bytes, is long enough. */
function ivFor(len: number, least: number): Uint8Array {
  const size = Math.max(len >= 65_536 ? 3 : 2, least);
  const iv = Uint8Array.from(bytes(16));
  iv[0] = size - 1;
  return iv;
}

function byNode(key: Uint8Array, authsize: number, { iv, ad, text }: Message): [Buffer, Buffer] {
  const name = `aes-${8 * key.length}-ccm` as 'aes-128-ccm';
  const nonce = iv.subarray(1, 15 - iv[0]);
  const cipher = createCipheriv(name, key, nonce, { authTagLength: authsize });
  if (ad.length > 0) cipher.setAAD(ad, { plaintextLength: text.length });
  const out = cipher.update(text);
  cipher.final();
  return [out, cipher.getAuthTag()];
}

const SHORT = [0, 1, 15, 16, 17, 64, 300, 1420];
const BORDERS = [CCM_KEPT, PIECE, CHUNK].flatMap((border) => [border - 1, border, border + 1]);
const LENGTHS = [...SHORT, ...BORDERS, CHUNK + PIECE];
const ADS = [0, 1, 13, 14, 15, 30, 31, AD_ROOM - 1, AD_ROOM, AD_ROOM + 1];

test.each([
  [16, [4, 16]],
  [24, [6, 10]],
  [32, [8, 12, 14]],
])('CCM at once gives the bytes of node:crypto, keys of %i bytes', (size, authsizes) => {
  for (const authsize of authsizes) {
    const key = Uint8Array.from(bytes(size));
    const world = new World('ccm(aes)', key, authsize);
    expect(world.tfm.ctx).toHaveProperty('ccm.engine');
    for (const len of LENGTHS) {
      const message: Message = {
        ad: bytes(prng.pick(ADS)),
        text: bytes(len),
        iv: ivFor(len, 2 + prng.below(7)),
        tag: new Uint8Array(authsize),
        cuts: prng.below(1 << 30),
        inPlace: prng.oneIn(2),
      };
      const [out, tag] = byNode(key, authsize, message);
      const what = `${len} bytes, ${message.ad.length} of ad, L ${message.iv[0] + 1}`;
      const sealed = world.run(true, message);
      expect([sealed.err, Buffer.compare(sealed.out, out), sealed.tag], what).toEqual([0, 0, tag]);
      const opened = world.run(false, { ...message, text: out, tag });
      expect([opened.err, Buffer.compare(opened.out, message.text)], what).toEqual([0, 0]);
      tag[prng.below(authsize)] ^= 1 << prng.below(8);
      const forged = world.run(false, { ...message, text: out, tag });
      expect([forged.err, Buffer.compare(forged.out, message.text)], what).toEqual([-EBADMSG, 0]);
    }
    cryptoFreeAead(world.tfm);
  }
});

test('CCM at once writes what its children write, and nothing else, and refuses what they refuse', () => {
  const key = Uint8Array.from(bytes(32));
  const atOnce = new World('ccm(aes)', key, 8);
  const inSteps = new World('ccm_base(ctr(aes-generic),cbcmac(aes-generic))', key, 8);
  expect(inSteps.tfm.ctx).toMatchObject({ ccm: null });
  const errs = new Set<number>();
  const cases = [
    ...Array.from({ length: 60 }, () => [prng.below(700), 2 + prng.below(7)]),
    ...[0, 1, 8, 9].map((size) => [40, size]),
    // The limit itself is let through, and its length is told as 0.
    ...[65_535, 65_536, 65_537].map((len) => [len, 2]),
    ...[CCM_KEPT, CCM_KEPT + 1, CCM_KEPT + 100].map((len) => [len, 2 + prng.below(7)]),
  ];
  for (const [len, size] of cases) {
    const iv = Uint8Array.from(bytes(16));
    iv[0] = size - 1;
    const message: Message = {
      ...{ ad: bytes(prng.pick([0, 8, 20])), text: bytes(len), iv, tag: bytes(8) },
      ...{ cuts: prng.below(1 << 30), inPlace: prng.oneIn(2) },
    };
    for (const encrypt of [true, false]) {
      const [one, other] = [atOnce, inSteps].map((world) => world.run(encrypt, message));
      expect(one.err, `${len} ${size}`).toBe(other.err);
      expect(Buffer.compare(one.memory, other.memory), `${len} ${size} ${encrypt}`).toBe(0);
      errs.add(one.err);
    }
  }
  expect(errs).toEqual(new Set([0, -EBADMSG, -EINVAL, -EOVERFLOW]));
});

test('rfc4309 stands on CCM at once', () => {
  const key = Uint8Array.from(bytes(19));
  const world = new World('rfc4309(ccm(aes))', key, 16);
  const message: Message = {
    ...{ ad: bytes(16), text: bytes(500), iv: Uint8Array.from(bytes(8)), tag: new Uint8Array(16) },
    ...{ cuts: 5, inPlace: false },
  };
  const sealed = world.run(true, message);
  const iv = Buffer.concat([Buffer.of(3), key.subarray(16), message.iv, Buffer.alloc(4)]);
  const inner = { ...message, iv, ad: message.ad.subarray(0, 8) };
  expect([sealed.out, sealed.tag]).toEqual(byNode(key.subarray(0, 16), 16, inner));
});

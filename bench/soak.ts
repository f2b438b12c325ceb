/**
 * A long run of every engine against one-shot node:crypto: random requests of mostly small sizes over random
 * pieces, keys that change, single and in batches, both directions. A kept cipher object is state, and state
 * drifts where nobody looks; so this looks at every request, and at the memory of the process.
 * @module
 */
import { createCipheriv, createDecipheriv, createHmac, hash } from 'node:crypto';
import {
  aeadRequestAlloc,
  aeadRequestFree,
  aeadRequestSetAd,
  aeadRequestSetCrypt,
  aeadRequestSetTag,
  ahashRequestAlloc,
  ahashRequestFree,
  ahashRequestSetCrypt,
  BvecList,
  bvecFill,
  type CryptoApi,
  cryptoAeadDecrypt,
  cryptoAeadDecryptBatch,
  cryptoAeadEncrypt,
  cryptoAeadEncryptBatch,
  cryptoAeadSetauthsize,
  cryptoAeadSetkey,
  cryptoAhashDigest,
  cryptoAhashSetkey,
  cryptoAllocAead,
  cryptoAllocAhash,
  cryptoAllocSkcipher,
  cryptoApiInit,
  cryptoFreeAead,
  cryptoFreeAhash,
  cryptoFreeSkcipher,
  cryptoSkcipherDecryptBatch,
  cryptoSkcipherEncryptBatch,
  cryptoSkcipherSetkey,
  type IovIter,
  ITER_DEST,
  ITER_SOURCE,
  iovIterBvecList,
  iovIterRestart,
  skcipherRequestAlloc,
  skcipherRequestFree,
  skcipherRequestSetCrypt,
  skcipherRequestSetUnitSize,
} from '../converted/index.ts';
import {
  Machine,
  must,
  PAGE_SIZE,
  type PhysAddr,
  pageAddress,
  physAddr,
} from '../src/machine/index.ts';
import { fillSeeded, Prng } from '../src/prng.ts';
import { done, sectorIv, usable } from './ways/checks.ts';

/** What one engine did. */
export interface SoakRow {
  readonly engine: string;
  readonly requests: number;
  readonly differences: number;
  /** Resident memory at the end, less what it was after the first fifth. */
  readonly grownMib: number;
}

const FOLIO_ORDER = 10;
/** Requests between two changes of key. */
const KEY_LIFE = 2000;
const TAG = 16;
const MOST = 70_000;
/** Room of a slot on each side: the longest text, and a gap behind each of at most four pieces. */
const SLOT = 80 * 1024;
const MIB = 1 << 20;

/** One place for a request: its pieces, and what must come out. */
interface Slot {
  readonly src: Side;
  readonly dst: Side;
  readonly ad: Side;
  readonly tag: Side;
  readonly iv: Uint8Array;
  len: number;
  text: Buffer;
}

/** A list that the soak fills, and iterators over it. */
interface Side {
  readonly at: PhysAddr;
  readonly list: BvecList;
  readonly source: IovIter<'source'>;
  readonly dest: IovIter<'dest'>;
}

type Soak = (world: World, count: number) => number;

/** A machine, random bytes and slots. */
class World {
  readonly machine: Machine = new Machine({ checks: false });
  readonly api: CryptoApi = cryptoApiInit(this.machine);
  readonly prng: Prng;
  readonly noise: Buffer = Buffer.alloc(2 * MOST);
  readonly slots: readonly Slot[];

  constructor(seed: number, slots: number) {
    this.prng = new Prng(seed);
    fillSeeded(this.noise, seed);
    const base = pageAddress(must(this.machine.allocPages(FOLIO_ORDER, 'soak')), 0);
    const room = (PAGE_SIZE << FOLIO_ORDER) / 2;
    if (slots * SLOT > room - MIB / 4) throw new Error('folio too small for the slots');
    this.slots = Array.from({ length: slots }, (_, k) => ({
      src: this.side(base + k * SLOT),
      dst: this.side(base + room + k * SLOT),
      ad: this.side(base + room - (k + 1) * 256),
      tag: this.side(base + 2 * room - (k + 1) * 256),
      iv: new Uint8Array(16),
      len: 0,
      text: Buffer.alloc(0),
    }));
  }

  /** Random bytes that stay as they are until the next change of the noise. */
  bytes(len: number): Buffer {
    const from = this.prng.below(this.noise.length - len);
    return this.noise.subarray(from, from + len);
  }

  /** Cuts a side into pieces with gaps. */
  cut({ at, list, source, dest }: Side, len: number): void {
    const ranges: { phys: PhysAddr; len: number }[] = [];
    let cursor = at + this.prng.below(32);
    for (let left = len; left > 0; ) {
      const last = ranges.length === 3;
      const part = last ? left : Math.min(left, 1 + this.prng.below(len));
      ranges.push({ phys: physAddr(cursor), len: part });
      cursor += part + 1 + this.prng.below(40);
      left -= part;
    }
    bvecFill(list, ranges, ranges.length);
    iovIterRestart(source);
    iovIterRestart(dest);
  }

  put({ list }: Side, bytes: Uint8Array): void {
    this.each(list, (at, from, len) =>
      this.machine.mem.u8.set(bytes.subarray(from, from + len), at),
    );
  }

  /** Whether a side holds these bytes. */
  holds({ list }: Side, bytes: Buffer): boolean {
    const { buffer } = this.machine.mem;
    let equal = true;
    this.each(list, (at, from, len) => {
      equal &&= buffer.compare(bytes, from, from + len, at, at + len) === 0;
    });
    return equal;
  }

  private each(list: BvecList, run: (at: number, from: number, len: number) => void): void {
    let from = 0;
    for (let k = 0; k < list.nr; k++) {
      const at = list.words[list.first + 2 * k];
      const len = list.words[list.first + 2 * k + 1];
      run(at, from, len);
      from += len;
    }
  }

  private side(at: number): Side {
    const list = new BvecList(8, this.machine.mem);
    const source = iovIterBvecList(this.machine, ITER_SOURCE, list);
    return { at: physAddr(at), list, source, dest: iovIterBvecList(this.machine, ITER_DEST, list) };
  }
}

/** Mostly small, now and then on the other side of every border. */
function lengthOf(prng: Prng, unit: number): number {
  const most = prng.oneIn(500) ? MOST : prng.oneIn(20) ? 10_000 : prng.pick([64, 300, 1500]);
  return unit * (1 + prng.below(Math.max(1, Math.floor(most / unit))));
}

const ENGINES: Readonly<Record<string, { readonly slots: number; readonly soak: Soak }>> = {
  'ecb, single': { slots: 1, soak: skcipher('ecb', 32, 16, 0) },
  'cbc, single': { slots: 1, soak: skcipher('cbc', 32, 16, 0) },
  'ctr, single': { slots: 1, soak: skcipher('ctr', 16, 1, 0) },
  'ctr, batches of 16': { slots: 16, soak: skcipher('ctr', 32, 1, 0) },
  'xts, single': { slots: 1, soak: skcipher('xts', 64, 16, 0) },
  'xts, units of 512': { slots: 1, soak: skcipher('xts', 32, 512, 512) },
  'gcm, single': { slots: 1, soak: gcm },
  'gcm, batches of 16': { slots: 16, soak: gcm },
  'ccm, single': { slots: 1, soak: ccm },
  'sha256, single': { slots: 1, soak: digests('sha256-accel', 0) },
  'hmac-sha256, single': { slots: 1, soak: digests('hmac-sha256-accel', 90) },
};

/** Names of the engines. */
export const SOAK_ENGINES: readonly string[] = Object.keys(ENGINES);

/** Runs `requests` requests of one engine. */
export function soak(engine: string, requests: number, seed: number): SoakRow {
  const { slots, soak: run } = ENGINES[engine];
  const world = new World(seed, slots);
  let differences = 0;
  let start = 0;
  let count = 0;
  while (count < requests) {
    const more = Math.min(KEY_LIFE, requests - count);
    differences += run(world, more);
    if (count < requests / 5 && count + more >= requests / 5) start = process.memoryUsage().rss;
    count += more;
  }
  const grownMib = (process.memoryUsage().rss - start) / MIB;
  return { engine, requests, differences, grownMib };
}

/** Under one key, half of the requests in each direction. */
function skcipher(
  mode: 'ecb' | 'cbc' | 'ctr' | 'xts',
  keySize: number,
  unit: number,
  unitSize: number,
): Soak {
  return (world, count) => {
    const { api, prng, slots } = world;
    const key = Buffer.from(world.bytes(keySize));
    const tfm = usable(cryptoAllocSkcipher(api, `${mode}-aes-accel`, 0, 0));
    done(cryptoSkcipherSetkey(tfm, key));
    const reqs = slots.map(() => usable(skcipherRequestAlloc(tfm)));
    const ivs = slots.map(() => new Uint8Array(16));
    const name = `aes-${mode === 'xts' ? 4 * keySize : 8 * keySize}-${mode}`;
    let wrong = 0;
    for (let n = 0; n < count; n += slots.length) {
      const enc = prng.oneIn(2);
      slots.forEach((slot, k) => {
        slot.len = lengthOf(prng, unit);
        slot.text = world.bytes(slot.len);
        slot.iv.set(world.bytes(16));
        ivs[k].set(slot.iv);
        world.cut(slot.src, slot.len);
        world.cut(slot.dst, slot.len);
        world.put(slot.src, slot.text);
        skcipherRequestSetUnitSize(reqs[k], unitSize);
        skcipherRequestSetCrypt(reqs[k], slot.src.source, slot.dst.dest, slot.len, ivs[k]);
      });
      const submit = enc ? cryptoSkcipherEncryptBatch : cryptoSkcipherDecryptBatch;
      done(submit(reqs, reqs.length));
      slots.forEach((slot, k) => {
        const out = plain(enc, name, key, slot, unitSize);
        if (!world.holds(slot.dst, out) || !ivRight(mode, enc, slot, out, ivs[k])) wrong++;
      });
    }
    reqs.forEach(skcipherRequestFree);
    cryptoFreeSkcipher(tfm);
    return wrong;
  };
}

/** What node:crypto makes of a slot, one cipher object for each data unit. */
function plain(enc: boolean, name: string, key: Uint8Array, slot: Slot, unitSize: number): Buffer {
  const make = enc ? createCipheriv : createDecipheriv;
  const one = (iv: Uint8Array, text: Uint8Array): Buffer =>
    make(name, key, name.endsWith('ecb') ? null : iv)
      .setAutoPadding(false)
      .update(text);
  const { text, iv, len } = slot;
  if (unitSize === 0) return one(iv, text);
  const parts: Buffer[] = [];
  for (let at = 0, k = 0; at < len; at += unitSize, k++) {
    const own = new Uint8Array(16);
    sectorIv(own, iv, k);
    parts.push(one(own, text.subarray(at, at + unitSize)));
  }
  return Buffer.concat(parts);
}

function ivRight(
  mode: string,
  enc: boolean,
  { iv, text, len }: Slot,
  out: Buffer,
  got: Uint8Array,
): boolean {
  if (mode === 'cbc') return Buffer.compare((enc ? out : text).subarray(len - 16), got) === 0;
  if (mode !== 'ctr') return Buffer.compare(iv, got) === 0;
  const next = new Uint8Array(16);
  sectorIv(next, Uint8Array.from(iv).reverse(), Math.ceil(len / 16));
  return Buffer.compare(next.reverse(), got) === 0;
}

/** Sealed, compared, and opened again; every eighth tag is spoiled before. */
function gcm(world: World, count: number): number {
  const { api, prng, slots } = world;
  const key = Buffer.from(world.bytes(prng.pick([16, 24, 32])));
  const tfm = usable(cryptoAllocAead(api, 'gcm-aes-accel', 0, 0));
  done(cryptoAeadSetkey(tfm, key));
  const reqs = slots.map(() => usable(aeadRequestAlloc(tfm)));
  let wrong = 0;
  for (let n = 0; n < count; n += slots.length) {
    const ads = slots.map((slot, k) => {
      const ad = world.bytes(prng.below(40));
      slot.len = lengthOf(prng, 1);
      slot.text = world.bytes(slot.len);
      slot.iv.set(world.bytes(16));
      for (const side of [slot.src, slot.dst]) world.cut(side, slot.len);
      world.cut(slot.ad, ad.length);
      world.cut(slot.tag, TAG);
      world.put(slot.src, slot.text);
      world.put(slot.ad, ad);
      aeadRequestSetAd(reqs[k], slot.ad.source, ad.length);
      aeadRequestSetCrypt(reqs[k], slot.src.source, slot.dst.dest, slot.len, slot.iv);
      aeadRequestSetTag(reqs[k], slot.tag.dest);
      return ad;
    });
    done(cryptoAeadEncryptBatch(reqs, reqs.length));
    const spoiled = slots.map((slot, k) => {
      const name =
        key.length === 16 ? 'aes-128-gcm' : key.length === 24 ? 'aes-192-gcm' : 'aes-256-gcm';
      const cipher = createCipheriv(name, key, slot.iv.subarray(0, 12));
      if (ads[k].length > 0) cipher.setAAD(ads[k]);
      const out = cipher.update(slot.text);
      cipher.final();
      const tag = cipher.getAuthTag();
      if (!world.holds(slot.dst, out) || !world.holds(slot.tag, tag)) wrong++;
      const spoil = prng.oneIn(8);
      if (spoil) {
        tag[prng.below(TAG)] ^= 1 << prng.below(8);
        world.put(slot.tag, tag);
      }
      world.put(slot.src, out);
      aeadRequestSetTag(reqs[k], slot.tag.source);
      return spoil;
    });
    cryptoAeadDecryptBatch(reqs, reqs.length);
    slots.forEach((slot, k) => {
      const right = (reqs[k].op.answer === 0) === !spoiled[k];
      if (!right || !world.holds(slot.dst, slot.text)) wrong++;
    });
  }
  reqs.forEach(aeadRequestFree);
  // With its key go its tables: who has none left is not asked for what he does with them.
  cryptoFreeAead(tfm);
  return wrong;
}

/** As `gcm`, with nonces and tags of every length. */
function ccm(world: World, count: number): number {
  const { api, prng, slots } = world;
  const [slot] = slots;
  const key = Buffer.from(world.bytes(prng.pick([16, 24, 32])));
  const name = `aes-${8 * key.length}-ccm` as 'aes-128-ccm';
  const authTagLength = prng.pick([4, 6, 8, 10, 12, 14, 16]);
  const tfm = usable(cryptoAllocAead(api, 'ccm(aes)', 0, 0));
  done(cryptoAeadSetkey(tfm, key) || cryptoAeadSetauthsize(tfm, authTagLength));
  const req = usable(aeadRequestAlloc(tfm));
  let wrong = 0;
  for (let n = 0; n < count; n++) {
    const ad = world.bytes(prng.below(40));
    slot.len = lengthOf(prng, 1);
    slot.text = world.bytes(slot.len);
    slot.iv.set(world.bytes(16));
    // A length field of 3 to 8 bytes: 2 are not enough for the longest text.
    slot.iv[0] = 2 + prng.below(6);
    for (const side of [slot.src, slot.dst]) world.cut(side, slot.len);
    world.cut(slot.ad, ad.length);
    world.cut(slot.tag, authTagLength);
    world.put(slot.src, slot.text);
    world.put(slot.ad, ad);
    aeadRequestSetAd(req, slot.ad.source, ad.length);
    aeadRequestSetCrypt(req, slot.src.source, slot.dst.dest, slot.len, slot.iv);
    aeadRequestSetTag(req, slot.tag.dest);
    done(cryptoAeadEncrypt(req));
    const nonce = slot.iv.subarray(1, 15 - slot.iv[0]);
    const cipher = createCipheriv(name, key, nonce, { authTagLength });
    if (ad.length > 0) cipher.setAAD(ad, { plaintextLength: slot.len });
    const out = cipher.update(slot.text);
    cipher.final();
    const tag = cipher.getAuthTag();
    if (!world.holds(slot.dst, out) || !world.holds(slot.tag, tag)) wrong++;
    const spoil = prng.oneIn(8);
    if (spoil) tag[prng.below(authTagLength)] ^= 1 << prng.below(8);
    world.put(slot.tag, tag);
    world.put(slot.src, out);
    aeadRequestSetTag(req, slot.tag.source);
    const isRight = (cryptoAeadDecrypt(req) === 0) === !spoil;
    if (!isRight || !world.holds(slot.dst, slot.text)) wrong++;
  }
  aeadRequestFree(req);
  cryptoFreeAead(tfm);
  return wrong;
}

/** SHA-256, or HMAC-SHA-256 under keys of up to `longest` bytes. */
function digests(driver: string, longest: number): Soak {
  return (world, count) => {
    const { api, prng, slots } = world;
    const [slot] = slots;
    const key = Buffer.from(world.bytes(longest === 0 ? 0 : 1 + prng.below(longest)));
    const tfm = usable(cryptoAllocAhash(api, driver, 0, 0));
    if (longest > 0) done(cryptoAhashSetkey(tfm, key));
    const req = usable(ahashRequestAlloc(tfm));
    const out = new Uint8Array(32);
    let wrong = 0;
    for (let n = 0; n < count; n++) {
      const text = world.bytes(lengthOf(prng, 1));
      world.cut(slot.src, text.length);
      world.put(slot.src, text);
      ahashRequestSetCrypt(req, slot.src.source, out, text.length);
      done(cryptoAhashDigest(req));
      const expected =
        longest === 0
          ? hash('sha256', text, 'buffer')
          : createHmac('sha256', key).update(text).digest();
      if (Buffer.compare(expected, out) !== 0) wrong++;
    }
    ahashRequestFree(req);
    cryptoFreeAhash(tfm);
    return wrong;
  };
}

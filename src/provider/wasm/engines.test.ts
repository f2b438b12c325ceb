/**
 * Goal: an engine gives the bytes of node:crypto for every length, on both sides of each border where it
 * changes its way, over lists of any shape, in place and not, and hands the IV on as the mode says.
 * Method: random operations, seeded, against one-shot node:crypto on contiguous bytes; a guard of pattern
 * bytes around everything that is written.
 */
import {
  type CipherGCMTypes,
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
} from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { BvecList, bvecAppend, bvecEntries, bvecFree } from '../../bvec.ts';
import { PHYS_BASE, PhysMem } from '../../machine/phys-mem.ts';
import { Prng } from '../../prng.ts';
import { physAddr } from '../../units.ts';
import type { AeadEngine, AeadWork, CipherEngine, Engines } from '../engine.ts';
import { CTR_KEPT, XTS_KEPT } from './cipher-engines.ts';
import { wasmEngines } from './engines.ts';
import { GCM_KEPT, TABLES_AFTER } from './gcm-engine.ts';
import { AD_ROOM, CHUNK, kernelsOf, PIECE } from './kernels.ts';

const MEMORY = 2 << 20;
const mem = new PhysMem(MEMORY);
const engines = enginesOf(mem);
const prng = new Prng(20);
const GUARD = 0xa5;

function enginesOf(memory: PhysMem): Engines {
  const made = wasmEngines(memory);
  if (made === null) throw new Error('no room for engines');
  return made;
}

function bytes(len: number): Buffer {
  return Buffer.from(Array.from({ length: len }, () => prng.below(256)));
}

/** Long random bytes, from a few: only lengths matter there. */
function text(len: number): Buffer {
  const out = Buffer.alloc(len);
  const short = bytes(251);
  for (let at = 0; at < len; at += short.length) short.copy(out, at);
  return out;
}

/** Lists and keys of the running test, whose memory goes back when it ends. */
const made: BvecList[] = [];
const keys: AeadEngine[] = [];

afterEach(() => {
  freeLists();
  for (const engine of keys) engine.release();
  keys.length = 0;
});

function freeLists(): void {
  for (const list of made) bvecFree(list);
  made.length = 0;
}

/** A list of random pieces that hold `len` bytes, `at` bytes into memory, with gaps. */
function listAt(at: number, len: number): BvecList {
  const list = new BvecList(4, mem);
  made.push(list);
  let left = len;
  let cursor = at;
  while (left > 0) {
    const most = prng.oneIn(3)
      ? left
      : Math.min(left, 1 + prng.below(prng.pick([3, 20, 700, 9000])));
    cursor += prng.below(5);
    bvecAppend(list, physAddr(PHYS_BASE + cursor), most, 0);
    cursor += most;
    left -= most;
  }
  return list;
}

function put(list: BvecList, data: Uint8Array): void {
  let done = 0;
  for (const { phys, len } of bvecEntries(list)) {
    mem.u8.set(data.subarray(done, done + len), phys - PHYS_BASE);
    done += len;
  }
}

function get(list: BvecList, len: number): Buffer {
  const all = bvecEntries(list).map(({ phys, len: n }) =>
    mem.u8.slice(phys - PHYS_BASE, phys - PHYS_BASE + n),
  );
  return Buffer.concat(all).subarray(0, len);
}

/** Everything outside of a list: equal before and after means that nothing else was written. */
function outside(list: BvecList): Buffer {
  const copy = Buffer.from(mem.u8.subarray(0, MEMORY));
  for (const { phys, len } of bvecEntries(list))
    copy.fill(0, phys - PHYS_BASE, phys - PHYS_BASE + len);
  return copy;
}

interface Lists {
  readonly src: BvecList;
  readonly dst: BvecList;
}

/** In place every third time, with another split of the same bytes when there is no gap. */
function lists(len: number): Lists {
  const src = listAt(64, len);
  if (prng.oneIn(3)) return { src, dst: src };
  return { src, dst: listAt(1 << 19, len) };
}

const SIZES = [
  ...Array.from({ length: 70 }, (_, i) => i),
  ...[
    255,
    256,
    257,
    1500,
    CTR_KEPT - 1,
    CTR_KEPT,
    CTR_KEPT + 1,
    PIECE - 1,
    PIECE,
    PIECE + 1,
    CHUNK + 1,
  ],
  2 * CHUNK + 17,
];

function addTo(iv: Uint8Array, blocks: number): Buffer {
  const value = BigInt(`0x${Buffer.from(iv).toString('hex')}`) + BigInt(blocks);
  return Buffer.from((value & ((1n << 128n) - 1n)).toString(16).padStart(32, '0'), 'hex');
}

function oneShot(
  encrypt: boolean,
  name: string,
  key: Uint8Array,
  iv: Uint8Array | null,
  data: Uint8Array,
): Buffer {
  const make = encrypt ? createCipheriv : createDecipheriv;
  const cipher = make(name, key, iv).setAutoPadding(false);
  return Buffer.concat([cipher.update(data), cipher.final()]);
}

describe.each([16, 24, 32])('AES of %i key bytes', (keySize) => {
  const bits = 8 * keySize;

  test('CTR: any length, counters that wrap, the IV goes on', () => {
    const key = bytes(keySize);
    const engine = engines.cipher('ctr', key);
    for (const len of SIZES) {
      freeLists();
      const iv = bytes(16);
      if (prng.oneIn(2)) iv.fill(255, prng.pick([8, 12, 0, 15]));
      const { src, dst } = lists(len);
      const data = text(len);
      put(src, data);
      const before = outside(dst);
      const after = Uint8Array.from(iv);
      engine.run(prng.oneIn(2), src, dst, len, after);
      expect(
        Buffer.compare(get(dst, len), oneShot(true, `aes-${bits}-ctr`, key, iv, data)),
        `${len}`,
      ).toBe(0);
      expect(Buffer.from(after)).toEqual(addTo(iv, Math.ceil(len / 16)));
      expect(Buffer.compare(outside(dst), before)).toBe(0);
    }
  });

  test('CTR: a batch is its operations one by one, IVs that are shared included', () => {
    const key = bytes(keySize);
    const engine = engines.cipher('ctr', key);
    const shared = bytes(16);
    const work = Array.from({ length: 40 }, (_, k) => {
      const len = prng.below(400);
      const src = listAt(64 + 4096 * k, len);
      const dst = listAt((1 << 19) + 4096 * k, len);
      const data = text(len);
      put(src, data);
      return { src, dst, len, data, iv: prng.oneIn(4) ? shared : bytes(16) };
    });
    const expected = work.map(({ len, data, iv }) => {
      const out = oneShot(true, `aes-${bits}-ctr`, key, iv, data);
      return { out, next: addTo(iv, Math.ceil(len / 16)) };
    });
    let counter: Buffer = Buffer.from(shared);
    work.forEach(({ iv, len, data }, k) => {
      if (iv !== shared) return;
      expected[k] = {
        out: oneShot(true, `aes-${bits}-ctr`, key, counter, data),
        next: addTo(counter, Math.ceil(len / 16)),
      };
      counter = expected[k].next;
    });
    for (const { src, dst, len, iv } of work) {
      if (engine.add?.(src, dst, len, iv)) continue;
      engine.flush?.();
      expect(engine.add?.(src, dst, len, iv)).toBe(true);
    }
    engine.flush?.();
    work.forEach(({ dst, len, iv }, k) => {
      expect(get(dst, len)).toEqual(expected[k].out);
      expect(Buffer.from(iv)).toEqual(iv === shared ? counter : expected[k].next);
    });
  });

  test('ECB and CBC: whole blocks, the chaining value goes on', () => {
    const key = bytes(keySize);
    for (const mode of ['ecb', 'cbc'] as const) {
      const engine = engines.cipher(mode, key);
      for (const len of [16, 32, 48, 160, 4096, PIECE - 16, PIECE, PIECE + 16, 2 * CHUNK + 32]) {
        for (const encrypt of [true, false]) {
          freeLists();
          const iv = mode === 'ecb' ? new Uint8Array(0) : bytes(16);
          const { src, dst } = lists(len);
          const data = text(len);
          put(src, data);
          const before = outside(dst);
          const after = Uint8Array.from(iv);
          engine.run(encrypt, src, dst, len, after);
          const out = oneShot(
            encrypt,
            `aes-${bits}-${mode}`,
            key,
            iv.length === 0 ? null : iv,
            data,
          );
          expect(Buffer.compare(get(dst, len), out), `${mode} ${len}`).toBe(0);
          if (mode === 'cbc')
            expect(Buffer.from(after)).toEqual((encrypt ? out : data).subarray(-16));
          expect(Buffer.compare(outside(dst), before)).toBe(0);
        }
      }
    }
  });

  test('GCM: any text, associated data and tag length, before and after the tables are made', () => {
    const key = bytes(keySize);
    const name = `aes-${bits}-gcm` as CipherGCMTypes;
    const fresh = engines.gcm(key);
    keys.push(fresh);
    const warm = warmGcm(key);
    for (const len of [
      ...Array.from({ length: 40 }, (_, i) => i),
      1420,
      GCM_KEPT - 1,
      GCM_KEPT,
      GCM_KEPT + 1,
      CHUNK + 5,
    ]) {
      for (const adLen of [0, 8, 16, prng.below(60), AD_ROOM, AD_ROOM + 1]) {
        freeLists();
        const tagLen = prng.pick([4, 8, 12, 13, 16]);
        const iv = bytes(12);
        const { src, dst } = lists(len);
        const ad = listAt(1 << 20, adLen);
        const tag = listAt((1 << 20) + (1 << 18), tagLen);
        const data = text(len);
        const adData = text(adLen);
        const cipher = createCipheriv(name, key, iv);
        if (adLen > 0) cipher.setAAD(adData);
        const out = Buffer.concat([
          len > 0 ? cipher.update(data) : Buffer.alloc(0),
          cipher.final(),
        ]);
        const fullTag = cipher.getAuthTag();
        for (const engine of [warm, prng.oneIn(8) ? fresh : warm]) {
          const work = { ad, adLen, src, dst, len, iv, tag, tagLen };
          put(src, data);
          put(ad, adData);
          engine.seal(work);
          expect(Buffer.compare(get(dst, len), out), `${len} ${adLen}`).toBe(0);
          expect(get(tag, tagLen)).toEqual(fullTag.subarray(0, tagLen));
          put(src, out);
          expect(engine.open(work), `${len} ${adLen} ${tagLen}`).toBe(true);
          expect(Buffer.compare(get(dst, len), data)).toBe(0);
          const wrong = Buffer.from(fullTag.subarray(0, tagLen));
          wrong[prng.below(tagLen)] ^= 1 << prng.below(8);
          put(tag, wrong);
          put(src, out);
          expect(engine.open(work)).toBe(false);
          expect(Buffer.compare(get(dst, len), data)).toBe(0);
        }
      }
    }
  });

  test('GCM: a batch is its operations one by one, in both directions', () => {
    const key = bytes(keySize);
    const engine = warmGcm(key);
    const alone = warmGcm(key);
    for (const encrypt of [true, false]) {
      const works = Array.from({ length: 30 }, (_, k): AeadWork => {
        const len = prng.below(1500);
        const adLen = prng.below(40);
        const work = {
          ad: listAt((1 << 20) + 512 * k, adLen),
          adLen,
          src: listAt(64 + 16384 * k, len),
          dst: listAt((1 << 19) + 16384 * k, len),
          len,
          iv: bytes(12),
          tag: listAt((1 << 20) + (1 << 19) + 512 * k, 16),
          tagLen: 16,
        };
        put(work.ad, bytes(adLen));
        put(work.src, text(len));
        return work;
      });
      if (!encrypt) {
        for (const work of works) alone.seal(work);
        for (const work of works) put(work.src, get(work.dst, work.len));
        const spoiled = works.filter(() => prng.oneIn(3));
        for (const { tag } of spoiled) put(tag, bytes(16));
      }
      const results: boolean[] = [];
      let first = 0;
      const flush = (end: number): void => {
        engine.flush(encrypt);
        for (let k = first; k < end; k++) results.push(engine.right(k - first));
        first = end;
      };
      works.forEach((work, k) => {
        if (engine.add(work)) return;
        flush(k);
        expect(engine.add(work)).toBe(true);
      });
      flush(works.length);
      const seen = works.map(({ dst, len, tag }) => [get(dst, len), get(tag, 16)]);
      const single = works.map((work) => {
        if (!encrypt) return alone.open(work);
        alone.seal(work);
        return true;
      });
      expect(results).toEqual(single);
      expect(works.map(({ dst, len, tag }) => [get(dst, len), get(tag, 16)])).toEqual(seen);
    }
  });

  test('XTS: whole blocks, one data unit or many', () => {
    const key = bytes(2 * keySize);
    const engine = engines.cipher('xts', key);
    for (const len of [
      16,
      32,
      512,
      4096,
      XTS_KEPT,
      XTS_KEPT + 16,
      CHUNK,
      CHUNK + 16,
      2 * CHUNK + 48,
    ]) {
      for (const encrypt of [true, false]) {
        const iv = bytes(16);
        if (prng.oneIn(2)) iv.fill(255, 0, 8);
        checkUnits(engine, keySize, key, encrypt, len, iv, len, (src, dst, own) =>
          engine.run(encrypt, src, dst, len, own),
        );
      }
    }
    for (const [len, unit] of [
      [512, 512],
      [4096, 512],
      [CHUNK, 512],
      [CHUNK + 512, 512],
      [3 * CHUNK, 4096],
      [160, 16],
      [3 * 40_000, 40_000],
      [CHUNK + 64, 16],
    ]) {
      const iv = bytes(16);
      iv.fill(255, 0, prng.pick([0, 4, 8, 16]));
      for (const encrypt of [true, false]) {
        checkUnits(engine, keySize, key, encrypt, len, iv, unit, (src, dst, own) =>
          engine.runUnits?.(encrypt, src, dst, len, own, unit),
        );
      }
    }
  });
});

/** An engine whose tables are there. */
function warmGcm(key: Uint8Array): AeadEngine {
  const engine = engines.gcm(key);
  keys.push(engine);
  const list = listAt(64, 16);
  const work = {
    ad: list,
    adLen: 0,
    src: list,
    dst: list,
    len: 0,
    iv: bytes(12),
    tag: list,
    tagLen: 16,
  };
  for (let i = 0; i <= TABLES_AFTER; i++) engine.seal(work);
  return engine;
}

function checkUnits(
  _engine: CipherEngine,
  keySize: number,
  key: Uint8Array,
  encrypt: boolean,
  len: number,
  iv: Uint8Array,
  unit: number,
  run: (src: BvecList, dst: BvecList, iv: Uint8Array) => void,
): void {
  freeLists();
  const { src, dst } = lists(len);
  const data = text(len);
  put(src, data);
  const before = outside(dst);
  const own = Uint8Array.from(iv);
  run(src, dst, own);
  expect(Buffer.from(own)).toEqual(Buffer.from(iv));
  const got = get(dst, len);
  for (let at = 0, k = 0; at < len; at += unit, k++) {
    const tweak = Buffer.from(addTo(Buffer.from(iv).reverse(), k)).reverse();
    const part = data.subarray(at, at + unit);
    const expected = xts(encrypt, keySize, key, tweak, part);
    expect(Buffer.compare(got.subarray(at, at + unit), expected), `${len} ${unit} ${k}`).toBe(0);
  }
  expect(Buffer.compare(outside(dst), before)).toBe(0);
}

/** XTS by its definition, over one-shot ECB: OpenSSL has none of AES-192. */
function xts(
  encrypt: boolean,
  keySize: number,
  key: Uint8Array,
  iv: Uint8Array,
  data: Uint8Array,
): Buffer {
  const name = `aes-${8 * keySize}-ecb`;
  const tweak = oneShot(true, name, key.subarray(keySize), null, iv);
  const mask = Buffer.alloc(data.length);
  for (let at = 0; at < data.length; at += 16) {
    tweak.copy(mask, at);
    let carry = 0;
    for (let i = 0; i < 16; i++) {
      const next = tweak[i] >> 7;
      tweak[i] = (tweak[i] << 1) | carry;
      carry = next;
    }
    if (carry === 1) tweak[0] ^= 0x87;
  }
  const xor = (a: Uint8Array): Buffer => Buffer.from(a.map((byte, i) => byte ^ mask[i]));
  return xor(oneShot(encrypt, name, key.subarray(0, keySize), null, xor(data)));
}

test('XTS with equal halves, which OpenSSL refuses, is XTS all the same', () => {
  const half = bytes(32);
  const key = Buffer.concat([half, half]);
  const engine = engines.cipher('xts', key);
  for (const len of [512, XTS_KEPT + 16]) {
    checkUnits(engine, 32, key, true, len, bytes(16), len, (src, dst, own) =>
      engine.run(true, src, dst, len, own),
    );
  }
});

test.each([
  ['md5', 'md5'],
  ['rmd160', 'ripemd160'],
  ['sha1', 'sha1'],
  ['sha256', 'sha256'],
  ['sha512', 'sha512'],
  ['sha3-256', 'sha3-256'],
])('%s: any length, on both sides of a chunk', (name, theirs) => {
  const engine = engines.hash(name);
  const few = [0, 1, 63, 64, 300];
  for (const len of [...(name === 'sha256' ? SIZES : few), CHUNK, CHUNK + 1, 3 * CHUNK]) {
    freeLists();
    const src = listAt(64, len);
    const data = text(len);
    put(src, data);
    const expected = createHash(theirs).update(data).digest();
    const out = new Uint8Array(expected.length);
    engine?.digest(src, len, out);
    expect(Buffer.compare(out, expected), `${len}`).toBe(0);
  }
});

test('a hash that node does not have has no engine', () => {
  expect(['crc32', 'streebog256', 'none'].map((name) => engines.hash(name))).toEqual([
    null,
    null,
    null,
  ]);
});

test('HMAC-SHA-256: keys and messages of any length, on both sides of a block and of a chunk', () => {
  for (const keyLen of [0, 1, 32, 63, 64, 65, 200]) {
    const key = bytes(keyLen);
    const engine = engines.hmacSha256(key);
    for (const len of [0, 1, 63, 64, 65, 1420, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK + 9]) {
      freeLists();
      const src = listAt(64, len);
      const data = text(len);
      put(src, data);
      const before = outside(src);
      const out = new Uint8Array(32);
      engine.digest(src, len, out);
      const expected = createHmac('sha256', key).update(data).digest();
      expect(Buffer.compare(out, expected), `${keyLen} ${len}`).toBe(0);
      expect(Buffer.compare(outside(src), before)).toBe(0);
    }
  }
});

test('gathering and scattering, from any place on, move the bytes of the list and no others', () => {
  const kernels = kernelsOf(mem);
  if (kernels === null) throw new Error('no kernels');
  const { x } = kernels;
  for (let i = 0; i < 100; i++) {
    freeLists();
    const len = 1 + prng.below(prng.pick([40, 3000]));
    const list = listAt(64, len);
    const data = bytes(len);
    put(list, data);
    const [{ len: firstLen }] = bvecEntries(list);
    const skip = prng.below(firstLen);
    const part = prng.below(len - skip + 1);
    mem.raw.fill(GUARD, kernels.text, kernels.text + len + 64);
    x.gather(4 * list.first, skip, kernels.text, part);
    const gathered = Buffer.from(mem.raw.slice(kernels.text, kernels.text + part));
    expect(gathered).toEqual(data.subarray(skip, skip + part));
    expect(mem.raw[kernels.text + part]).toBe(GUARD);
    const other = bytes(part);
    mem.raw.set(other, kernels.text);
    const before = outside(list);
    x.scatter(4 * list.first, skip, kernels.text, part);
    expect(get(list, len)).toEqual(
      Buffer.concat([data.subarray(0, skip), other, data.subarray(skip + part)]),
    );
    expect(Buffer.compare(outside(list), before)).toBe(0);
  }
});

test('a memory without room for scratch has no engines', () => {
  const small = new PhysMem(1 << 16);
  while (small.area(4096) >= 0);
  expect(wasmEngines(small)).toBe(null);
});

test('GCM goes on with node where the memory has no room for tables', () => {
  const tight = new PhysMem(1 << 16);
  const engine = enginesOf(tight).gcm(new Uint8Array(32));
  const list = new BvecList(1, tight);
  bvecAppend(list, physAddr(PHYS_BASE), 16, 0);
  while (tight.area(64) >= 0);
  const op = { adLen: 0, len: 16, iv: new Uint8Array(12), tagLen: 16 };
  const cipher = createCipheriv('aes-256-gcm', new Uint8Array(32), op.iv);
  const expected = cipher.update(new Uint8Array(16));
  for (let i = 0; i < 2 * TABLES_AFTER; i++) {
    tight.u8.fill(0, 0, 16);
    engine.seal({ ...op, ad: list, src: list, dst: list, tag: new BvecList(1, null), tagLen: 0 });
    expect(Buffer.from(tight.u8.slice(0, 16))).toEqual(expected);
  }
});

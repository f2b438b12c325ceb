/**
 * What block devices and file systems hand out.
 * C: the callers named in each row (6.1)
 * @module
 */
import type { Prng } from '../../src/prng.ts';
import { PAGE_SIZE } from '../../src/units.ts';
import { toHex } from '../algorithms/keys.ts';
import { isDataRow } from '../algorithms/row.ts';
import { algorithmOf } from '../algorithms.ts';
import {
  bytesLength,
  type Case,
  type FurtherRequest,
  materialise,
  type Segment,
  sourceLength,
  targetLength,
} from './case.ts';
import { asked, BACKLOG, BLOCK, blocks, GCM, over, type Scenario, WAIT } from './scenario.ts';
import { ofSource, page, pages, slab } from './scenario-lists.ts';

/** Requests of a bio at most, beside the first. */
const MOST_SECTORS = 3;

/** The case with more requests like its own, on lists of their own. */
function several(
  prng: Prng,
  c: Case,
  how: Pick<FurtherRequest, 'when' | 'reuse'>,
  one: () => Case,
): Case {
  const requests = Array.from({ length: prng.between(1, MOST_SECTORS) }, (_, of) => {
    const { op, ad, text, tag, room, tamper, layout, hash } = one();
    const iv = toHex(materialise(c.iv).map((byte, i) => (i === 0 ? byte ^ (of + 1) : byte)));
    const message = { op, iv, ad, text, tag, room, tamper, layout, hash };
    return { tfm: 0, steps: 0, of, cpu: 0, backlog: true, ...how, ...message };
  });
  const { failing: _failing, again: _again, ...context } = c.context;
  const program = { transforms: [], queue: 0, freeEarly: false, misuse: null, requests };
  return { ...c, context: { ...context, reuse: false }, program };
}

/** The bytes again and again, so many of them. */
function tiled(bytes: Uint8Array, len: number): Uint8Array {
  return Uint8Array.from({ length: len }, (_, i) => bytes[i % bytes.length] ?? 0);
}

/** Disks and files. */
export const DISKS: readonly Scenario[] = [
  {
    name: 'dm-crypt',
    from: 'drivers/md/dm-crypt.c crypt_convert_block_skcipher',
    algs: [
      'xts(aes)',
      'cbc(aes)',
      'essiv(cbc(aes),sha256)',
      'adiantum(xchacha12,aes)',
      'xts(serpent)',
    ],
    omits: 'sectors of several requests in one page',
    make(prng, c) {
      const sector = prng.pick([512, 512, 1024, 2048, 4096]);
      const asking = asked(prng, c, { text: sector, flags: BACKLOG });
      const at = (): Segment => page(sector, 512 * prng.below((4096 - sector) / 512 + 1));
      const one = (): Case =>
        c.op === 'encrypt'
          ? over(asking, 'no', [at()], [at()])
          : over(asking, 'twin', [at()], [page(sector, 0)]);
      // A bio has many sectors, each with a request of its own, all in flight at once.
      return prng.oneIn(2) ? one() : several(prng, one(), { when: 'now', reuse: false }, one);
    },
  },
  {
    name: 'dm-crypt integrity',
    from: 'drivers/md/dm-crypt.c crypt_convert_block_aead',
    algs: [...GCM, 'essiv(authenc(hmac(sha256),cbc(aes)),sha256)', 'aegis128'],
    make(prng, c) {
      const sector = prng.pick([512, 4096]);
      const ivsize = bytesLength(c.iv);
      const asking = asked(prng, c, { text: sector, ad: 8 + ivsize, flags: BACKLOG });
      const list = (): Segment[] => [
        slab(8, prng.below(64)),
        slab(ivsize, prng.below(64)),
        page(sector, 512 * prng.below(8)),
        slab(asking.authsize, prng.below(512)),
      ];
      const src = list();
      if (c.op === 'decrypt') return over(asking, 'twin', src, list());
      // On write all but the data is one memory, and the data goes to a page of the bounce bio.
      const bounce = page(sector, 512 * prng.below(8));
      return over(asking, 'no', src, [
        ofSource(src[0]),
        ofSource(src[1]),
        bounce,
        ofSource(src[3]),
      ]);
    },
  },
  {
    name: 'fscrypt contents',
    from: 'fs/crypto/crypto.c fscrypt_crypt_block',
    algs: ['xts(aes)', 'essiv(cbc(aes),sha256)', 'adiantum(xchacha12,aes)', 'xts(sm4)'],
    make(prng, c) {
      const text = prng.oneIn(2) ? 4096 : blocks(prng, 1, 255);
      const offset = Math.min(blocks(prng, 0, 255), 4096 - text);
      const list = [page(text, offset)];
      return over(asked(prng, c, { text, flags: WAIT }), prng.oneIn(3) ? 'twin' : 'no', list, list);
    },
  },
  {
    name: 'fscrypt names',
    from: 'fs/crypto/fname.c fscrypt_fname_encrypt, fname_decrypt',
    algs: ['cts(cbc(aes))', 'adiantum(xchacha12,aes)', 'hctr2(aes)'],
    make(prng, c) {
      const text = prng.oneIn(2) ? prng.between(16, 34) : prng.between(16, 255);
      const asking = asked(prng, c, { text, flags: WAIT });
      const list = [slab(text, prng.below(64))];
      if (c.op === 'encrypt') return over(asking, 'same', list);
      return over(asking, 'no', list, [slab(text + prng.below(32), prng.below(64))]);
    },
  },
  {
    name: 'blk-crypto fallback',
    from: 'block/blk-crypto-fallback.c blk_crypto_fallback_encrypt_bio, _decrypt_bio',
    algs: ['xts(aes)', 'adiantum(xchacha12,aes)', 'essiv(cbc(aes),sha256)'],
    omits: 'the entry of the request before, moved on',
    make(prng, c) {
      const unit = prng.pick([512, 1024, 4096]);
      const asking = asked(prng, c, { text: unit, flags: WAIT });
      const one = (): Case => {
        const list = [page(unit, unit * prng.below(4096 / unit))];
        return c.op === 'encrypt'
          ? over(asking, 'no', list, [page(unit, 0)])
          : over(asking, 'same', list);
      };
      // One request object for all data units of a bio, one after the other.
      return prng.oneIn(2) ? one() : several(prng, one(), { when: 'settled', reuse: true }, one);
    },
  },
  {
    name: 'zswap',
    from: 'mm/zswap.c zswap_frontswap_store, zswap_frontswap_load',
    algs: ['deflate', 'lz4', 'lz4hc', 'zlib-deflate'],
    make(prng, c) {
      const asking = asked(prng, c, { text: 0, flags: WAIT });
      const text = tiled(materialise(c.text), PAGE_SIZE);
      if (c.op === 'compress') {
        const store = { ...asking, text: toHex(text), room: PAGE_SIZE };
        // One entry of two pages, of which the request says that it is one.
        return over(store, 'no', [page(PAGE_SIZE, 0)], [page(2 * PAGE_SIZE, 0)]);
      }
      const row = algorithmOf(c.alg);
      const packed = (row !== null && isDataRow(row) && row.pack?.(prng, text)) || text;
      const load = { ...asking, text: toHex(packed), room: PAGE_SIZE };
      return over(load, 'no', [slab(packed.length, prng.below(64))], [page(PAGE_SIZE, 0)]);
    },
  },
  {
    name: 'ccp, the first entry alone is shared',
    from: 'drivers/crypto/ccp/ccp-ops.c ccp_run_aes_cmd, ccp_run_aes_gcm_cmd, ccp_run_xts_aes_cmd',
    algs: ['cbc(aes)', 'ctr(aes)', 'ecb(aes)', 'xts(aes)', 'cbc(des3_ede)', 'gcm(aes)'],
    make(prng, c) {
      const asking = asked(prng, c, { text: blocks(prng, 2, 128), flags: BACKLOG });
      const both = Math.max(sourceLength(asking), targetLength(asking));
      const first = page(blocks(prng, 1, Math.floor(both / BLOCK) - 1), prng.below(PAGE_SIZE));
      const rest = both - first.len;
      const list = (): Segment[] => pages(prng, 'page', rest, prng.below(PAGE_SIZE));
      return over(asking, 'no', [first, ...list()], [ofSource(first), ...list()]);
    },
  },
];

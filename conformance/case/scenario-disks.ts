/**
 * What block devices and file systems hand out.
 * C: the callers named in each row (6.1)
 * @module
 */
import { bytesLength, type Segment } from './case.ts';
import { asked, BACKLOG, blocks, GCM, over, type Scenario, WAIT } from './scenario.ts';
import { page, slab } from './scenario-lists.ts';

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
    omits: 'many requests in flight on neighbouring sectors',
    make(prng, c) {
      const sector = prng.pick([512, 512, 1024, 2048, 4096]);
      const asking = asked(prng, c, { text: sector, flags: BACKLOG });
      const at = (): Segment => page(sector, 512 * prng.below((4096 - sector) / 512 + 1));
      return c.op === 'encrypt'
        ? over(asking, 'no', [at()], [at()])
        : over(asking, 'twin', [at()], [page(sector, 0)]);
    },
  },
  {
    name: 'dm-crypt integrity',
    from: 'drivers/md/dm-crypt.c crypt_convert_block_aead',
    algs: [...GCM, 'essiv(authenc(hmac(sha256),cbc(aes)),sha256)', 'aegis128'],
    omits: 'on write the source shares sector number, IV and tag with the destination',
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
      return c.op === 'encrypt'
        ? over(asking, 'no', list(), list())
        : over(asking, 'twin', list(), list());
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
    omits: 'the same request again over the next data unit',
    make(prng, c) {
      const unit = prng.pick([512, 1024, 4096]);
      const asking = asked(prng, c, { text: unit, flags: WAIT });
      const list = [page(unit, unit * prng.below(4096 / unit))];
      return c.op === 'encrypt'
        ? over(asking, 'no', list, [page(unit, 0)])
        : over(asking, 'same', list);
    },
  },
];

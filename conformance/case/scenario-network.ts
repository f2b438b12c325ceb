/**
 * What the network hands out packet by packet, mostly where nothing may sleep.
 * C: the callers named in each row (6.1)
 * @module
 */
import type { Prng } from '../../src/prng.ts';
import { algorithmOf } from '../algorithms.ts';
import { bytesLength, type Case, type Segment } from './case.ts';
import {
  ATOMIC,
  asked,
  BACKLOG,
  blocks,
  over,
  type Scenario,
  sync,
  whole,
  zeroed,
} from './scenario.ts';
import { dgram, ofSource, page, skb, slab, zeros } from './scenario-lists.ts';

const ESP = [
  'rfc4106(gcm(aes))',
  'rfc4309(ccm(aes))',
  'rfc4543(gcm(aes))',
  'rfc7539esp(chacha20,poly1305)',
  'seqiv(rfc4106(gcm(aes)))',
  'seqiv(rfc7539esp(chacha20,poly1305))',
  'echainiv(authenc(hmac(sha1),cbc(aes)))',
  'echainiv(authenc(hmac(sha256),cbc(aes)))',
];

/** The text of an ESP packet: a generator's IV in front, then blocks. */
function espText(prng: Prng, { alg }: Case): number {
  const row = algorithmOf(alg);
  const generated = row?.kind === 'aead' ? row.generated : 0;
  return generated + blocks(prng, 1, 90);
}

/** Packets. */
export const NETWORK: readonly Scenario[] = [
  {
    name: 'esp, linear',
    from: 'net/ipv4/esp4.c esp_output_tail',
    algs: ESP,
    make(prng, c) {
      const asking = asked(prng, c, { op: 'encrypt', text: espText(prng, c), flags: ATOMIC });
      return over(asking, 'same', [slab(whole(asking), 4 * prng.below(32))]);
    },
  },
  {
    name: 'esp, page frags',
    from: 'net/ipv4/esp4.c esp_output_head, esp_output_tail',
    algs: ESP,
    omits: 'pages released in the callback',
    make(prng, c) {
      const asking = asked(prng, c, { op: 'encrypt', text: espText(prng, c), flags: ATOMIC });
      const head = bytesLength(asking.ad) + 8;
      const trailer = slab(asking.authsize + 2, 0);
      const packet = skb(prng, head, whole(asking) - trailer.len);
      const [linear] = packet;
      return over(
        asking,
        'no',
        [...packet, trailer],
        [ofSource(linear), page(whole(asking) - linear.len, prng.below(4096))],
      );
    },
  },
  {
    name: 'esp, input',
    from: 'net/ipv4/esp4.c esp_input',
    algs: ESP,
    make(prng, c) {
      const asking = asked(prng, c, { op: 'decrypt', text: espText(prng, c), flags: ATOMIC });
      const head = bytesLength(asking.ad) + bytesLength(asking.iv);
      return over(asking, 'same', skb(prng, head + prng.below(64), whole(asking)));
    },
  },
  {
    name: 'esp, extended sequence numbers',
    from: 'net/ipv4/esp4.c esp_output_set_extra, crypto/authencesn.c',
    algs: [
      'authencesn(hmac(sha1),cbc(aes))',
      'authencesn(hmac(sha256),cbc(aes))',
      'authencesn(hmac(sha512),rfc3686(ctr(aes)))',
    ],
    make(prng, c) {
      const asking = asked(prng, c, { text: blocks(prng, 1, 90), flags: ATOMIC });
      const list = (): Segment[] => skb(prng, bytesLength(asking.ad) + 16, whole(asking));
      return prng.oneIn(2) ? over(asking, 'same', list()) : over(asking, 'no', list(), list());
    },
  },
  {
    name: 'ah',
    from: 'net/ipv4/ah4.c ah_output, ah_input',
    algs: ['hmac(md5)', 'hmac(sha1)', 'hmac(sha256)', 'hmac(sha512)', 'xcbc(aes)', 'cmac(aes)'],
    omits: 'a table without an end mark, and empty entries without a page',
    make(prng, c) {
      const asking = asked(prng, c, { text: prng.between(40, 1600), flags: ATOMIC });
      const seqhi = prng.oneIn(2) ? [slab(4, 0)] : [];
      return over(asking, 'no', [...skb(prng, 40, bytesLength(asking.text) - 4), ...seqhi]);
    },
  },
  {
    name: 'macsec, authentication only',
    from: 'drivers/net/macsec.c macsec_encrypt, macsec_decrypt',
    algs: ['gcm(aes)'],
    make(prng, c) {
      const ad = prng.oneIn(3) ? prng.between(1500, 9000) : prng.between(28, 1500);
      const asking = asked(prng, c, { text: 0, ad, authsize: 16, flags: ATOMIC });
      return over(asking, 'same', skb(prng, 28, whole(asking)));
    },
  },
  {
    name: 'macsec, encryption',
    from: 'drivers/net/macsec.c macsec_encrypt, macsec_decrypt',
    algs: ['gcm(aes)'],
    make(prng, c) {
      const ad = prng.pick([20, 28]);
      const asking = asked(prng, c, {
        text: prng.between(1, 1500),
        ad,
        authsize: 16,
        flags: ATOMIC,
      });
      return over(asking, 'same', skb(prng, 28, whole(asking)));
    },
  },
  {
    name: 'tipc',
    from: 'net/tipc/crypto.c tipc_aead_encrypt, tipc_aead_decrypt',
    algs: ['gcm(aes)'],
    make(prng, c) {
      const text = 4 * prng.between(1, 400);
      const ad = prng.pick([16, 28]);
      const asking = asked(prng, c, { text, ad, authsize: 16, flags: BACKLOG });
      const linear = [slab(whole(asking), prng.below(64))];
      return over(asking, 'same', c.op === 'encrypt' ? linear : skb(prng, 40, whole(asking)));
    },
  },
  {
    name: 'wireguard',
    from: 'drivers/net/wireguard/send.c encrypt_packet, receive.c decrypt_packet',
    algs: ['rfc7539(chacha20,poly1305)'],
    omits: 'a call of a library, without a request',
    make(prng, c) {
      const asking = asked(prng, c, {
        text: blocks(prng, 0, 90),
        ad: 0,
        authsize: 16,
        flags: ATOMIC,
      });
      const list = dgram(prng, whole(asking), 25);
      return over(sync(prng, asking), 'same', list);
    },
  },
  {
    name: 'mac80211',
    from: 'net/mac80211/aead_api.c aead_encrypt, aead_decrypt',
    algs: ['ccm(aes)', 'gcm(aes)'],
    make(prng, c) {
      const authsize = c.alg === 'gcm(aes)' ? 16 : prng.pick([8, 16]);
      const ad = prng.pick([22, 24, 28, 30]);
      const asking = asked(prng, c, { text: prng.between(1, 1500), ad, authsize, flags: ATOMIC });
      const data = slab(bytesLength(asking.text), prng.below(256));
      const mic: Segment = { kind: 'next', offset: 0, len: authsize };
      return over(sync(prng, asking), 'same', [slab(ad, 0), data, mic]);
    },
  },
  {
    name: 'mac80211, gmac',
    from: 'net/mac80211/aes_gmac.c ieee80211_aes_gmac',
    algs: ['gcm(aes)'],
    make(prng, c) {
      const data = prng.between(32, 1500);
      const asking = asked(prng, c, { text: 0, ad: 20 + data, authsize: 16, flags: ATOMIC });
      const aad = slab(20, prng.below(64));
      // Of a beacon the time stamp counts as zero, and the place of the MIC always does: one buffer for both.
      const body = prng.oneIn(2)
        ? [zeros(8), slab(data - 24, prng.below(256))]
        : [slab(data - 16, prng.below(256))];
      const list = [aad, ...body, zeros(16), slab(16, prng.below(64))];
      const ad = zeroed(asking.ad, list);
      // Nobody tampers with zeros that a caller puts in: what was changed on the air is the MIC.
      const tamper = asking.tamper === null ? null : { ...asking.tamper, part: 'tag' as const };
      return over({ ...sync(prng, asking), ad, tamper }, 'same', list);
    },
  },
];

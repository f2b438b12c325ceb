/**
 * What protocols above packets hand out: records, messages of remote calls, sockets of user space.
 * C: the callers named in each row (6.1)
 * @module
 */
import { bytesLength, listLength, type Segment } from './case.ts';
import {
  asked,
  BACKLOG,
  BLOCK,
  blocks,
  GCM,
  NONE,
  over,
  type Scenario,
  sync,
  WAIT,
  whole,
  zeroed,
} from './scenario.ts';
import { dgram, ofSource, pages, ring, skb, slab, zeros } from './scenario-lists.ts';

/** Records and messages. */
export const RECORDS: readonly Scenario[] = [
  {
    name: 'tls, send',
    from: 'net/tls/tls_sw.c tls_push_record, tls_do_encryption',
    algs: [...GCM, 'gcm(aria)', 'ccm(sm4)'],
    omits: 'the entry edited round the request',
    make(prng, c) {
      const text = prng.oneIn(16) ? 16385 : prng.between(1, 2048);
      const ad = prng.pick([5, 13]);
      const asking = asked(prng, c, { op: 'encrypt', text, ad, authsize: 16, flags: BACKLOG });
      const type = ad === 5 ? [slab(1, prng.below(64))] : [];
      const src = [slab(ad, 0), ...ring(prng, text - type.length), ...type];
      // A clone of the plaintext has the ciphertext in its own pages.
      const sealed = prng.oneIn(4)
        ? [...src.slice(1).map(ofSource), slab(16, 0)]
        : pages(prng, 'page', text + 16, 5);
      return over(asking, 'no', src, [ofSource(src[0]), ...sealed], prng.between(2, 17));
    },
  },
  {
    name: 'tls, receive',
    from: 'net/tls/tls_sw.c tls_decrypt_sg',
    algs: [...GCM, 'gcm(aria)', 'ccm(sm4)'],
    make(prng, c) {
      const text = prng.oneIn(16) ? 16385 : prng.between(1, 2048);
      const ad = prng.pick([5, 13]);
      const flags = prng.oneIn(2) ? BACKLOG : WAIT;
      const asking = asked(prng, c, { op: 'decrypt', text, ad, authsize: 16, flags });
      const tail = ad === 5 ? [slab(1, prng.below(64))] : [];
      const src = [slab(ad, 0), ...skb(prng, 13, text + 16)];
      const user = pages(prng, 'user', text - tail.length, prng.below(4096));
      return over(asking, 'no', src, [ofSource(src[0]), ...user, ...tail]);
    },
  },
  {
    name: 'tls, device fallback',
    from: 'net/tls/tls_device_fallback.c tls_enc_record',
    algs: ['gcm(aes)'],
    omits: 'the tag of a record that is cut short, which is dropped',
    make(prng, c) {
      const text = prng.between(1, 2048);
      const asking = asked(prng, c, { op: 'encrypt', text, ad: 13, authsize: 16, flags: NONE });
      // Both go on behind the record: the rest of the list under the walk is chained behind it.
      const rest = pages(prng, 'page', prng.below(512), prng.below(4096));
      const src = [slab(13, 0), ...skb(prng, 1, text), ...rest];
      const [payload] = pages(prng, 'page', text, prng.below(2048));
      const dst = [ofSource(src[0]), { ...payload, len: text }, slab(16, 0)];
      return over(sync(prng, asking), 'no', src, dst, prng.between(2, 4));
    },
  },
  {
    name: 'smb3',
    from: 'fs/smb/client/smb2ops.c smb2_get_aead_req, crypt_message',
    algs: ['gcm(aes)', 'ccm(aes)'],
    make(prng, c) {
      const text = prng.between(64, 4096);
      const asking = asked(prng, c, { text, ad: 32, authsize: 16, flags: BACKLOG });
      const vector = Math.min(text, prng.between(1, 600));
      const list = [
        slab(32, 20),
        ...pages(prng, 'vmalloc', vector, prng.below(4096)),
        ...pages(prng, 'page', text - vector, prng.below(4096)),
        ...pages(prng, 'vmalloc', 16, prng.oneIn(2) ? 4088 : prng.below(4080)),
      ];
      return over(asking, 'same', list);
    },
  },
  {
    name: 'krb5',
    from: 'net/sunrpc/auth_gss/gss_krb5_crypto.c encryptor, decryptor',
    algs: ['cbc(aes)', 'cts(cbc(aes))', 'cbc(camellia)'],
    make(prng, c) {
      const asking = asked(prng, c, { text: blocks(prng, 1, 64), flags: NONE });
      const list = dgram(prng, bytesLength(asking.text), prng.between(1, 4));
      const one = sync(prng, asking);
      if (c.op === 'decrypt') return over(one, 'same', list);
      // Head and tail are written where they are read, and the pages between them elsewhere.
      const ends = [0, list.length - 1];
      const isAlone = list.length === 1;
      const to = list.map((at, i) => (!isAlone && ends.includes(i) ? ofSource(at) : at));
      return over(one, 'no', list, to);
    },
  },
  {
    name: 'rxkad',
    from: 'net/rxrpc/rxkad.c rxkad_secure_packet_encrypt, rxkad_verify_packet_2',
    algs: ['pcbc(fcrypt)'],
    omits: 'the output IV of the header is the input IV of the packet',
    make(prng, c) {
      const asking = asked(prng, c, { text: 8 * prng.between(1, 180), flags: NONE });
      return over(sync(prng, asking), 'same', [
        slab(8, 0),
        ...skb(prng, 28, bytesLength(asking.text) - 8),
      ]);
    },
  },
  {
    name: 'ceph',
    from: 'net/ceph/messenger_v2.c setup_message_sgs, gcm_crypt',
    algs: ['gcm(aes)'],
    make(prng, c) {
      const parts = [prng.between(1, 300), prng.below(300), prng.below(4096)];
      const message: Segment[] = parts.flatMap((len) => {
        const pad = -len & (BLOCK - 1);
        const list = pages(prng, prng.oneIn(2) ? 'vmalloc' : 'page', len, prng.below(4096));
        // What is sent is padded from one page of zeros; what is received needs room of its own.
        const padding = c.op === 'encrypt' ? zeros(pad) : slab(pad, 0);
        return pad === 0 ? list : [...list, padding];
      });
      message.push(slab(BLOCK, 0));
      const text = listLength(message);
      const asking = asked(prng, c, { text, ad: 0, authsize: 16, flags: WAIT });
      const room = slab(16, 0);
      const vector = pages(prng, 'page', text + 16, 0);
      if (c.op === 'decrypt') return over(asking, 'no', vector, [...message, room]);
      return over({ ...asking, text: zeroed(asking.text, message) }, 'no', message, vector);
    },
  },
  {
    name: 'af_alg, aead',
    from: 'crypto/algif_aead.c _aead_recvmsg',
    algs: [...GCM, 'authenc(hmac(sha256),cbc(aes))', 'rfc4106(gcm(aes))'],
    omits: 'lists longer than sixteen pages of a receiver, and a receiver that is too small',
    make(prng, c) {
      const asking = asked(prng, c, { text: blocks(prng, 0, 200), flags: WAIT });
      const src = pages(prng, 'page', whole(asking), prng.below(4096));
      return over(asking, 'no', src, pages(prng, 'user', whole(asking), prng.below(4096)), 3);
    },
  },
  {
    name: 'af_alg, cipher',
    from: 'crypto/algif_skcipher.c _skcipher_recvmsg',
    algs: ['cbc(aes)', 'ctr(aes)', 'xts(aes)', 'ecb(aes)'],
    make(prng, c) {
      const text = blocks(prng, 1, 256);
      const asking = asked(prng, c, { text, flags: WAIT });
      const src = pages(prng, 'page', text, prng.below(4096));
      return over(asking, 'no', src, pages(prng, 'user', text, prng.below(4096)), 3);
    },
  },
  {
    name: 'digest of a command',
    from: 'net/ipv4/tcp.c tcp_md5_hash_skb_data, drivers/nvme/host/tcp.c nvme_tcp_ddgst_update',
    algs: ['md5', 'crc32c', 'sha256'],
    make(prng, c) {
      const text = prng.oneIn(4) ? prng.between(0, 3) : prng.between(1, 2048);
      const updates = Array.from({ length: prng.between(1, 6) }, () =>
        prng.oneIn(3) ? 0 : prng.below(text + 1),
      );
      const hash = { final: 'final' as const, updates, reimport: false };
      const asking = { ...asked(prng, c, { text, flags: NONE }), hash };
      return over(asking, 'no', skb(prng, 20, text));
    },
  },
];

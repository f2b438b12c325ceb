/**
 * The rows of the table that are AEADs, and what makes a row out of a cipher and a hash.
 * @module
 */
import { EBADMSG, EINVAL, EOVERFLOW, type Errno } from '../../src/errno.ts';
import type { Prng } from '../../src/prng.ts';
import { type Bytes, materialise } from '../case/case.ts';
import { isPartlyInPlace } from '../case/shared.ts';
import type { Leak } from '../judge/observe.ts';
import * as flat from '../subjects/reference/aead.ts';
import { aegis128 } from '../subjects/reference/aegis.ts';
import { AES, ARIA, DES, DES3_EDE, type FlatBlock, SM4 } from '../subjects/reference/block.ts';
import { concat, equal, NOTHING } from '../subjects/reference/bytes.ts';
import { essivIv } from '../subjects/reference/modes.ts';
import { hmac, MD5, SHA1, SHA224, SHA256, SHA384, SHA512 } from './hashes.ts';
import { authencKeys, longer, randomBytes, sized, splitAuthenc, toHex } from './keys.ts';
import type { AeadMessage, AeadResult, AeadRow, HashRow, SkcipherRow } from './row.ts';
import { CIPHER_NULL, CTS, cbc, ctr, RFC3686 } from './skciphers.ts';

/** Text and tag of one direction, or why not. */
type Crypt = (enc: boolean, message: AeadMessage) => (flat.Parts & { iv?: Uint8Array }) | Errno;

/** `seal` and `open` out of a function that does both and computes the tag either way. */
function both(crypt: Crypt): Pick<AeadRow, 'seal' | 'open'> {
  return {
    seal: (message) => {
      const parts = crypt(true, message);
      if (typeof parts === 'number') return parts;
      const { text, tag, iv = message.iv } = parts;
      return { text, tag: tag.slice(0, message.authsize), iv };
    },
    open: (message, tag) => {
      const parts = crypt(false, message);
      if (typeof parts === 'number') return parts;
      if (!equal(parts.tag.subarray(0, message.authsize), tag)) return -EBADMSG;
      return { text: parts.text, tag: NOTHING, iv: parts.iv ?? message.iv };
    },
  };
}

/** Tags of these sizes; the last one is drawn most often. */
function tags(...sizes: readonly number[]): AeadRow['tags'] {
  return { sizes, check: (n) => (sizes.includes(n) ? 0 : -EINVAL) };
}

function drawAd(prng: Prng): Bytes {
  return randomBytes(prng, prng.oneIn(4) ? 0 : prng.below(prng.pick([9, 21, 65, 300])));
}

/** Mostly one of these lengths. */
function adOf(...sizes: readonly number[]): (prng: Prng) => Bytes {
  return (prng) => (prng.oneIn(16) ? drawAd(prng) : randomBytes(prng, prng.pick(sizes)));
}

const COMMON = {
  kind: 'aead',
  leaks: [],
  adTail: 0,
  unverified: 'given',
  unit: 1,
  generated: 0,
  drawAd,
} as const;

function gcm(block: FlatBlock): AeadRow {
  return {
    ...COMMON,
    name: `gcm(${block.name})`,
    key: sized(...block.keys),
    ivsize: 12,
    tags: tags(4, 8, 12, 13, 14, 15, 16),
    ...both((enc, { key, iv, ad, text }) => flat.gcm(block, enc, key, iv, ad, text)),
  };
}

const CCM_LEAKS: readonly Leak[] = [
  { part: 'iv', reason: 'the counter of the CTR child is the IV of the caller' },
  { part: 'failed', reason: 'the length is looked at after the text was decrypted' },
];

/** The caller's IV says how wide the length field is; 1 to 7 are legal. */
function drawCcmIv(prng: Prng): Bytes {
  const width = prng.oneIn(24) ? prng.pick([0, 8, 255]) : prng.between(1, 7);
  return toHex(Uint8Array.of(width)) + toHex(materialise(randomBytes(prng, 15)));
}

function ccm(block: FlatBlock): AeadRow {
  return {
    ...COMMON,
    name: `ccm(${block.name})`,
    key: sized(...block.keys),
    leaks: CCM_LEAKS,
    ivsize: 16,
    drawIv: drawCcmIv,
    ivOfNonce: (nonce) =>
      concat(Uint8Array.of(14 - nonce.length), nonce, new Uint8Array(15 - nonce.length)),
    tags: tags(4, 6, 8, 10, 12, 14, 16),
    ...both((enc, { key, iv, ad, text, authsize }) => {
      if (iv[0] < 1 || iv[0] > 7) return -EINVAL;
      const limit = 2 ** (8 * (iv[0] + 1));
      if (iv[0] < 3 && text.length > limit) return -EOVERFLOW;
      return flat.ccm(block, enc, key, iv, ad, text, authsize);
    }),
  };
}

/** A message for the AEAD below, or why there is none. */
type Inner = (message: AeadMessage) => AeadMessage | Errno;

/** A row that hands another message to the AEAD below; the caller's IV is not its IV. */
function wrapped(child: AeadRow, inner: Inner): Pick<AeadRow, 'seal' | 'open'> {
  const through = (
    message: AeadMessage,
    run: (inside: AeadMessage) => AeadResult | Errno,
  ): AeadResult | Errno => {
    const inside = inner(message);
    const result = typeof inside === 'number' ? inside : run(inside);
    return typeof result === 'number' ? result : { ...result, iv: message.iv };
  };
  return {
    seal: (message) => through(message, child.seal),
    open: (message, tag) => through(message, (inside) => child.open(inside, tag)),
  };
}

/** ESP: salt at the end of the key, 8 bytes of IV, which also end the associated data. */
function esp(
  template: string,
  child: AeadRow,
  salt: number,
  ivOf: (salt: Uint8Array, iv: Uint8Array) => Uint8Array,
): AeadRow {
  return {
    ...child,
    name: `${template}(${child.name})`,
    key: longer(child.key, salt),
    leaks: child.leaks.filter(({ part }) => part === 'failed'),
    ivsize: 8,
    drawIv: (prng) => randomBytes(prng, 8),
    ivOfNonce: (nonce) => nonce,
    tags: tags(8, 12, 16),
    drawAd: adOf(16, 20),
    ...wrapped(child, ({ key, iv, ad, ...rest }) => {
      if (ad.length !== 16 && ad.length !== 20) return -EINVAL;
      const at = key.length - salt;
      const inside = { key: key.subarray(0, at), iv: ivOf(key.subarray(at), iv) };
      return { ...rest, ...inside, ad: ad.subarray(0, -8) };
    }),
  };
}

const GCM = gcm(AES);
const CCM = ccm(AES);

const RFC4106: AeadRow = esp('rfc4106', GCM, 4, concat);
const RFC4309: AeadRow = esp('rfc4309', CCM, 3, (salt, iv) =>
  concat(Uint8Array.of(3), salt, iv, new Uint8Array(4)),
);

/** Everything is associated data, and the text is copied. */
const RFC4543: AeadRow = {
  ...RFC4106,
  name: 'rfc4543(gcm(aes))',
  leaks: [
    { part: 'ad', copy: true, reason: 'associated data and text are copied to dst in one piece' },
  ],
  tags: tags(16),
  ...both((_enc, { key, iv, ad, text, authsize }) => {
    if (ad.length !== 16 && ad.length !== 20) return -EINVAL;
    const nonce = concat(key.subarray(-4), iv);
    const all = { key: key.subarray(0, -4), iv: nonce, ad: concat(ad, text), text: NOTHING };
    const sealed = GCM.seal({ ...all, authsize });
    return typeof sealed === 'number' ? sealed : { text, tag: sealed.tag };
  }),
};

const RFC7539: AeadRow = {
  ...COMMON,
  name: 'rfc7539(chacha20,poly1305)',
  key: sized(32),
  ivsize: 12,
  tags: tags(16),
  ...both((enc, { key, iv, ad, text }) => flat.chachapoly(enc, key, iv, ad, text)),
};

const RFC7539ESP: AeadRow = {
  ...RFC7539,
  name: 'rfc7539esp(chacha20,poly1305)',
  key: sized(36),
  leaks: [{ part: 'failed', reason: 'the associated data are looked at after the encryption' }],
  ivsize: 8,
  drawAd: adOf(8, 16, 20),
  ...wrapped(RFC7539, ({ key, iv, ad, ...rest }) => {
    if (ad.length < 8) return -EINVAL;
    const inside = { key: key.subarray(0, 32), iv: concat(key.subarray(32), iv) };
    return { ...rest, ...inside, ad: ad.subarray(0, -8) };
  }),
};

const COPIED: Leak = {
  part: 'ad',
  copy: true,
  reason: 'encryption between two lists copies it to dst',
};

/** What the MAC covers. */
type MacInput = (ad: Uint8Array, sealed: Uint8Array) => Uint8Array;

/** Encrypt, then MAC; a wrong tag is found before anything is decrypted. */
function encryptThenMac(
  auth: HashRow,
  enc: SkcipherRow,
  input: MacInput,
): Pick<AeadRow, 'seal' | 'open'> {
  const crypt = (encrypt: boolean, { key, iv, text }: AeadMessage): AeadResult | Errno => {
    const enckey = splitAuthenc(key)?.enc ?? NOTHING;
    if (text.length < enc.least || text.length % enc.unit !== 0) return -EINVAL;
    const output = enc.crypt(encrypt, enckey, iv, text);
    const after = enc.ivAfter({ enc: encrypt, key: enckey, iv, input: text, output });
    return { text: output, tag: NOTHING, iv: after };
  };
  const mac = ({ key, ad, authsize }: AeadMessage, sealed: Uint8Array): Uint8Array | Errno => {
    const tag = auth.digest(splitAuthenc(key)?.auth ?? NOTHING, input(ad, sealed));
    return typeof tag === 'number' ? tag : tag.subarray(0, authsize);
  };
  return {
    seal: (message) => {
      const result = crypt(true, message);
      if (typeof result === 'number') return result;
      const tag = mac(message, result.text);
      return typeof tag === 'number' ? tag : { ...result, tag };
    },
    open: (message, tag) => {
      const right = mac(message, message.text);
      if (typeof right === 'number') return right;
      return equal(right, tag) ? crypt(false, message) : -EBADMSG;
    },
  };
}

/** MAC of the plaintext, and encryption beside it; a wrong tag is found behind the decryption. RFC 3961, 5.3 */
function krb5enc(auth: HashRow, enc: SkcipherRow): AeadRow {
  const crypt: Crypt = (encrypt, { key, iv, ad, text }) => {
    const keys = splitAuthenc(key);
    if (text.length < enc.least || text.length % enc.unit !== 0) return -EINVAL;
    const enckey = keys?.enc ?? NOTHING;
    const output = enc.crypt(encrypt, enckey, iv, text);
    const plain = encrypt ? text : output;
    const tag = auth.digest(keys?.auth ?? NOTHING, concat(ad, plain));
    if (typeof tag === 'number') return tag;
    const after = enc.ivAfter({ enc: encrypt, key: enckey, iv, input: text, output });
    return { text: output, tag, iv: after };
  };
  return {
    ...authenc(auth, enc),
    name: `krb5enc(${auth.name},${enc.name})`,
    unverified: 'given',
    decryptsFirst: true,
    leaks: [],
    // Decryption between two lists reads the associated data in dst, where the old API has none.
    drawAd: () => '',
    ...both(crypt),
  };
}

function within(least: number, most: number): (n: number) => Errno {
  return (n) => (n >= least && n <= most ? 0 : -EINVAL);
}

export function authenc(auth: HashRow, enc: SkcipherRow): AeadRow {
  return {
    ...COMMON,
    name: `authenc(${auth.name},${enc.name})`,
    key: authencKeys(auth.key, enc.key),
    leaks: [COPIED],
    ivsize: enc.ivsize,
    tags: { sizes: [4, 12, auth.digestsize], check: within(1, auth.digestsize) },
    unit: enc.unit,
    unverified: 'kept',
    ...encryptThenMac(auth, enc, concat),
  };
}

const ESN_LEAKS: readonly Leak[] = [
  { part: 'ad', reason: 'bytes of the sequence number are moved inside dst, or it is copied' },
  { part: 'tag', reason: 'decryption in place hashes 4 bytes that it puts where the tag was' },
  {
    part: 'failed',
    reason: 'the input of the hash is assembled in dst before the tag is compared',
  },
  {
    part: 'result',
    reason: 'decryption of two lists over one memory loses the end of the ciphertext (6.1.170 on)',
    when: ({ op, layout }) =>
      op === 'decrypt' && (layout.inplace === 'twin' || isPartlyInPlace(layout)),
  },
];

/** Bytes 4 to 8 of the associated data are hashed behind everything else. */
function authencesn(auth: HashRow, enc: SkcipherRow): AeadRow {
  const inner = encryptThenMac(auth, enc, (ad, sealed) =>
    concat(ad.subarray(0, 4), ad.subarray(8), sealed, ad.subarray(4, 8)),
  );
  return {
    ...authenc(auth, enc),
    name: `authencesn(${auth.name},${enc.name})`,
    leaks: ESN_LEAKS,
    tags: { sizes: [4, 12, auth.digestsize], check: within(4, auth.digestsize) },
    drawAd: adOf(8, 12, 16, 100),
    seal: (message) => (message.ad.length < 8 ? -EINVAL : inner.seal(message)),
    open: (message, tag) => (message.ad.length < 8 ? -EINVAL : inner.open(message, tag)),
  };
}

/** The sector number's IV is encrypted, also where it ends the associated data (dm-crypt). */
function essiv(child: AeadRow, block: FlatBlock, hash: string): AeadRow {
  const { size } = block;
  const ivOf = (key: Uint8Array, iv: Uint8Array): Uint8Array => {
    const keys = splitAuthenc(key);
    return essivIv(block, hash, concat(keys?.enc ?? NOTHING, keys?.auth ?? NOTHING), iv);
  };
  return {
    ...child,
    name: `essiv(${child.name},${hash})`,
    leaks: [
      { part: 'ad', reason: 'the encrypted IV is written into it, or it is copied to dst' },
      { part: 'iv', reason: 'the IV of the caller is encrypted where it is' },
      {
        part: 'result',
        reason: 'decryption between two lists hashes the IV that the caller has put into src',
        when: ({ op, layout }, { key, iv, ad }) =>
          op === 'decrypt' &&
          layout.inplace === 'no' &&
          key !== null &&
          !equal(ad.subarray(-size), ivOf(key, iv)),
      },
    ],
    adTail: size,
    drawAd: (prng, key, iv) => {
      if (prng.oneIn(16)) return randomBytes(prng, prng.below(size));
      const sector = materialise(randomBytes(prng, prng.pick([0, 8, 8, 20])));
      return toHex(concat(sector, splitAuthenc(key) === null ? iv : ivOf(key, iv)));
    },
    ...wrapped(child, (message) => {
      const { key, iv, ad } = message;
      if (ad.length < size) return -EINVAL;
      const inside = ivOf(key, iv);
      return { ...message, iv: inside, ad: concat(ad.subarray(0, -size), inside) };
    }),
  };
}

/**
 * An IV generator: what stands in front of the ciphertext is the IV, or stands for it, and is
 * authenticated. What it generates is its own secret, so the reference takes it from the text.
 */
function geniv(template: string, child: AeadRow, ads: AeadRow['drawAd']): AeadRow {
  const { ivsize } = child;
  const inside = (message: AeadMessage): AeadMessage => {
    const generated = message.text.subarray(0, ivsize);
    return {
      ...message,
      iv: generated,
      ad: concat(message.ad, generated),
      text: message.text.subarray(ivsize),
    };
  };
  const behind = (message: AeadMessage, result: AeadResult | Errno): AeadResult | Errno => {
    if (typeof result === 'number') return result;
    const text = concat(message.text.subarray(0, ivsize), result.text);
    return { text, tag: result.tag, iv: message.iv };
  };
  return {
    ...child,
    name: `${template}(${child.name})`,
    leaks: [
      COPIED,
      { part: 'iv', reason: 'the IV is generated in the buffer of the caller' },
      { part: 'failed', reason: 'everything is copied and the IV written before lengths are seen' },
    ],
    drawAd: ads,
    generated: ivsize,
    seal: (message) =>
      message.text.length < ivsize ? -EINVAL : behind(message, child.seal(inside(message))),
    open: (message, tag) =>
      message.text.length < ivsize ? -EINVAL : behind(message, child.open(inside(message), tag)),
  };
}

const CBC = cbc(AES);
const AUTHENC_SHA1 = authenc(hmac(SHA1), CBC);
const AUTHENC_SHA256 = authenc(hmac(SHA256), CBC);

/** The hashes and ciphers that the kernel's own table of tests joins. */
const AUTHENC: readonly (readonly [HashRow, readonly SkcipherRow[]])[] = [
  [MD5, [CIPHER_NULL]],
  [SHA1, [CBC, cbc(DES), cbc(DES3_EDE), ctr(AES), CIPHER_NULL, RFC3686]],
  [SHA224, [cbc(DES), cbc(DES3_EDE)]],
  [SHA256, [CBC, cbc(DES), cbc(DES3_EDE), ctr(AES), RFC3686, CTS]],
  [SHA384, [cbc(DES), cbc(DES3_EDE), ctr(AES), RFC3686]],
  [SHA512, [CBC, cbc(DES), cbc(DES3_EDE), ctr(AES), RFC3686]],
];

const AEGIS128: AeadRow = {
  ...COMMON,
  name: 'aegis128',
  key: sized(16),
  ivsize: 16,
  tags: { sizes: [8, 12, 16], check: within(8, 16) },
  unverified: 'wiped',
  leaks: [
    {
      part: 'failed',
      when: ({ context }) => context.fault > 0 || context.failing !== undefined,
      reason: 'the walk that wipes what was not verified may get no memory, and says nothing',
    },
  ],
  ...both((enc, { key, iv, ad, text }) => aegis128(enc, key, iv, ad, text)),
};

export const AEADS: readonly AeadRow[] = [
  GCM,
  gcm(ARIA),
  gcm(SM4),
  RFC4106,
  RFC4543,
  CCM,
  ccm(SM4),
  RFC4309,
  RFC7539,
  RFC7539ESP,
  AEGIS128,
  ...AUTHENC.flatMap(([hash, ciphers]) => ciphers.map((enc) => authenc(hmac(hash), enc))),
  krb5enc(hmac(SHA1), CTS),
  krb5enc(hmac(SHA256), CBC),
  authencesn(hmac(SHA1), CBC),
  authencesn(hmac(SHA256), CBC),
  authencesn(hmac(SHA512), RFC3686),
  essiv(AUTHENC_SHA256, AES, 'sha256'),
  geniv('seqiv', RFC4106, adOf(8, 12)),
  geniv('seqiv', RFC7539ESP, adOf(8, 12)),
  geniv('echainiv', AUTHENC_SHA1, drawAd),
  geniv('echainiv', AUTHENC_SHA256, drawAd),
];

/**
 * Which calls of the library make up an algorithm of the crypto API: what its callers know.
 * @module
 */

import { aesCheckKeylen } from '../../converted/lib/aes.ts';
import {
  AesCcmCtx,
  AesCcmKey,
  aesCcmAuthUpdate,
  aesCcmCheckAuthsize,
  aesCcmDecryptFinal,
  aesCcmDecryptUpdate,
  aesCcmEncryptFinal,
  aesCcmEncryptUpdate,
  aesCcmInit,
  aesCcmPreparekey,
} from '../../converted/lib/aes-ccm.ts';
import {
  AesCfbCtx,
  aesCfbDecryptUpdate,
  aesCfbEncryptUpdate,
  aesCfbInit,
} from '../../converted/lib/aes-cfb.ts';
import { aesCbcCtsDecrypt, aesCbcCtsEncrypt } from '../../converted/lib/aes-cts.ts';
import {
  AesGcmCtx,
  AesGcmKey,
  aesGcmAuthUpdate,
  aesGcmDecryptFinal,
  aesGcmDecryptUpdate,
  aesGcmEncryptFinal,
  aesGcmEncryptUpdate,
  aesGcmInit,
  aesGcmPreparekey,
} from '../../converted/lib/aes-gcm.ts';
import {
  aesCbcDecrypt,
  aesCbcEncrypt,
  aesCtr,
  aesEcbDecrypt,
  aesEcbEncrypt,
  aesXctr,
  chachaCrypt,
  hchachaBlock,
} from '../../converted/lib/aes-modes.ts';
import {
  AesXtsKey,
  aesXtsDecrypt,
  aesXtsEncrypt,
  aesXtsPreparekey,
  XTS_FORBID_WEAK_KEYS,
} from '../../converted/lib/aes-xts.ts';
import {
  ARC4_MAX_KEY_SIZE,
  ARC4_MIN_KEY_SIZE,
  Arc4Ctx,
  arc4Crypt,
  arc4Setkey,
} from '../../converted/lib/arc4.ts';
import {
  Chacha20poly1305Ctx,
  Chacha20poly1305Key,
  chacha20poly1305AuthUpdate,
  chacha20poly1305DecryptFinal,
  chacha20poly1305DecryptUpdate,
  chacha20poly1305EncryptFinal,
  chacha20poly1305EncryptUpdate,
  chacha20poly1305Init,
  chacha20poly1305Preparekey,
} from '../../converted/lib/chacha20poly1305.ts';
import {
  ANYWHERE,
  type CipherEnds,
  type CryptUpdate,
  type DataUpdate,
  type PieceEnds,
} from '../../converted/lib/pieces.ts';
import { cryptoGcmCheckAuthsize } from '../../src/crypto/gcm.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import { nobleProvider } from '../../src/provider/noble/noble.ts';

/** The calls of one AEAD, over a context that knows its key. */
export interface AeadCalls {
  /** Prepares a key for tags of `authsize` bytes. */
  preparekey(key: Uint8Array, authsize: number): Errno;
  /** Tags of another length, under the same key. */
  setauthsize(authsize: number): Errno;
  /** Begins a message; with the lengths, for who must know them. */
  init(iv: Uint8Array, assoclen: number, len: number): Errno;
  readonly auth: DataUpdate<null>;
  readonly encrypt: CryptUpdate<null>;
  readonly decrypt: CryptUpdate<null>;
  seal(tag: Uint8Array): void;
  open(tag: Uint8Array): Errno;
}

/** Key and context of one user. */
export const LIB_AEADS: ReadonlyMap<string, () => AeadCalls> = new Map([
  ['gcm(aes)', aesGcm],
  ['ccm(aes)', aesCcm],
  ['rfc7539(chacha20,poly1305)', chacha20poly1305],
]);

function aesGcm(): AeadCalls {
  const key = new AesGcmKey();
  const ctx = new AesGcmCtx();
  return {
    preparekey: (inKey, authsize) => aesGcmPreparekey(key, inKey, authsize),
    setauthsize: (authsize) => {
      const err = cryptoGcmCheckAuthsize(authsize);
      if (err === 0) key.authtagLen = authsize;
      return err;
    },
    init: (iv) => {
      aesGcmInit(ctx, iv, key);
      return 0;
    },
    auth: (_, mem, ad, len) => aesGcmAuthUpdate(ctx, mem, ad, len),
    encrypt: (_, mem, dst, src, len) => aesGcmEncryptUpdate(ctx, mem, dst, src, len),
    decrypt: (_, mem, dst, src, len) => aesGcmDecryptUpdate(ctx, mem, dst, src, len),
    seal: (tag) => aesGcmEncryptFinal(ctx, tag),
    open: (tag) => aesGcmDecryptFinal(ctx, tag),
  };
}

/** The IV of the crypto API says in its first byte how long the nonce behind it is. */
function aesCcm(): AeadCalls {
  const key = new AesCcmKey();
  const ctx = new AesCcmCtx();
  return {
    preparekey: (inKey, authsize) => aesCcmPreparekey(key, inKey, authsize),
    setauthsize: (authsize) => {
      const err = aesCcmCheckAuthsize(authsize);
      if (err === 0) key.authtagLen = authsize;
      return err;
    },
    init: (iv, assoclen, len) => {
      if (iv[0] < 1 || iv[0] > 7) return -EINVAL;
      return aesCcmInit(ctx, len, assoclen, iv.subarray(1, 15 - iv[0]), key);
    },
    auth: (_, mem, ad, len) => aesCcmAuthUpdate(ctx, mem, ad, len),
    encrypt: (_, mem, dst, src, len) => aesCcmEncryptUpdate(ctx, mem, dst, src, len),
    decrypt: (_, mem, dst, src, len) => aesCcmDecryptUpdate(ctx, mem, dst, src, len),
    seal: (tag) => aesCcmEncryptFinal(ctx, tag),
    open: (tag) => aesCcmDecryptFinal(ctx, tag),
  };
}

function chacha20poly1305(): AeadCalls {
  const key = new Chacha20poly1305Key();
  const ctx = new Chacha20poly1305Ctx();
  return {
    preparekey: (inKey, authsize) => chacha20poly1305Preparekey(key, inKey, authsize),
    setauthsize: (authsize) => (authsize === 16 ? 0 : -EINVAL),
    init: (iv) => {
      chacha20poly1305Init(ctx, iv, key);
      return 0;
    },
    auth: (_, mem, ad, len) => chacha20poly1305AuthUpdate(ctx, mem, ad, len),
    encrypt: (_, mem, dst, src, len) => chacha20poly1305EncryptUpdate(ctx, mem, dst, src, len),
    decrypt: (_, mem, dst, src, len) => chacha20poly1305DecryptUpdate(ctx, mem, dst, src, len),
    seal: (tag) => chacha20poly1305EncryptFinal(ctx, tag),
    open: (tag) => chacha20poly1305DecryptFinal(ctx, tag),
  };
}

/** The calls of one message, over what goes from piece to piece of it. */
export interface MessageCalls {
  readonly encrypt: CryptUpdate<null>;
  readonly decrypt: CryptUpdate<null>;
}

/** A key of a cipher: begins a message under an IV, in which it leaves what the crypto API leaves. */
export type CipherKey = (iv: Uint8Array) => MessageCalls;

/** One cipher: how its pieces may end, and its key. */
export interface LibCipher {
  readonly ends: CipherEnds;
  /** Shortest and longest key. */
  readonly keySizes: readonly [min: number, max: number];
  /** The crypto API leaves the IV as it is. */
  readonly keepsIv?: true;
  readonly preparekey: (key: Uint8Array, forbidWeak: boolean) => CipherKey | Errno;
}

const BLOCKS: PieceEnds = { unit: 16, tail: false };
const STREAM: PieceEnds = { unit: 16, tail: true };
const CHACHA: Omit<LibCipher, 'preparekey'> = {
  ends: { unit: 64, tail: true },
  keySizes: [32, 32],
  keepsIv: true,
};
const AES_KEYS = [16, 32] as const;
const ARC4_KEYS = [ARC4_MIN_KEY_SIZE, ARC4_MAX_KEY_SIZE] as const;

export const LIB_CIPHERS: ReadonlyMap<string, LibCipher> = new Map<string, LibCipher>([
  ['ecb(aes)', { ends: BLOCKS, keySizes: AES_KEYS, preparekey: aesEcb }],
  ['cbc(aes)', { ends: BLOCKS, keySizes: AES_KEYS, preparekey: aesCbc }],
  ['cts(cbc(aes))', { ends: 'whole', keySizes: AES_KEYS, preparekey: aesCts }],
  ['cfb(aes)', { ends: ANYWHERE, keySizes: AES_KEYS, preparekey: aesCfb }],
  ['ctr(aes)', { ends: STREAM, keySizes: AES_KEYS, preparekey: aesCounter }],
  ['xctr(aes)', { ends: STREAM, keySizes: AES_KEYS, keepsIv: true, preparekey: aesXorCounter }],
  ['xts(aes)', { ends: 'stealing', keySizes: [32, 64], keepsIv: true, preparekey: aesXts }],
  ['chacha20', { ...CHACHA, preparekey: chacha20 }],
  ['xchacha20', { ...CHACHA, preparekey: (key) => xchacha(key, 20) }],
  ['xchacha12', { ...CHACHA, preparekey: (key) => xchacha(key, 12) }],
  ['ecb(arc4)', { ends: ANYWHERE, keySizes: ARC4_KEYS, preparekey: arc4 }],
]);

function aesEcb(inKey: Uint8Array): CipherKey | Errno {
  if (aesCheckKeylen(inKey.length) !== 0) return -EINVAL;
  const key = nobleProvider.aes(inKey);
  return () => ({
    encrypt: (_, mem, dst, src, len) => aesEcbEncrypt(mem, dst, src, len, key),
    decrypt: (_, mem, dst, src, len) => aesEcbDecrypt(mem, dst, src, len, key),
  });
}

function aesCbc(inKey: Uint8Array): CipherKey | Errno {
  if (aesCheckKeylen(inKey.length) !== 0) return -EINVAL;
  const key = nobleProvider.aes(inKey);
  return (iv) => ({
    encrypt: (_, mem, dst, src, len) => aesCbcEncrypt(mem, dst, src, len, iv, key),
    decrypt: (_, mem, dst, src, len) => aesCbcDecrypt(mem, dst, src, len, iv, key),
  });
}

function aesCts(inKey: Uint8Array): CipherKey | Errno {
  if (aesCheckKeylen(inKey.length) !== 0) return -EINVAL;
  const key = nobleProvider.aes(inKey);
  return (iv) => ({
    encrypt: (_, mem, dst, src, len) => aesCbcCtsEncrypt(mem, dst, src, len, iv, key),
    decrypt: (_, mem, dst, src, len) => aesCbcCtsDecrypt(mem, dst, src, len, iv, key),
  });
}

function aesCfb(inKey: Uint8Array): CipherKey | Errno {
  if (aesCheckKeylen(inKey.length) !== 0) return -EINVAL;
  const key = nobleProvider.aes(inKey);
  const ctx = new AesCfbCtx();
  return (iv) => {
    aesCfbInit(ctx, iv, key);
    return {
      encrypt: (_, mem, dst, src, len) => aesCfbEncryptUpdate(ctx, mem, dst, src, len),
      decrypt: (_, mem, dst, src, len) => aesCfbDecryptUpdate(ctx, mem, dst, src, len),
    };
  };
}

function aesCounter(inKey: Uint8Array): CipherKey | Errno {
  if (aesCheckKeylen(inKey.length) !== 0) return -EINVAL;
  const key = nobleProvider.aes(inKey);
  return (iv) => symmetric((_, mem, dst, src, len) => aesCtr(mem, dst, src, len, iv, key));
}

function aesXorCounter(inKey: Uint8Array): CipherKey | Errno {
  if (aesCheckKeylen(inKey.length) !== 0) return -EINVAL;
  const key = nobleProvider.aes(inKey);
  return (iv) => {
    const state = { ctr: 1, iv };
    return symmetric((_, mem, dst, src, len) => aesXctr(mem, dst, src, len, state, key));
  };
}

function aesXts(inKey: Uint8Array, forbidWeak: boolean): CipherKey | Errno {
  const key = new AesXtsKey();
  const err = aesXtsPreparekey(key, inKey, forbidWeak ? XTS_FORBID_WEAK_KEYS : 0);
  if (err !== 0) return err;
  return (tweak) => {
    let cont = false;
    const step =
      (crypt: typeof aesXtsEncrypt): CryptUpdate<null> =>
      (_, mem, dst, src, len) => {
        crypt(mem, dst, src, len, tweak, key, cont);
        cont = true;
      };
    return { encrypt: step(aesXtsEncrypt), decrypt: step(aesXtsDecrypt) };
  };
}

function chacha20(inKey: Uint8Array): CipherKey | Errno {
  if (inKey.length !== 32) return -EINVAL;
  const key = nobleProvider.chacha(inKey, 20);
  return (iv) => symmetric((_, mem, dst, src, len) => chachaCrypt(mem, dst, src, len, iv, key));
}

/** The inner cipher has a key of its own, and as its IV the position and the last 8 bytes of the nonce. */
function xchacha(inKey: Uint8Array, rounds: 12 | 20): CipherKey | Errno {
  if (inKey.length !== 32) return -EINVAL;
  return (iv) => {
    const key = nobleProvider.chacha(hchachaBlock(inKey, iv, rounds), rounds);
    const state = Uint8Array.of(...iv.subarray(24, 32), ...iv.subarray(16, 24));
    return symmetric((_, mem, dst, src, len) => chachaCrypt(mem, dst, src, len, state, key));
  };
}

/** Messages are one stream, as with the transform of 6.1. */
function arc4(inKey: Uint8Array): CipherKey | Errno {
  if (inKey.length < ARC4_MIN_KEY_SIZE || inKey.length > ARC4_MAX_KEY_SIZE) return -EINVAL;
  const ctx = new Arc4Ctx();
  arc4Setkey(ctx, inKey);
  return () => symmetric((_, mem, dst, src, len) => arc4Crypt(ctx, mem, dst, src, len));
}

function symmetric(crypt: CryptUpdate<null>): MessageCalls {
  return { encrypt: crypt, decrypt: crypt };
}

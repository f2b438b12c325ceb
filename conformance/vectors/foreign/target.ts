/**
 * What the kernel calls the algorithms of public collections of tests, and how their tests are read.
 * @module
 */
import { EINVAL } from '../../../src/errno.ts';
import { algorithmOf } from '../../algorithms.ts';
import {
  aead,
  ccmIv,
  ecdh,
  mac,
  nonceOf,
  type Reader,
  refuses,
  vmac,
  type WycheproofTest,
  wrap,
  x25519,
} from '../import/readers.ts';
import type { Vector } from '../vector.ts';

/** A vector that came from outside, with what its collection says that it looks for. */
export interface ForeignVector extends Vector {
  readonly flags: readonly string[];
}

/** One file or pair of files of a collection. */
export interface ForeignSet {
  /** Relative to the folder that was named. */
  readonly path: string;
  readonly format: 'Wycheproof' | 'ACVP' | 'Rooterberg';
  /** As the file calls it. */
  readonly algorithm: string;
  /** Tests in the file: vectors, and those that were left out. */
  readonly read: number;
  readonly vectors: readonly ForeignVector[];
  readonly omitted: ReadonlyMap<string, number>;
}

/** A file that cannot be read. The message is one line that names file and field. */
export class ForeignError extends Error {
  override readonly name = 'ForeignError';
}

/** How tests of one algorithm become vectors. */
export interface Target {
  readonly alg: string;
  readonly kind: Vector['kind'];
  readonly read: Reader;
  /** Its tests have no ciphertext. */
  readonly isMac?: true;
}

/** Longer messages do not fit the machine with all of their copies. */
const LONGEST = 1 << 20;
const TAG_SIZES = Array.from({ length: 64 }, (_, i) => i + 1);
const MODE =
  /^(aes|aria|camellia|sm4|seed|tdes)(gcm|ccm|cmac|xcbcmac|xcbc|xts|ctr|cbccs3|cbc|ecb)$/;
/** Names without what divides them. */
const DIGESTS: ReadonlyMap<string, string> = new Map([
  ...['md5', 'sha1', 'sm3'].map((name) => [name, name] as const),
  ...[224, 256, 384, 512].flatMap((bits) => [
    [`sha${bits}`, `sha${bits}`] as const,
    [`sha2${bits}`, `sha${bits}`] as const,
    [`sha3${bits}`, `sha3-${bits}`] as const,
  ]),
]);

/**
 * The target of a name in any spelling: `AES-GCM`, `ACVP-AES-GCM`, `AesGcm`, `HMAC-SHA2-256`, `HmacSha3_224`;
 * null where the table has no such algorithm.
 */
export function targetOf(name: string): Target | null {
  const plain = name
    .toLowerCase()
    .replace(/^acvp-/, '')
    .replaceAll(/[-_/]/g, '');
  const target = special(plain) ?? hashTarget(plain) ?? modeTarget(plain) ?? kernelTarget(name);
  return target !== null && algorithmOf(target.alg) !== null ? checked(target) : null;
}

/** What collections call an algorithm of the kernel; the kernel's name where they have none. */
export function publicName(alg: string): string {
  if (alg === 'rfc7539(chacha20,poly1305)') return 'CHACHA20-POLY1305';
  const [, mode, cipher] =
    /^(gcm|ccm|cmac|xts|cbc|ecb|ctr)\((aes|aria|camellia|sm4)\)$/.exec(alg) ?? [];
  if (mode !== undefined) return `${cipher}-${mode}`.toUpperCase();
  const [, hash] = /^hmac\((sha.*)\)$/.exec(alg) ?? [];
  return hash === undefined ? alg : `HMAC${hash.toUpperCase()}`;
}

/**
 * What stands in DER in front of keys of a curve, public and private: one form of many, and the only one that
 * names the curve and no more. A private key of the curves of NIST is a number in either form.
 */
const DER: Readonly<Record<string, DerForm>> = {
  curve25519: {
    peer: /^302a300506032b656e032100(.{64})$/,
    secret: /^302e020100300506032b656e04220420(.{64})$/,
  },
  secp256r1: {
    peer: /^3059301306072a8648ce3d020106082a8648ce3d030107034200(04.{128})$/,
    secret: /^(.*)$/,
  },
  secp384r1: {
    peer: /^3076301006072a8648ce3d020106052b81040022036200(04.{192})$/,
    secret: /^(.*)$/,
  },
};

/** Keys in DER, as hex, with the bare key in a group. */
interface DerForm {
  readonly peer: RegExp;
  readonly secret: RegExp;
}

/** Key agreement over a curve, by the names of Wycheproof, with keys that are bare or in DER. */
export function curveTarget(curve: string, form: 'bare' | 'der'): Target | null {
  const names = {
    curve25519: 'curve25519',
    secp256r1: 'ecdh-nist-p256',
    secp384r1: 'ecdh-nist-p384',
  };
  const [, alg] = Object.entries(names).find(([name]) => name === curve) ?? [];
  if (alg === undefined) return null;
  const read = curve === 'curve25519' ? x25519 : ecdh(alg, curve);
  return checked({ alg, kind: 'kpp', read: form === 'bare' ? read : fromDer(DER[curve], read) });
}

function fromDer(form: DerForm, read: Reader): Reader {
  return (test) => {
    const peer = form.peer.exec(test.public)?.[1];
    const secret = form.secret.exec(test.private)?.[1];
    if (peer === undefined || secret === undefined) {
      return 'a key with parameters of its own, or in another form of DER';
    }
    return read({ ...test, public: peer, private: secret });
  };
}

function special(name: string): Target | null {
  switch (name) {
    case 'chacha20poly1305':
      return aeadTarget('rfc7539(chacha20,poly1305)');
    case 'aegis128':
      return aeadTarget('aegis128');
    case 'aescbcpkcs5':
      return { ...cipherTarget('cbc(aes)'), read: padded };
    case 'aesgmac':
      return { ...aeadTarget('gcm(aes)'), read: gmac, isMac: true };
    case 'kw':
    case 'aeskw':
    case 'aeswrap':
      return { alg: 'kw(aes)', kind: 'skcipher', read: wrap };
    case 'vmacaes':
      return { alg: 'vmac64(aes)', kind: 'ahash', read: vmac };
    default:
      return null;
  }
}

/** A name of the kernel, with the IV as the kernel has it. */
function kernelTarget(alg: string): Target | null {
  switch (algorithmOf(alg)?.kind) {
    case 'skcipher':
      return cipherTarget(alg);
    case 'aead':
      return aeadTarget(alg);
    case 'ahash':
      return { alg, kind: 'ahash', read: mac };
    default:
      return null;
  }
}

function hashTarget(name: string): Target | null {
  const keyed = name.startsWith('hmac');
  const hash = DIGESTS.get(keyed ? name.slice(4) : name);
  if (hash === undefined) return null;
  return { alg: keyed ? `hmac(${hash})` : hash, kind: 'ahash', read: mac };
}

function modeTarget(name: string): Target | null {
  const [, of, suffix] = MODE.exec(name.replace(/^cmac(aes|tdes)$/, '$1cmac')) ?? [];
  if (suffix === undefined) return null;
  const cipher = of === 'tdes' ? 'des3_ede' : of;
  if (suffix === 'cbccs3') return cipherTarget(`cts(cbc(${cipher}))`);
  const mode = suffix === 'xcbcmac' ? 'xcbc' : suffix;
  const alg = `${mode}(${cipher})`;
  if (mode === 'gcm' || mode === 'ccm') return aeadTarget(alg);
  if (mode === 'cmac' || mode === 'xcbc') return { alg, kind: 'ahash', read: mac };
  return cipherTarget(alg);
}

function aeadTarget(alg: string): Target {
  const row = algorithmOf(alg);
  if (row?.kind !== 'aead') return { alg, kind: 'aead', read: () => 'no such algorithm' };
  const ivOf = alg.startsWith('ccm(') ? ccmIv : nonceOf(row.ivsize);
  const sizes = TAG_SIZES.filter((size) => row.tags.check(size) !== -EINVAL);
  return { alg, kind: 'aead', read: aead(ivOf, sizes) };
}

/** PKCS #7, which is for the caller of the kernel: the text is padded here. */
function padded(test: WycheproofTest): ReturnType<Reader> {
  const fill = 16 - ((test.msg.length / 2) % 16);
  const tail = Buffer.alloc(fill, fill).toString('hex');
  return cipherTarget('cbc(aes)').read({ ...test, msg: test.msg + tail });
}

/** GMAC is GCM without a text. */
function gmac(test: WycheproofTest): ReturnType<Reader> {
  const { aad, msg } = test;
  return aeadTarget('gcm(aes)').read({ ...test, aad: aad === '' ? msg : aad, msg: '', ct: '' });
}

function cipherTarget(alg: string): Target {
  const row = algorithmOf(alg);
  const ivsize = row?.kind === 'skcipher' ? row.ivsize : 0;
  const read: Reader = ({ key, iv, msg, ct, result }) => {
    if (result === 'invalid') return 'a failure of what lies above the cipher';
    if (iv.length !== 2 * ivsize) return 'a nonce of a length that the kernel does not take';
    if (msg.length !== ct.length) return 'padding, which is for the caller of the kernel';
    return { ...{ key, iv, ad: '', tag: '' }, input: msg, output: ct };
  };
  return { alg, kind: 'skcipher', read };
}

/** What the kernel refuses before it begins is left out, by its reason. */
function checked(target: Target): Target {
  const { alg, read } = target;
  return {
    ...target,
    read: (test) => {
      const fields = read(test);
      if (typeof fields === 'string') return fields;
      if (fields.input.length > 2 * LONGEST) return 'longer than 1 MiB';
      const row = algorithmOf(alg);
      if (row?.kind === 'ahash' && fields.output.length > 2 * row.digestsize) {
        return 'a tag of a length that the kernel does not take';
      }
      if (isKeyed(alg) && refuses(alg, fields.key)) return 'a key that the kernel refuses';
      return fields;
    },
  };
}

function isKeyed(alg: string): boolean {
  return algorithmOf(alg)?.key.draw !== null;
}

/** False where a key may be left out, and where there is none. */
export function needsKey(alg: string): boolean {
  return isKeyed(alg) && algorithmOf(alg)?.key.optional !== true;
}

/**
 * Checks that a test has what its algorithm takes and gives: a file that was cut off must not look like a
 * wrong answer of who is asked. What must fail may do without the text.
 * @param where file and place of the test
 * @throws ForeignError naming the field
 */
export function checkFields(
  where: string,
  { alg, kind, isMac }: Target,
  test: object,
  isValid: boolean,
): void {
  const needed = {
    skcipher: ['key', 'ct'],
    aead: ['key', 'iv', ...(isMac ? [] : ['ct']), 'tag'],
    ahash: [...(needsKey(alg) ? ['key'] : []), 'tag'],
    kpp: ['public', 'private', 'shared'],
  }[kind];
  const text = isValid && kind !== 'kpp' ? ['msg'] : [];
  const names: Readonly<Record<string, readonly string[]>> = { tag: ['tag', 'mac', 'digest'] };
  for (const field of [...needed, ...text]) {
    const has = (names[field] ?? [field]).some((name) => name in test);
    if (!has) throw new ForeignError(`${where}${field}: missing`);
  }
}

/** Collects the vectors of one file. */
export function collect(
  about: Pick<ForeignSet, 'path' | 'format' | 'algorithm'>,
  tests: readonly (WycheproofTest | string)[],
  target: Target | null,
): ForeignSet {
  const { path, format, algorithm } = about;
  const vectors: ForeignVector[] = [];
  const omitted = new Map<string, number>();
  const none = `no such algorithm in the table: ${algorithm}`;
  for (const [i, test] of tests.entries()) {
    const fields = typeof test === 'string' ? test : (target?.read(test) ?? none);
    if (target === null || typeof test === 'string' || typeof fields === 'string') {
      const reason = typeof fields === 'string' ? fields : none;
      omitted.set(reason, (omitted.get(reason) ?? 0) + 1);
      continue;
    }
    const { alg, kind } = target;
    // Acceptable is what a stricter implementation may refuse; the kernel computes it.
    const isOpen = test.result === 'acceptable' && kind === 'kpp';
    const expect = test.result === 'invalid' || isOpen ? test.result : 'valid';
    const id = `${path}/${test.tcId === 0 ? i : test.tcId}`;
    vectors.push({ id, source: path, alg, kind, ...fields, expect, flags: test.flags });
  }
  return { path, format, algorithm, read: tests.length, vectors, omitted };
}

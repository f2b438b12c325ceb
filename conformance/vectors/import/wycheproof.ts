/**
 * Makes `data/wycheproof.txt.gz` and `data/wycheproof-sources.json` from the copy of Project Wycheproof that Debian's
 * sources of BoringSSL carry:
 *
 *     apt-get source --download-only android-platform-external-boringssl
 *     tar -xf android-platform-external-boringssl_*.orig.tar.xz --wildcards '*wycheproof_testvectors*'
 *     npm run build && node dist/conformance/vectors/import/wycheproof.js <folder wycheproof_testvectors>
 *
 * What the kernel's interface cannot express is left out and counted by reason.
 * @module
 */
import { existsSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { EFAULT } from '../../../src/errno.ts';
import { isDataRow } from '../../algorithms/row.ts';
import { algorithmOf } from '../../algorithms.ts';
import { formatVectors, type Vector, type VectorSource, type VectorText } from '../vector.ts';
import { readOrigin, renderFiles, sha256 } from './files.ts';
import { RspError } from './rsp.ts';

const PACKAGE =
  'android-platform-external-boringssl 13.0.0+r24-2 (Debian 12), Project Wycheproof 0.8';
const LICENCE = 'Apache-2.0, the Project Wycheproof authors (LICENSE beside the files)';
const OUTPUT = 'conformance/vectors/data';
/** Bytes of a curve's coordinate. */
const COORDINATE: Readonly<Record<string, number>> = { secp256r1: 32, secp384r1: 48 };

const hex = z.string().regex(/^([0-9a-f]{2})*$/);
const testSchema = z.object({
  tcId: z.number(),
  result: z.enum(['valid', 'invalid', 'acceptable']),
  flags: z.array(z.string()).default([]),
  key: hex.default(''),
  iv: hex.default(''),
  aad: hex.default(''),
  msg: hex.default(''),
  ct: hex.default(''),
  tag: hex.default(''),
  public: hex.default(''),
  private: z.string().default(''),
  shared: hex.default(''),
});
const fileSchema = z.object({
  testGroups: z.array(z.object({ tests: z.array(testSchema) })),
});

type WycheproofTest = z.infer<typeof testSchema>;
type Fields = Pick<Vector, 'key' | 'iv' | 'ad' | 'input' | 'output' | 'tag'>;
/** The vector's bytes, or why the kernel has no such thing. */
type Reader = (test: WycheproofTest) => Fields | string;

interface File {
  readonly name: string;
  readonly alg: string;
  readonly kind: Vector['kind'];
  readonly read: Reader;
}

const aead =
  (ivOf: (test: WycheproofTest) => string | null, sizes: readonly number[]): Reader =>
  (test) => {
    const { key, aad: ad, msg, ct: output, tag, result } = test;
    const iv = ivOf(test);
    if (iv === null) return 'a nonce of a length that the kernel does not take';
    if (!sizes.includes(tag.length / 2)) return 'a tag of a length that the kernel does not take';
    return { key, iv, ad, input: result === 'invalid' ? '' : msg, output, tag };
  };

const nonceOf =
  (size: number) =>
  ({ iv }: WycheproofTest): string | null =>
    iv.length === 2 * size ? iv : null;

/** The first byte says how many are left for the length. */
function ccmIv({ iv }: WycheproofTest): string | null {
  const size = iv.length / 2;
  return size < 7 || size > 13 ? null : `0${14 - size}${iv}`.padEnd(32, '0');
}

const mac: Reader = ({ key, msg, tag }) => {
  if (tag === '') return 'a tag of no bytes';
  return { ...{ key, iv: '', ad: '', output: tag, tag: '' }, input: msg };
};

const vmac: Reader = (test) => {
  const { iv, msg, key } = test;
  if (key.length !== 32) return 'a key of a length that the kernel does not take';
  if (iv.length > 32 || (iv.length === 32 && Number.parseInt(iv[0], 16) > 7)) {
    return 'a nonce of a length that the kernel does not take';
  }
  return mac({ ...test, msg: iv.padStart(32, '0') + msg });
};

/** The first eight bytes of what is wrapped are the IV. */
const wrap: Reader = ({ key, msg, ct, result }) => {
  const size = ct.length / 2;
  if (![16, 24, 32].includes(key.length / 2))
    return 'a key of a length that the kernel does not take';
  if (size < 24 || size % 8 !== 0) return 'a length that is refused before anything is unwrapped';
  const fields = { key, iv: ct.slice(0, 16), ad: '', output: ct.slice(16), tag: '' };
  return { ...fields, input: result === 'invalid' ? '' : msg };
};

/** A secret as the kernel packs it, and a point without the byte that says what follows. */
const ecdh =
  (alg: string, curve: string): Reader =>
  ({ public: peer, private: secret, shared, flags, result }) => {
    if (flags.includes('CompressedPoint')) return 'a point of one coordinate';
    const size = COORDINATE[curve];
    const key = BigInt(`0x${secret}`)
      .toString(16)
      .padStart(2 * size, '0');
    const low = (value: number) => Buffer.of(value & 255, value >>> 8).toString('hex');
    const packed = `0200${low(6 + size)}${low(size)}${key}`;
    if (refuses(alg, packed)) return 'a private key that 6.1 refuses: it looks at it backwards';
    if (result === 'invalid' && !peer.startsWith('04')) return 'a point in another form';
    if (findsNothing(alg, packed, peer.slice(2)))
      return 'a private key that the ladder of 6.1 fails at';
    return { ...{ key: packed, iv: '', ad: '', tag: '' }, input: peer.slice(2), output: shared };
  };

const x25519: Reader = ({ public: peer, private: key, shared }) => {
  if (refuses('curve25519', key)) return 'a private key that the kernel refuses';
  return { ...{ key, iv: '', ad: '', tag: '' }, input: peer, output: shared };
};

function findsNothing(alg: string, key: string, peer: string): boolean {
  const row = algorithmOf(alg);
  if (row === null || !isDataRow(row)) return false;
  const [secret, text] = [key, peer].map((bytes) => Uint8Array.from(Buffer.from(bytes, 'hex')));
  const message = { op: 'agree', key: secret, text, digest: new Uint8Array(0), room: 96 } as const;
  return row.answer(message).result === -EFAULT;
}

function refuses(alg: string, key: string): boolean {
  return algorithmOf(alg)?.key.check(Buffer.from(key, 'hex')) !== 0;
}

const HMACS = [
  'sha1',
  'sha224',
  'sha256',
  'sha384',
  'sha512',
  'sha3_224',
  'sha3_256',
  'sha3_384',
  'sha3_512',
];

const FILES: readonly File[] = [
  { name: 'aes_gcm', alg: 'gcm(aes)', kind: 'aead', read: aead(nonceOf(12), [16]) },
  { name: 'aes_ccm', alg: 'ccm(aes)', kind: 'aead', read: aead(ccmIv, [4, 6, 8, 10, 12, 14, 16]) },
  {
    ...{ name: 'chacha20_poly1305', alg: 'rfc7539(chacha20,poly1305)', kind: 'aead' },
    read: aead(nonceOf(12), [16]),
  },
  { name: 'aegis128', alg: 'aegis128', kind: 'aead', read: aead(nonceOf(16), [16]) },
  { name: 'kw', alg: 'kw(aes)', kind: 'skcipher', read: wrap },
  { name: 'aes_cmac', alg: 'cmac(aes)', kind: 'ahash', read: mac },
  { name: 'vmac_64', alg: 'vmac64(aes)', kind: 'ahash', read: vmac },
  ...HMACS.map((hash): File => {
    const alg = `hmac(${hash.replace('_', '-')})`;
    return { name: `hmac_${hash}`, alg, kind: 'ahash', read: mac };
  }),
  { name: 'x25519', alg: 'curve25519', kind: 'kpp', read: x25519 },
  ...[
    ['secp256r1', 'ecdh-nist-p256'],
    ['secp384r1', 'ecdh-nist-p384'],
  ].map(([curve, alg]): File => {
    return { name: `ecdh_${curve}_ecpoint`, alg, kind: 'kpp', read: ecdh(alg, curve) };
  }),
];

/**
 * All vectors that the kernel can express, from the folder of the JSON files.
 * @throws RspError naming the file and the field that is missing or malformed.
 */
export function importWycheproof(folder: string): VectorText {
  const sources: VectorSource[] = [];
  const vectors: Vector[] = [];
  for (const file of FILES) {
    const path = `${file.name}_test.json`;
    const bytes = readOrigin(folder, path);
    const source = `Wycheproof ${file.name}`;
    const omitted = new Map<string, number>();
    const tests = testsIn(path, bytes.toString('utf8'));
    const before = vectors.length;
    for (const test of tests) {
      const fields = file.read(test);
      if (typeof fields === 'string') {
        omitted.set(fields, (omitted.get(fields) ?? 0) + 1);
        continue;
      }
      const { alg, kind } = file;
      // Acceptable is what a stricter implementation may refuse; the kernel computes it.
      const expect = test.result === 'invalid' ? 'invalid' : 'valid';
      vectors.push({
        id: `wycheproof/${file.name}/${test.tcId}`,
        source,
        alg,
        kind,
        ...fields,
        expect,
      });
    }
    sources.push({
      ...{ name: source, count: vectors.length - before, read: tests.length },
      omitted: [...omitted].map(([reason, count]) => ({ reason, count })),
      files: [{ path, sha256: sha256(bytes) }],
    });
  }
  const names = sources.map(({ name }) => name);
  return { sources, text: formatVectors(vectors, names) };
}

function testsIn(path: string, text: string): WycheproofTest[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new RspError(`${path}: not a JSON file`);
  }
  const parsed = fileSchema.safeParse(value);
  if (parsed.success) return parsed.data.testGroups.flatMap(({ tests }) => tests);
  const [issue] = parsed.error.issues;
  throw new RspError(`${path}: ${issue.path.join('.')}: ${issue.message}`);
}

/** Exit code and lines of the command: a report and 0, or 2 and one line that names what is wrong. */
export function main(args: readonly string[]): { code: number; lines: string[] } {
  const [folder, output = OUTPUT] = args;
  if (folder === undefined || args.length > 2) {
    return { code: 2, lines: ['usage: wycheproof <folder of the JSON files> [output folder]'] };
  }
  try {
    const imported = importWycheproof(folder);
    const about = {
      name: 'wycheproof',
      index: 'wycheproof-sources',
      origin: PACKAGE,
      licence: LICENCE,
    };
    for (const [name, bytes] of renderFiles(imported, about)) {
      writeFileSync(join(output, name), bytes);
    }
    const lines = imported.sources.flatMap((s) => [
      `${s.name}: ${s.count} of ${s.read} tests`,
      ...s.omitted.map(({ reason, count }) => `  ${count} not: ${reason}`),
    ]);
    return { code: 0, lines };
  } catch (error) {
    if (!(error instanceof RspError)) throw error;
    return { code: 2, lines: [`wycheproof: ${error.message}`] };
  }
}

const started = process.argv[1];
if (started !== undefined && existsSync(started)) {
  if (realpathSync(started) === fileURLToPath(import.meta.url)) {
    const { code, lines } = main(process.argv.slice(2));
    (code === 0 ? process.stdout : process.stderr).write(`${lines.join('\n')}\n`);
    process.exitCode = code;
  }
}

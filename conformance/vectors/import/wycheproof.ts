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
import { z } from 'zod';
import { formatVectors, type Vector, type VectorSource, type VectorText } from '../vector.ts';
import { type Ended, runImporter, whenStarted } from './command.ts';
import { type AboutFiles, readOrigin, sha256 } from './files.ts';
import {
  aead,
  ccmIv,
  ecdh,
  mac,
  nonceOf,
  type Reader,
  testSchema,
  vmac,
  type WycheproofTest,
  wrap,
  x25519,
} from './readers.ts';
import { RspError } from './rsp.ts';

const ABOUT: AboutFiles = {
  name: 'wycheproof',
  index: 'wycheproof-sources',
  origin: 'android-platform-external-boringssl 13.0.0+r24-2 (Debian 12), Project Wycheproof 0.8',
  licence: 'Apache-2.0, the Project Wycheproof authors (LICENSE beside the files)',
};
const fileSchema = z.object({
  testGroups: z.array(z.object({ tests: z.array(testSchema) })),
});

interface File {
  readonly name: string;
  readonly alg: string;
  readonly kind: Vector['kind'];
  readonly read: Reader;
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
export function main(args: readonly string[]): Ended {
  return runImporter(
    {
      name: 'wycheproof',
      folder: 'JSON files',
      units: 'tests',
      about: ABOUT,
      read: importWycheproof,
    },
    args,
  );
}

whenStarted(import.meta.url, main);

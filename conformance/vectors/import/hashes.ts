/**
 * The files of hashes and MACs.
 * @module
 */
import { createHash } from 'node:crypto';
import { type Candidate, candidate, type ImportSource, keepAll, stem } from './record.ts';
import {
  fieldError,
  hasField,
  hexField,
  numberField,
  type RspFile,
  type RspRecord,
} from './rsp.ts';

/** Each count of a Monte Carlo test hashes this often. */
const MONTE_HASHES = 1000;

/** Name, folder and file of NIST's tests, digest in bits, how a Monte Carlo test goes on. */
const NIST: readonly (readonly [string, string, number, 'three' | 'one'])[] = [
  ['sha1', 'SHA1/SHA1', 160, 'three'],
  ['sha224', 'SHA2/SHA224', 224, 'three'],
  ['sha256', 'SHA2/SHA256', 256, 'three'],
  ['sha384', 'SHA2/SHA384', 384, 'three'],
  ['sha512', 'SHA2/SHA512', 512, 'three'],
  ['sha3-224', 'SHA3/SHA3_224', 224, 'one'],
  ['sha3-256', 'SHA3/SHA3_256', 256, 'one'],
  ['sha3-384', 'SHA3/SHA3_384', 384, 'one'],
  ['sha3-512', 'SHA3/SHA3_512', 512, 'one'],
];

export function hashSources(): readonly ImportSource[] {
  return [
    ...NIST.map(([alg, files, bits, chain]) => nistSource(alg, files, bits, chain)),
    messageSource('RFC 1321 MD5', 'md5', 'hashes/MD5/rfc-1321.txt', 128),
    messageSource('RIPEMD-160 page', 'rmd160', 'hashes/ripemd160/ripevectors.txt', 160),
    messageSource('OSCCA SM3', 'sm3', 'hashes/SM3/oscca.txt', 256),
    messageSource('BLAKE2b of cryptography', 'blake2b-512', 'hashes/blake2/blake2b.txt', 512),
    messageSource('BLAKE2s of cryptography', 'blake2s-256', 'hashes/blake2/blake2s.txt', 256),
    hmacSource('RFC 2202', 'md5', 128),
    hmacSource('RFC 2202', 'sha1', 160),
    hmacSource('RFC 2286', 'ripemd160', 160),
    ...([224, 256, 384, 512] as const).map((bits) => hmacSource('RFC 4231', `sha${bits}`, bits)),
    cmacSource('aes', ['aes128', 'aes192', 'aes256'], 128),
    cmacSource('des3_ede', ['3des'], 64),
    poly1305Source(),
  ];
}

/** All short messages, the long ones up to 1 KiB and every twelfth of the rest, all Monte Carlo counts. */
function nistSource(
  alg: string,
  files: string,
  bits: number,
  chain: 'three' | 'one',
): ImportSource {
  const name = `NIST CAVP ${alg.toUpperCase().replace(/^SHA(?!3-)/, 'SHA-')}`;
  return {
    name,
    paths: ['ShortMsg', 'LongMsg', 'Monte'].map((test) => `hashes/${files}${test}.rsp`),
    read: (file) =>
      file.path.endsWith('Monte.rsp')
        ? readMonte(file, name, alg, bits, chain)
        : file.records.map((record) => readMessage(record, 'cavp', name, alg, bits)),
    keep: (n, { input }) => input.length <= 2 * 1024 || n % 12 === 3,
  };
}

function messageSource(name: string, alg: string, path: string, bits: number): ImportSource {
  const family = stem(path);
  const read = ({ records }: RspFile) =>
    records.map((record) => readMessage(record, family, name, alg, bits));
  return { name, paths: [path], read, keep: keepAll };
}

function readMessage(
  record: RspRecord,
  family: string,
  source: string,
  alg: string,
  bits: number,
): Candidate {
  const length = numberField(record, 'len');
  return candidate(record, {
    prefix: `${family}/${stem(record.path)}`,
    source,
    alg,
    kind: 'ahash',
    name: `${length}-${record.line}`,
    classOf: record.path,
    bytes: {
      input: length === 0 ? '' : hexField(record, 'msg', length), // no message is written as 00
      output: hexField(record, 'md', bits),
    },
  });
}

/**
 * The test is a chain of 100,000 hashes with every thousandth published. A vector is the message in front
 * of a published digest, so the chain is computed here, and a wrong link would show at the next digest.
 */
function readMonte(
  file: RspFile,
  source: string,
  alg: string,
  bits: number,
  chain: 'three' | 'one',
): readonly Candidate[] {
  const [start, ...counts] = file.records;
  if (start === undefined) return [];
  let seed = hexField(start, 'seed', bits);
  const candidates: Candidate[] = [{ reason: 'the seed of a Monte Carlo test, not a test' }];
  for (const record of counts) {
    const [message, digest] = monteStep(alg, seed, chain === 'three' ? 3 : 1);
    if (digest !== hexField(record, 'md', bits)) throw fieldError(record, 'md', 'is not the chain');
    candidates.push(
      candidate(record, {
        prefix: `cavp/${stem(record.path)}`,
        source,
        alg,
        kind: 'ahash',
        name: String(numberField(record, 'count')),
        classOf: record.path,
        bytes: { input: message, output: digest },
      }),
    );
    seed = digest;
  }
  return candidates;
}

/** The last message of one count and its digest: each message is the `width` digests before it. */
function monteStep(
  alg: string,
  seed: string,
  width: number,
): readonly [message: string, digest: string] {
  const last = Array.from({ length: width }, () => Buffer.from(seed, 'hex'));
  let message = Buffer.concat(last);
  for (let i = 0; i < MONTE_HASHES; i++) {
    message = Buffer.concat(last);
    last.shift();
    last.push(createHash(alg).update(message).digest());
  }
  return [message.toString('hex'), last[width - 1].toString('hex')];
}

function hmacSource(rfc: string, hash: string, bits: number): ImportSource {
  const alg = `hmac(${hash === 'ripemd160' ? 'rmd160' : hash})`;
  const source = `${rfc} ${alg}`;
  const path = `HMAC/${rfc.toLowerCase().replace(' ', '-')}-${hash}.txt`;
  const read = (record: RspRecord, index: number): Candidate => {
    const output = hexField(record, 'md');
    if (output.length * 4 !== bits) return { reason: 'a digest that was cut off' };
    return candidate(record, {
      prefix: `${rfc.toLowerCase().replace(' ', '')}/${hash}`,
      source,
      alg,
      kind: 'ahash',
      name: String(index),
      classOf: path,
      bytes: { key: hexField(record, 'key'), input: hexField(record, 'msg'), output },
    });
  };
  return { name: source, paths: [path], read: ({ records }) => records.map(read), keep: keepAll };
}

function cmacSource(cipher: string, files: readonly string[], bits: number): ImportSource {
  const source = `SP 800-38B CMAC ${cipher}`;
  const read = (record: RspRecord): Candidate =>
    candidate(record, {
      prefix: `sp800-38b/${stem(record.path)}`,
      source,
      alg: `cmac(${cipher})`,
      kind: 'ahash',
      name: String(numberField(record, 'count')),
      classOf: record.path,
      bytes: {
        key: hasField(record, 'key')
          ? hexField(record, 'key')
          : ['key1', 'key2', 'key3'].map((name) => hexField(record, name, 64)).join(''),
        input: hexField(record, 'message'),
        output: hexField(record, 'output', bits),
      },
    });
  const paths = files.map((file) => `CMAC/nist-800-38b-${file}.txt`);
  return { name: source, paths, read: ({ records }) => records.map(read), keep: keepAll };
}

/** The kernel's poly1305 takes its key from the message. */
function poly1305Source(): ImportSource {
  const source = 'RFC 7539 Poly1305';
  const read = (record: RspRecord): Candidate =>
    candidate(record, {
      prefix: 'rfc7539/poly1305',
      source,
      alg: 'poly1305',
      kind: 'ahash',
      name: String(numberField(record, 'count')),
      classOf: record.path,
      bytes: {
        input: hexField(record, 'key', 256) + hexField(record, 'msg'),
        output: hexField(record, 'tag', 128),
      },
    });
  const paths = ['poly1305/rfc7539.txt'];
  return { name: source, paths, read: ({ records }) => records.map(read), keep: keepAll };
}

/**
 * How the records of each validation file become vectors, and which of them are kept.
 *
 * The choice is a rule, not a list: of the records of one class (same file, direction, lengths, outcome)
 * the first few or every n-th is kept, so every class of every file is there. A source that is small, or
 * that compresses well, is kept whole.
 * @module
 */
import { createHash } from 'node:crypto';
import {
  fieldError,
  hexField,
  numberField,
  numberParam,
  type RspFile,
  type RspRecord,
} from './rsp.ts';
import { directionOf, type Vector } from './vector.ts';

/** One set of files of the package that share a format. */
export interface CavpSource {
  readonly name: string;
  readonly alg: string;
  /** Below the folder of the package. */
  readonly paths: readonly string[];
  /** Gives for every record of `file` a vector with its class, or the reason why there is none. */
  read(file: RspFile): readonly Candidate[];
  /** Whether the `n`-th vector of its class is kept. */
  keep(n: number, candidate: Vector): boolean;
}

/** A vector that could be kept, or the reason why the record gives none. */
type Candidate =
  | { readonly vector: Vector; readonly classOf: string }
  | { readonly reason: string };

type Bytes = Partial<Pick<Vector, 'key' | 'iv' | 'ad' | 'input' | 'output' | 'tag'>>;

const KEY_SIZES = [128, 192, 256] as const;
const AES_TESTS = ['GFSbox', 'KeySbox', 'VarKey', 'VarTxt', 'MMT'] as const;
const AES_BLOCK_BITS = 128;
const GCM_IV_BITS = 96;
/** A message of the SHA-256 Monte Carlo test is the last three digests; each count hashes 1000. */
const MONTE_HASHES = 1000;

/** Every source of the package that the kernel has an algorithm for. */
export function cavpSources(): readonly CavpSource[] {
  return [
    aesModeSource('ECB'),
    aesModeSource('CBC'),
    {
      name: 'RFC 3686 AES-CTR',
      alg: 'ctr(aes)',
      paths: KEY_SIZES.map((bits) => `ciphers/AES/CTR/aes-${bits}-ctr.txt`),
      read: (file) =>
        file.records.map((r) => readAes(r, 'rfc3686', 'ctr(aes)', 'RFC 3686 AES-CTR')),
      keep: () => true,
    },
    xtsSource(),
    gcmSource(),
    shaSource(),
    {
      name: 'RFC 4231 HMAC-SHA-256',
      alg: 'hmac(sha256)',
      paths: ['HMAC/rfc-4231-sha256.txt'],
      read: (file) => file.records.map((record, n) => readHmac(record, n)),
      keep: () => true,
    },
  ];
}

/** Known-answer and multi-block tests. The tables of single bits compress to almost nothing. */
function aesModeSource(mode: 'ECB' | 'CBC'): CavpSource {
  const name = `NIST CAVP AES-${mode}`;
  const alg = `${mode.toLowerCase()}(aes)`;
  return {
    name,
    alg,
    paths: AES_TESTS.flatMap((t) =>
      KEY_SIZES.map((k) => `ciphers/AES/${mode}/${mode}${t}${k}.rsp`),
    ),
    read: (file) => file.records.map((record) => readAes(record, 'cavp', alg, name)),
    keep: () => true,
  };
}

function readAes(record: RspRecord, family: string, alg: string, source: string): Candidate {
  const bits = Number(/(128|192|256)/.exec(record.path)?.[1]);
  const output = hexField(record, 'ciphertext');
  return candidate(record, `${family}/${stem(record.path)}/${record.section}`, {
    source,
    alg,
    name: String(numberField(record, 'count')),
    classOf: record.path,
    bytes: {
      key: hexField(record, 'key', bits),
      iv: alg === 'ecb(aes)' ? '' : hexField(record, 'iv', AES_BLOCK_BITS),
      input: hexField(record, 'plaintext', output.length * 4),
      output,
    },
  });
}

/** Every fourth of a class: key size, form of the tweak, direction, length. */
function xtsSource(): CavpSource {
  const name = 'NIST CAVP AES-XTS';
  const forms = ['128hexstr', 'dataunitseqno'];
  return {
    name,
    alg: 'xts(aes)',
    paths: forms.flatMap((f) =>
      [128, 256].map((bits) => `ciphers/AES/XTS/tweak-${f}/XTSGenAES${bits}.rsp`),
    ),
    read: (file) => file.records.map((record) => readXts(record, name)),
    keep: (n) => n % 4 === 0,
  };
}

function readXts(record: RspRecord, source: string): Candidate {
  const bits = numberField(record, 'dataunitlen');
  if (bits % 8 !== 0) return { reason: 'a data unit that is no whole number of bytes' };
  const form = /tweak-(\w+)/.exec(record.path)?.[1] ?? '';
  return candidate(record, `cavp/${stem(record.path)}/${form}/${record.section}`, {
    source,
    alg: 'xts(aes)',
    name: String(numberField(record, 'count')),
    classOf: `${record.path} ${record.section} ${bits}`,
    bytes: {
      key: hexField(record, 'key', 2 * Number(/AES(\d+)/.exec(record.path)?.[1])),
      iv: record.fields.has('i') ? hexField(record, 'i', AES_BLOCK_BITS) : sequenceNumber(record),
      input: hexField(record, 'pt', bits),
      output: hexField(record, 'ct', bits),
    },
  });
}

/** The number of a data unit as a tweak: 16 bytes, little-endian (IEEE 1619). */
function sequenceNumber(record: RspRecord): string {
  const tweak = Buffer.alloc(AES_BLOCK_BITS / 8);
  tweak.writeUIntLE(numberField(record, 'dataunitseqnumber'), 0, 6);
  return tweak.toString('hex');
}

/** Of each combination of lengths and outcome: one that must pass, two that must fail. */
function gcmSource(): CavpSource {
  const name = 'NIST CAVP AES-GCM';
  const files = KEY_SIZES.flatMap((bits) => [`gcmDecrypt${bits}`, `gcmEncryptExtIV${bits}`]);
  return {
    name,
    alg: 'gcm(aes)',
    paths: files.map((f) => `ciphers/AES/GCM/${f}.rsp`),
    read: (file) => file.records.map((record) => readGcm(record, name)),
    keep: (n, { expect }) => n < (expect === 'invalid' ? 2 : 1),
  };
}

function readGcm(record: RspRecord, source: string): Candidate {
  const ivBits = numberParam(record, 'ivlen');
  if (ivBits !== GCM_IV_BITS)
    return { reason: 'an IV that is not 96 bits, which gcm(aes) refuses' };
  const [text, ad, tag] = ['ptlen', 'aadlen', 'taglen'].map((name) => numberParam(record, name));
  const lengths = `${ivBits}-${text}-${ad}-${tag}`;
  return candidate(record, `cavp/${stem(record.path)}/${lengths}`, {
    source,
    alg: 'gcm(aes)',
    name: String(numberField(record, 'count')),
    classOf: `${record.path} ${lengths} ${record.fail}`,
    bytes: {
      key: hexField(record, 'key', numberParam(record, 'keylen')),
      iv: hexField(record, 'iv', ivBits),
      ad: hexField(record, 'aad', ad),
      input: record.fail ? '' : hexField(record, 'pt', text),
      output: hexField(record, 'ct', text),
      tag: hexField(record, 'tag', tag),
    },
  });
}

/** All short messages, the long ones up to 1 KiB and every sixth of the rest, all Monte Carlo counts. */
function shaSource(): CavpSource {
  const name = 'NIST CAVP SHA-256';
  return {
    name,
    alg: 'sha256',
    paths: ['ShortMsg', 'LongMsg', 'Monte'].map((t) => `hashes/SHA2/SHA256${t}.rsp`),
    read: (file) =>
      file.path.endsWith('Monte.rsp')
        ? readMonte(file, name)
        : file.records.map((record) => readMessage(record, name)),
    keep: (n, { input }) => input.length <= 2 * 1024 || n % 6 === 3,
  };
}

function readMessage(record: RspRecord, source: string): Candidate {
  const bits = numberField(record, 'len');
  return candidate(record, `cavp/${stem(record.path)}`, {
    source,
    alg: 'sha256',
    name: String(bits),
    classOf: record.path,
    bytes: {
      input: bits === 0 ? '' : hexField(record, 'msg', bits), // an empty message is written as 00
      output: hexField(record, 'md', 256),
    },
  });
}

/**
 * The test is a chain of 100,000 hashes with every thousandth published. A vector is the message in front
 * of a published digest, so the chain is computed here, and a wrong link would show at the next digest.
 */
function readMonte(file: RspFile, source: string): readonly Candidate[] {
  const [start, ...counts] = file.records;
  if (start === undefined) return [];
  let seed = hexField(start, 'seed', 256);
  const candidates: Candidate[] = [{ reason: 'the seed of a Monte Carlo test, not a test' }];
  for (const record of counts) {
    const [message, digest] = monteStep(seed);
    if (digest !== hexField(record, 'md', 256)) throw fieldError(record, 'md', 'is not the chain');
    candidates.push(
      candidate(record, `cavp/${stem(record.path)}`, {
        source,
        alg: 'sha256',
        name: String(numberField(record, 'count')),
        classOf: record.path,
        bytes: { input: message, output: digest },
      }),
    );
    seed = digest;
  }
  return candidates;
}

/** The last message of one count and its digest (SHAVS 6.4). */
function monteStep(seed: string): readonly [message: string, digest: string] {
  const last = Array.from({ length: 3 }, () => Buffer.from(seed, 'hex'));
  let message = Buffer.concat(last);
  for (let i = 0; i < MONTE_HASHES; i++) {
    message = Buffer.concat(last);
    last.shift();
    last.push(createHash('sha256').update(message).digest());
  }
  return [message.toString('hex'), last[2].toString('hex')];
}

function readHmac(record: RspRecord, index: number): Candidate {
  return candidate(record, `rfc4231/${stem(record.path)}`, {
    source: 'RFC 4231 HMAC-SHA-256',
    alg: 'hmac(sha256)',
    name: String(index),
    classOf: record.path,
    bytes: {
      key: hexField(record, 'key'),
      input: hexField(record, 'msg'),
      output: hexField(record, 'md', 256),
    },
  });
}

interface Parts {
  readonly source: string;
  readonly alg: string;
  readonly name: string;
  readonly classOf: string;
  readonly bytes: Bytes;
}

function candidate({ fail }: RspRecord, prefix: string, parts: Parts): Candidate {
  const { source, alg, name, classOf, bytes } = parts;
  const vector: Vector = {
    id: `${prefix}/${name}`.replace('//', '/'),
    source,
    alg,
    ...{ key: '', iv: '', ad: '', input: '', output: '', tag: '' },
    ...bytes,
    expect: fail ? 'invalid' : 'valid',
    direction: directionOf(alg, fail),
  };
  return { vector, classOf };
}

function stem(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/\.\w+$/, '');
}

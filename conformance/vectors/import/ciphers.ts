/**
 * The files of ciphers and their modes.
 * @module
 */
import { type Candidate, candidate, type ImportSource, keepAll, stem } from './record.ts';
import {
  fieldError,
  hasField,
  hexField,
  numberField,
  type RspFile,
  type RspRecord,
} from './rsp.ts';

const KEY_SIZES = [128, 192, 256] as const;
const AES_TESTS = ['GFSbox', 'KeySbox', 'VarKey', 'VarTxt', 'MMT'] as const;
const DES3_TESTS = ['vartext', 'invperm', 'varkey', 'permop', 'subtab', 'MMT1', 'MMT2', 'MMT3'];
const AES_BLOCK_BITS = 128;

/** A family of files with plaintext and ciphertext. */
interface ModeFiles {
  readonly name: string;
  readonly alg: string;
  readonly family: string;
  readonly paths: readonly string[];
}

export function cipherSources(): readonly ImportSource[] {
  return [
    ...(['ECB', 'CBC', 'CFB', 'OFB'] as const).map(aesModeSource),
    modeSource({
      name: 'RFC 3686 AES-CTR',
      alg: 'ctr(aes)',
      family: 'rfc3686',
      paths: KEY_SIZES.map((bits) => `ciphers/AES/CTR/aes-${bits}-ctr.txt`),
    }),
    xtsSource(),
    ...(['ECB', 'CBC', 'CFB', 'OFB'] as const).map(des3ModeSource),
    camelliaSource(),
    ...OTHERS.map(modeSource),
    chachaSource(),
    arc4Source(),
    keyWrapSource(),
  ];
}

/** Small files in NIST's form, by the standard that they come from. */
const OTHERS: readonly ModeFiles[] = [
  ...(['cbc', 'cfb', 'ofb'] as const).map((mode) => ({
    name: `OpenSSL Camellia-${mode.toUpperCase()}`,
    alg: `${mode}(camellia)`,
    family: 'openssl',
    paths: [`ciphers/Camellia/camellia-${mode}.txt`],
  })),
  {
    ...{ name: 'RFC 4269 SEED', alg: 'ecb(seed)', family: 'rfc4269' },
    paths: ['ciphers/SEED/rfc-4269.txt'],
  },
  {
    ...{ name: 'RFC 4196 SEED-CBC', alg: 'cbc(seed)', family: 'rfc4196' },
    paths: ['ciphers/SEED/rfc-4196.txt'],
  },
  ...(['ecb', 'cbc', 'cfb', 'ofb'] as const).map((mode) => ({
    name: `Schneier Blowfish-${mode.toUpperCase()}`,
    alg: `${mode}(blowfish)`,
    family: 'schneier',
    paths: [`ciphers/Blowfish/bf-${mode}.txt`],
  })),
  ...(['ecb', 'cbc', 'ctr', 'cfb', 'ofb'] as const).map((mode) => ({
    name: `CAST5-${mode.toUpperCase()} of cryptography`,
    alg: `${mode}(cast5)`,
    family: 'cast5',
    paths: [`ciphers/CAST5/cast5-${mode}.txt`],
  })),
  ...(['ecb', 'cbc', 'ctr', 'cfb', 'ofb'] as const).map((mode) => ({
    name: `draft-ribose-cfrg-sm4 ${mode.toUpperCase()}`,
    alg: `${mode}(sm4)`,
    family: 'ribose',
    paths: [`ciphers/SM4/draft-ribose-cfrg-sm4-10-${mode}.txt`],
  })),
];

function modeSource({ name, alg, family, paths }: ModeFiles): ImportSource {
  const read = ({ records }: RspFile) =>
    records.map((record) => readMode(record, { name, alg, family, paths }));
  return { name, paths, read, keep: keepAll };
}

/** Known-answer and multi-block tests. The tables of single bits compress to almost nothing. */
function aesModeSource(mode: 'ECB' | 'CBC' | 'CFB' | 'OFB'): ImportSource {
  const file = mode === 'CFB' ? 'CFB128' : mode;
  return modeSource({
    name: `NIST CAVP AES-${file}`,
    alg: `${mode.toLowerCase()}(aes)`,
    family: 'cavp',
    paths: AES_TESTS.flatMap((t) =>
      KEY_SIZES.map((k) => `ciphers/AES/${mode}/${file}${t}${k}.rsp`),
    ),
  });
}

function des3ModeSource(mode: 'ECB' | 'CBC' | 'CFB' | 'OFB'): ImportSource {
  const file = mode === 'CFB' ? 'CFB64' : mode;
  return modeSource({
    name: `NIST CAVP TDES-${file}`,
    alg: `${mode.toLowerCase()}(des3_ede)`,
    family: 'cavp',
    paths: DES3_TESTS.map((test) => `ciphers/3DES/${mode}/T${file}${test}.rsp`),
  });
}

function readMode(record: RspRecord, { name: source, alg, family }: ModeFiles): Candidate {
  const output = hexField(record, 'ciphertext');
  const unit = alg.startsWith('ecb') || alg.startsWith('cbc') ? blockOf(alg) : 1;
  if (output.length === 0 || output.length % (2 * unit) !== 0) {
    return { reason: 'a text that is no whole number of blocks' };
  }
  return candidate(record, {
    prefix: `${family}/${stem(record.path)}/${record.section}`,
    name: hasField(record, 'count') ? String(numberField(record, 'count')) : String(record.line),
    source,
    alg,
    kind: 'skcipher',
    classOf: record.path,
    bytes: {
      key: keyOf(record),
      iv: alg.startsWith('ecb') ? '' : hexField(record, 'iv', 8 * blockOf(alg)),
      input: hexField(record, 'plaintext', output.length * 4),
      output,
    },
  });
}

/** Three keys, one key three times, or one. */
function keyOf(record: RspRecord): string {
  if (hasField(record, 'keys')) return hexField(record, 'keys', 64).repeat(3);
  if (hasField(record, 'key')) return hexField(record, 'key');
  return ['key1', 'key2', 'key3'].map((name) => hexField(record, name, 64)).join('');
}

function blockOf(alg: string): number {
  return /des3_ede|blowfish|cast5/.test(alg) ? 8 : 16;
}

/** Every second of a class: key size, form of the tweak, direction, length. */
function xtsSource(): ImportSource {
  const name = 'NIST CAVP AES-XTS';
  const forms = ['128hexstr', 'dataunitseqno'];
  return {
    name,
    paths: forms.flatMap((f) =>
      [128, 256].map((bits) => `ciphers/AES/XTS/tweak-${f}/XTSGenAES${bits}.rsp`),
    ),
    read: (file) => file.records.map((record) => readXts(record, name)),
    keep: (n) => n % 2 === 0,
  };
}

function readXts(record: RspRecord, source: string): Candidate {
  const bits = numberField(record, 'dataunitlen');
  if (bits % 8 !== 0) return { reason: 'a data unit that is no whole number of bytes' };
  const form = /tweak-(\w+)/.exec(record.path)?.[1] ?? '';
  return candidate(record, {
    prefix: `cavp/${stem(record.path)}/${form}/${record.section}`,
    source,
    alg: 'xts(aes)',
    kind: 'skcipher',
    name: String(numberField(record, 'count')),
    classOf: `${record.path} ${record.section} ${bits}`,
    bytes: {
      key: hexField(record, 'key', 2 * Number(/AES(\d+)/.exec(record.path)?.[1])),
      iv: hasField(record, 'i') ? hexField(record, 'i', AES_BLOCK_BITS) : sequenceNumber(record),
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

/** A file of its own form: a key, then plaintexts of one bit and their ciphertexts, ten times. */
function camelliaSource(): ImportSource {
  const name = 'NTT Camellia';
  return {
    name,
    paths: KEY_SIZES.map((bits) => `ciphers/Camellia/camellia-${bits}-ecb.txt`),
    read: (file) => file.records.flatMap((record) => readCamellia(record, file, name)),
    keep: keepAll,
  };
}

function readCamellia(record: RspRecord, file: RspFile, source: string): Candidate[] {
  // A key opens a set and has a record of its own.
  if (!hasField(record, 'c')) return [];
  const set = file.records.filter((other) => other.line < record.line && hasField(other, 'k'));
  const key = set.at(-1);
  if (key === undefined) throw fieldError(record, 'k', 'is missing above');
  return [
    candidate(record, {
      prefix: `ntt/${stem(file.path)}/${set.length}`,
      name: String(record.line),
      source,
      alg: 'ecb(camellia)',
      kind: 'skcipher',
      classOf: file.path,
      bytes: {
        key: hexField(key, 'k', Number(/-(\d+)-/.exec(file.path)?.[1])),
        input: hexField(record, 'p', AES_BLOCK_BITS),
        output: hexField(record, 'c', AES_BLOCK_BITS),
      },
    }),
  ];
}

/** The kernel's IV is the block counter, little-endian, and the nonce. */
function chachaSource(): ImportSource {
  const source = 'RFC 7539 ChaCha20';
  const read = (record: RspRecord): Candidate => {
    const counter = Buffer.alloc(4);
    counter.writeUInt32LE(numberField(record, 'initial_block_counter'));
    const output = hexField(record, 'ciphertext');
    return candidate(record, {
      prefix: 'rfc7539/chacha20',
      name: String(numberField(record, 'count')),
      source,
      alg: 'chacha20',
      kind: 'skcipher',
      classOf: record.path,
      bytes: {
        key: hexField(record, 'key', 256),
        iv: counter.toString('hex') + hexField(record, 'nonce', 96),
        input: hexField(record, 'plaintext', output.length * 4),
        output,
      },
    });
  };
  const paths = ['ciphers/ChaCha20/rfc7539.txt'];
  return { name: source, paths, read: ({ records }) => records.map(read), keep: keepAll };
}

/** Two blocks of a key stream are a text of zeros; those far behind them say nothing of the bytes between. */
function arc4Source(): ImportSource {
  const source = 'RFC 6229 ARC4';
  const read = (record: RspRecord, i: number, records: readonly RspRecord[]): Candidate => {
    const offset = numberField(record, 'offset');
    if (offset > 0) {
      return { reason: offset === 16 ? 'part of the vector in front' : 'bytes from the midst' };
    }
    const pair = [record, records[i + 1]];
    return candidate(record, {
      prefix: `rfc6229/${stem(record.path)}`,
      name: String(record.line),
      source,
      alg: 'ecb(arc4)',
      kind: 'skcipher',
      classOf: record.path,
      bytes: {
        key: hexField(record, 'key'),
        input: pair.map((part) => hexField(part, 'plaintext', 128)).join(''),
        output: pair.map((part) => hexField(part, 'ciphertext', 128)).join(''),
      },
    });
  };
  const paths = [40, 56, 64, 80, 128, 192, 256].map((n) => `ciphers/ARC4/rfc-6229-${n}.txt`);
  return { name: source, paths, read: ({ records }) => records.map(read), keep: keepAll };
}

/** AES key wrap. The first semiblock of a ciphertext is the kernel's IV. Every third of a length. */
function keyWrapSource(): ImportSource {
  const source = 'NIST CAVP AES-KW';
  const read = (record: RspRecord): Candidate => {
    const sealed = hexField(record, 'c');
    const bits = record.params.get('plaintext length') ?? '';
    return candidate(record, {
      prefix: `cavp/${stem(record.path)}/${bits}`,
      name: String(numberField(record, 'count')),
      source,
      alg: 'kw(aes)',
      kind: 'skcipher',
      classOf: `${record.path} ${bits} ${record.fail}`,
      bytes: {
        key: hexField(record, 'k'),
        iv: sealed.slice(0, 16),
        input: record.fail ? '' : hexField(record, 'p', Number(bits)),
        output: sealed.slice(16),
      },
    });
  };
  return {
    name: source,
    paths: ['AE', 'AD'].flatMap((d) =>
      KEY_SIZES.map((bits) => `keywrap/kwtestvectors/KW_${d}_${bits}.txt`),
    ),
    read: ({ records }) => records.map(read),
    keep: (n, { output }) => n % (output.length > 200 ? 9 : 2) === 0,
  };
}

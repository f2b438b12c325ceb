/**
 * The test table of a kernel: every name of alg_test_descs, with its vectors.
 * C: crypto/testmgr.c alg_test_descs, crypto/testmgr.h (6.1)
 * @module
 */

import type { Errno } from '../../../src/errno.ts';
import * as errno from '../../../src/errno.ts';
import { type DataVector, dataVector, type VectorFields } from './data.ts';
import { type CList, type CTable, type CValue, isList, isName, tablesOf } from './initialisers.ts';
import { resolveConditionals, SourceError, tokensOf } from './tokens.ts';

/** What a name is tested as. `null` is a name whose test does nothing. */
export type SuiteKind =
  | 'skcipher'
  | 'aead'
  | 'hash'
  | 'comp'
  | 'akcipher'
  | 'kpp'
  | 'cprng'
  | 'drbg'
  | 'null';

/** One name of the table. */
export interface Suite {
  readonly name: string;
  readonly kind: SuiteKind;
  readonly vectors: readonly KernelVector[];
  /** Of compression, public keys and key agreement, which have no `vectors`. */
  readonly data: readonly DataVector[];
}

/** One vector. A field that the kernel leaves out is null, 0 or false. */
export interface KernelVector {
  /** `gcm_tv_template[3]`, for messages. */
  readonly id: string;
  readonly key: Uint8Array;
  /** As long as the text in the source; what is used of it is the ivsize of the driver. */
  readonly iv: Uint8Array | null;
  readonly ivOut: Uint8Array | null;
  /** Plaintext, or the message of a hash. */
  readonly plain: Uint8Array;
  /** Ciphertext with its tag, or the digest. */
  readonly cipher: Uint8Array;
  readonly ad: Uint8Array;
  /** Weak keys must be refused. */
  readonly weak: boolean;
  /** Decryption must fail with -EBADMSG. */
  readonly unauthentic: boolean;
  /** The cipher makes the IV: what decrypts is `ivOut`. */
  readonly generatesIv: boolean;
  readonly setkeyError: Errno;
  readonly setauthsizeError: Errno;
  readonly cryptError: Errno;
}

const KIND_OF_TEST: Readonly<Record<string, SuiteKind>> = {
  alg_test_skcipher: 'skcipher',
  alg_test_aead: 'aead',
  alg_test_hash: 'hash',
  alg_test_crc32c: 'hash',
  alg_test_comp: 'comp',
  alg_test_akcipher: 'akcipher',
  alg_test_kpp: 'kpp',
  alg_test_cprng: 'cprng',
  alg_test_drbg: 'drbg',
  alg_test_null: 'null',
};

/** The two files of a kernel tree, and what they are called in messages. */
export interface SuiteSource {
  readonly header: string;
  readonly table: string;
}

const HEADER = 'crypto/testmgr.h';
const TABLE = 'crypto/testmgr.c';

/** @throws SourceError naming file and line of what cannot be read. */
export function readSuites({ header, table }: SuiteSource): Suite[] {
  const data = tables(header, HEADER, /^(struct \w+_testvec|char|u8)$/);
  const arrays = new Map(data.map((array) => [array.name, array]));
  const descriptions = tables(table, TABLE, /^struct alg_test_desc$/).find(
    ({ name }) => name === 'alg_test_descs',
  )?.value;
  if (!isList(descriptions ?? undefined)) throw new SourceError(`${TABLE}: has no alg_test_descs`);
  const reader = new VectorReader(arrays);
  return (descriptions as CList).items.filter(isList).map((item) => suiteOf(item, reader));
}

function tables(text: string, file: string, wanted: RegExp): CTable[] {
  return tablesOf(tokensOf(resolveConditionals(text, file), file), file, wanted);
}

function suiteOf(item: CList, reader: VectorReader): Suite {
  const name = item.fields.get('alg');
  const test = item.fields.get('test');
  if (!(name instanceof Uint8Array) || !isName(test)) {
    throw new SourceError(`${TABLE}:${item.line}: alg and test expected`);
  }
  const kind = KIND_OF_TEST[test.name];
  if (kind === undefined) throw new SourceError(`${TABLE}:${item.line}: test: ${test.name}`);
  const arrays = arraysIn(item.fields.get('suite'));
  const isData = kind === 'comp' || kind === 'akcipher' || kind === 'kpp';
  const known = { name: Buffer.from(name).toString('latin1'), kind };
  if (!isData) {
    const of = ({ array, count }: ArrayUse) => reader.vectors(array, kind).slice(0, count);
    return { ...known, vectors: arrays.flatMap(of), data: [] };
  }
  const of = ({ array, count }: ArrayUse) =>
    reader
      .items(array)
      .slice(0, count)
      .map((fields) => dataVector(kind, fields));
  return { ...known, vectors: [], data: arrays.flatMap(of) };
}

/** An array of vectors, or its beginning. */
interface ArrayUse {
  readonly array: string;
  readonly count: number;
}

/** `__VECS(name)`, `____VECS(name)` and `.vecs = name, .count = n` anywhere inside a suite. */
function arraysIn(value: CValue | undefined): ArrayUse[] {
  if (isName(value)) {
    return value.argument === null ? [] : [{ array: value.argument, count: Infinity }];
  }
  if (!isList(value)) return [];
  const vecs = value.fields.get('vecs');
  const count = value.fields.get('count');
  if (isName(vecs) && typeof count === 'number') return [{ array: vecs.name, count }];
  return [...value.fields.values(), ...value.items].flatMap(arraysIn);
}

/** Reads the vectors of an array once, whoever asks. */
class VectorReader {
  private readonly arrays: ReadonlyMap<string, CTable>;
  private readonly read = new Map<string, readonly KernelVector[]>();

  constructor(arrays: ReadonlyMap<string, CTable>) {
    this.arrays = arrays;
  }

  vectors(array: string, kind: SuiteKind): readonly KernelVector[] {
    const known = this.read.get(array);
    if (known !== undefined) return known;
    const vectors = this.items(array).map((fields) => vectorOf(fields, kind));
    this.read.set(array, vectors);
    return vectors;
  }

  /** The fields of each vector. */
  items(array: string): VectorFields[] {
    const value = this.arrays.get(array)?.value;
    if (!isList(value ?? undefined)) throw new SourceError(`${HEADER}: has no vectors ${array}`);
    return (value as CList).items.filter(isList).map(({ fields, line }, i) => {
      const where = `${HEADER}:${line}`;
      const all = (field: string) => this.bytes(fields.get(field), where);
      return {
        id: `${array}[${i}]`,
        all,
        bytes: (field, size) => sized(all(field), size, `${where}: ${field}`),
        number: (...names) => {
          const found = names.map((name) => fields.get(name)).find((at) => at !== undefined);
          return found === undefined ? 0 : numberOf(found, `${where}: ${names[0]}`);
        },
      };
    });
  }

  /** The bytes of a text, of a list of numbers, or of the table that is named. */
  private bytes(value: CValue | undefined, where: string): Uint8Array {
    if (value === undefined) return new Uint8Array(0);
    if (value instanceof Uint8Array) return value;
    if (isList(value)) {
      const bytes = new Uint8Array(value.width * value.items.length);
      value.items.forEach((item, i) => {
        // Little-endian: the low bytes come first, and a number has no more than 32 bits.
        const number = numberOf(item, where);
        for (let k = 0; k < Math.min(value.width, 4); k++)
          bytes[i * value.width + k] = number >>> (8 * k);
      });
      return bytes;
    }
    if (!isName(value) || value.name === 'NULL') return new Uint8Array(0);
    const table = this.arrays.get(value.name);
    if (table === undefined) throw new SourceError(`${where}: has no table ${value.name}`);
    const found = table.value === null ? new Uint8Array(0) : this.bytes(table.value, where);
    return table.size === null ? found : padded(found, table.size);
  }
}

function vectorOf({ id, all, bytes, number }: VectorFields, kind: SuiteKind): KernelVector {
  const iv = (field: string) => {
    const found = all(field);
    return found.length === 0 ? null : found;
  };
  const hash = kind === 'hash';
  const plainSize = number('plen', 'len', 'psize');
  return {
    id,
    key: bytes('key', number('klen', 'ksize')),
    iv: iv('iv'),
    ivOut: iv('iv_out'),
    plain: bytes(hash ? 'plaintext' : 'ptext', plainSize),
    cipher: hash ? all('digest') : bytes('ctext', number('clen', 'len')),
    ad: bytes('assoc', number('alen')),
    weak: number('wk') !== 0,
    unauthentic: number('novrfy') !== 0,
    generatesIv: number('generates_iv') !== 0,
    setkeyError: number('setkey_error'),
    setauthsizeError: number('setauthsize_error'),
    cryptError: number('crypt_error', 'digest_error'),
  };
}

/** The first `size` bytes. C puts a zero byte behind a text. */
function sized(bytes: Uint8Array, size: number, where: string): Uint8Array {
  if (bytes.length + 1 < size) throw new SourceError(`${where}: shorter than its ${size} bytes`);
  return padded(bytes, size);
}

function padded(bytes: Uint8Array, size: number): Uint8Array {
  const out = new Uint8Array(size);
  out.set(bytes.subarray(0, size));
  return out;
}

const ERRNOS: ReadonlyMap<string, number> = new Map(
  Object.entries(errno).flatMap(([name, value]) =>
    typeof value === 'number' ? [[`-${name}`, -value]] : [],
  ),
);

function numberOf(value: CValue, where: string): number {
  if (typeof value === 'number') return value;
  const known = isName(value) ? ERRNOS.get(value.name) : undefined;
  if (known === undefined) throw new SourceError(`${where}: no number`);
  return known;
}

/**
 * The named cases: tables written by hand, one case per name. Every layout meets every algorithm;
 * error paths, ways of submission, kinds of memory, iterator scripts, empty entries and list overruns
 * have tables of their own.
 * Golden files name these cases, so a changed case needs `certify --update-golden`.
 * @module
 */
import type { CipherOrHash } from '../../algorithms/row.ts';
import {
  BACKING_KINDS,
  type CipherCase,
  CRYPTD_QUEUE,
  type Geometry,
  type HashCase,
  type Segment,
  type TextCase,
} from '../text/case.ts';
import { EMPTY_PLACES, LAYOUTS, layoutWithEmpty } from './named-layout.ts';
import { iterCases, sgCases } from './named-lists.ts';
import { CIPHER, destination, requestCases } from './named-requests.ts';
import { drawnAlgorithms } from './requests.ts';

const HEX = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f';

/** `bytes` bytes that count up. */
function counting(bytes: number): string {
  return HEX.repeat(4).slice(0, 2 * bytes);
}

const BYTES = [1, 17, 100, 4111] as const;

const GEOMETRIES: readonly Geometry[] = [
  [16, 16, 0, 16, 16],
  [16, 16, 15, 16, 16],
  [1, 16, 0, 16, 16],
  [1, 16, 15, 16, 64],
  [16, 16, 0, 16, 128],
  [8, 8, 7, 8, 8],
  [1, 0, 0, 1, 1],
  [16, 0, 63, 16, 64],
  [1, 16, 3, 64, 64],
].map(([blockSize, ivSize, alignMask, chunkSize, walkSize]) => ({
  blockSize,
  ivSize,
  alignMask,
  chunkSize,
  walkSize,
}));

function geometryName(geometry: Geometry): string {
  return Object.values(geometry).join('-');
}

function walkCases(): CipherCase[] {
  return GEOMETRIES.flatMap((geometry, g) =>
    LAYOUTS.map((layout, i) => {
      const block = geometry.blockSize;
      const length = Math.floor(BYTES[(g + i) % BYTES.length] / block) * block + block;
      const assoc = (g + i) % 4 === 3 ? 13 : 0;
      return {
        ...CIPHER,
        id: `walk-${geometryName(geometry)}-${layout.name}`,
        op: assoc === 0 ? ('skcipher' as const) : ('aead' as const),
        algorithm: '',
        geometry,
        key: assoc === 0 ? null : '00',
        iv: counting(geometry.ivSize),
        ivOffset: i % 3,
        direction: 'encrypt' as const,
        length,
        assoc,
        src: layout.build(length + assoc, 0),
        dst: destination(g + i, length + assoc, layout.build(length + assoc, 0)),
      };
    }),
  );
}

/** Steps that leave bytes, and errors injected into a step: both hang on where steps end. */
function walkEdgeCases(): CipherCase[] {
  const long: Segment = { page: 0, offset: 44, length: 5504 };
  const base = { ...CIPHER, op: 'skcipher' as const, algorithm: '', key: null, length: 5504 };
  return GEOMETRIES.slice(0, 6).flatMap((geometry) => {
    const walk = { ...base, geometry, iv: counting(geometry.ivSize), src: [long] };
    const name = geometryName(geometry);
    return [
      { ...walk, id: `walk-leaves-${name}`, direction: 'encrypt', remainder: 16 },
      {
        ...walk,
        id: `walk-fails-first-${name}`,
        direction: 'encrypt',
        errorAt: { step: 0, error: -5 },
      },
      {
        ...walk,
        id: `walk-fails-third-${name}`,
        direction: 'encrypt',
        errorAt: { step: 2, error: -5 },
      },
    ];
  });
}

/** Requests that are refused, and where: the table of what each must answer is the kernel's. */
function refusedCases(): CipherCase[] {
  const base = { ...CIPHER, direction: 'encrypt' as const, src: LAYOUTS[0].build(64, 0) };
  const key = counting(16);
  const plain = { ...base, op: 'skcipher' as const, iv: counting(16), key, length: 32 };
  const sealed = { ...base, op: 'aead' as const, iv: counting(12), key, length: 16, assoc: 16 };
  const ccm = { algorithm: 'ccm(aes)', iv: `02${counting(11)}00000000` };
  const rfc4106 = { algorithm: 'rfc4106(gcm(aes))', key: counting(20), iv: counting(8) };
  const rows: readonly (readonly [string, Partial<CipherCase>])[] = [
    ['unknown-name', { algorithm: 'cbc(nosuch)' }],
    ['bare-template', { algorithm: 'cbc' }],
    ['key-of-15', { key: counting(15) }],
    ['no-key', { key: null }],
    ['no-key-no-bytes', { key: null, length: 0 }],
    ['half-block', { length: 24 }],
    ['no-bytes', { length: 0 }],
    ['xts-odd-key', { algorithm: 'xts(aes)', key: counting(33) }],
    ['xts-15-bytes', { algorithm: 'xts(aes)', key: counting(32), length: 15 }],
    ['cts-15-bytes', { algorithm: 'cts(cbc(aes))', length: 15 }],
    ['cts-no-bytes', { algorithm: 'cts(cbc(aes))', length: 0 }],
    ['ctr-no-bytes', { algorithm: 'ctr(aes)', length: 0 }],
    ['rfc3686-short-key', { algorithm: 'rfc3686(ctr(aes))', key: counting(3) }],
    ['skcipher-of-aead', { algorithm: 'gcm(aes)' }],
  ];
  const aeadRows: readonly (readonly [string, Partial<CipherCase>])[] = [
    ['gcm-tag-of-7', { authSize: 7 }],
    ['gcm-tag-of-17', { authSize: 17 }],
    ['gcm-no-tag', { authSize: 0 }],
    ['gcm-no-key', { key: null }],
    ['gcm-shorter-than-tag', { direction: 'decrypt', length: 15 }],
    ['gcm-wrong-tag', { direction: 'decrypt', length: 32 }],
    ['gcm-flipped', { direction: 'both', flip: 20 }],
    ['gcm-flipped-ad', { direction: 'both', flip: 3 }],
    ['ccm-tag-of-5', { ...ccm, authSize: 5 }],
    ['ccm-width-0', { ...ccm, iv: `00${ccm.iv.slice(2)}` }],
    ['ccm-width-8', { ...ccm, iv: `08${ccm.iv.slice(2)}` }],
    ['rfc4106-ad-of-12', { ...rfc4106, assoc: 12 }],
    ['rfc4106-ad-of-24', { ...rfc4106, assoc: 24 }],
    [
      'rfc7539-tag-of-12',
      { algorithm: 'rfc7539(chacha20,poly1305)', key: counting(32), authSize: 12 },
    ],
    [
      'authenc-key-without-header',
      { algorithm: 'authenc(hmac(sha256),cbc(aes))', iv: counting(16), key: counting(48) },
    ],
    ['aead-of-skcipher', { algorithm: 'cbc(aes)' }],
  ];
  return [
    ...rows.map(([name, c]) => ({ ...plain, algorithm: 'cbc(aes)', ...c, id: `refused-${name}` })),
    ...aeadRows.map(([name, c]) => ({
      ...sealed,
      algorithm: 'gcm(aes)',
      authSize: 16,
      ...c,
      id: `refused-${name}`,
    })),
  ];
}

/** The cases of an algorithm with one layout each. */
function casesOf(all: readonly (CipherCase | HashCase)[], name: string): (CipherCase | HashCase)[] {
  return all.filter(({ algorithm }) => algorithm === name);
}

function isCipher(c: CipherCase | HashCase): c is CipherCase {
  return c.op !== 'hash';
}

/** The same requests by every way of submitting them, in every kind of memory. */
function submissionCases(all: readonly (CipherCase | HashCase)[]): CipherCase[] {
  const ways: readonly (readonly [string, Partial<CipherCase>])[] = [
    ['may-not-sleep', { flags: 0 }],
    ['may-sleep', { flags: 0x200 }],
    ['may-backlog', { flags: 0x400 }],
    ['atomic', { flags: 0, atomic: true }],
    ['async', { async: true }],
    ['async-may-not-sleep', { async: true, flags: 0 }],
    ['async-atomic', { async: true, flags: 0, atomic: true }],
    ['queue-full', { async: true, requests: CRYPTD_QUEUE }],
    ['queue-backlog', { async: true, requests: CRYPTD_QUEUE + 3 }],
    ['queue-refuses', { async: true, flags: 0x200, requests: CRYPTD_QUEUE + 3 }],
    ...BACKING_KINDS.map((kind): [string, Partial<CipherCase>] => [
      `memory-${kind}`,
      {
        backings: [
          { kind, first: 0, count: 4 },
          { kind, first: 4, count: 4 },
        ],
      },
    ]),
    ['memory-mixed', { backings: BACKING_KINDS.map((kind, i) => ({ kind, first: i, count: 1 })) }],
  ];
  const names = ['cbc(aes)', 'ctr(aes)', 'gcm(aes)', 'authenc(hmac(sha256),cbc(aes))'];
  const requests = names.flatMap((name) => casesOf(all, name).filter(isCipher).slice(4, 6));
  return requests.flatMap((request) =>
    ways.map(([name, way]) => ({ ...request, ...way, id: `${request.id}-${name}` })),
  );
}

/** A whole block, and nothing else that an algorithm could refuse. */
const SHORT = 48;

/** Empty entries between others: undefined for hashes, see `FINDINGS.md`. */
function emptyEntryCases(all: readonly (CipherCase | HashCase)[]): TextCase[] {
  const firsts = [...new Set(all.map(({ algorithm }) => algorithm))].map(
    (name) => casesOf(all, name)[0],
  );
  const walks = walkCases().filter((_, i) => i % (2 * LAYOUTS.length) === 0);
  return EMPTY_PLACES.flatMap((place) => [
    ...[...firsts.filter(isCipher).map((c) => ({ ...c, length: SHORT })), ...walks].map((c) => {
      const total = c.assoc + c.length + (c.authSize ?? 0);
      return {
        ...c,
        id: `empty-${place}-${c.geometry === null ? c.algorithm : geometryName(c.geometry)}`,
        src: layoutWithEmpty(place, total, 0),
        dst: layoutWithEmpty(place, total, 4),
      };
    }),
    ...firsts
      .filter((c) => c.op === 'hash')
      .map((c) => ({
        ...c,
        id: `empty-${place}-${c.algorithm}`,
        finish: 'digest' as const,
        parts: [],
        length: 33,
        src: layoutWithEmpty(place, 33, 0),
      })),
  ]);
}

/** Lists that end before the request does: every release follows a NULL pointer. */
function overrunCases(all: readonly (CipherCase | HashCase)[]): TextCase[] {
  const [cbc] = casesOf(all, 'cbc(aes)').filter(isCipher);
  const [sha] = casesOf(all, 'sha256').filter((c) => c.op === 'hash');
  const long = { ...cbc, direction: 'encrypt' as const, length: 320, dst: null };
  return [
    { ...long, id: 'overrun-skcipher-short-list', src: LAYOUTS[0].build(32, 0) },
    { ...long, id: 'overrun-skcipher-end-mark', src: LAYOUTS[12].build(64, 0) },
    {
      ...sha,
      id: 'overrun-hash-short-list',
      finish: 'digest',
      parts: [],
      length: 100,
      src: LAYOUTS[0].build(33, 0),
    },
  ];
}

/** Does this case take every kernel down? */
export function isOverrun({ id }: { readonly id: string }): boolean {
  return id.startsWith('overrun-');
}

/** All named cases. Those that take the kernel down come last. */
export function namedCases(rows: readonly CipherOrHash[] = drawnAlgorithms()): TextCase[] {
  const requests = requestCases(rows);
  return [
    ...requests,
    ...walkCases(),
    ...walkEdgeCases(),
    ...refusedCases(),
    ...submissionCases(requests),
    ...iterCases(),
    ...sgCases(),
    ...emptyEntryCases(requests),
    ...overrunCases(requests),
  ];
}

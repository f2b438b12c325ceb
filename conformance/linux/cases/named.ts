/**
 * The named cases: tables written by hand, one case per name. Every layout meets every algorithm;
 * error paths, iterator scripts, empty entries and list overruns have tables of their own.
 * Golden files name these cases, so a changed case needs `certify --update-golden`.
 * @module
 */

import type { CipherCase, Geometry, HashCase, Part, Segment, TextCase } from '../text/case.ts';
import { EMPTY_PLACES, LAYOUTS, layoutWithEmpty } from './named-layout.ts';
import { iterCases, sgCases } from './named-lists.ts';

const HEX = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f';

/** `bytes` bytes that count up. */
function counting(bytes: number): string {
  return HEX.repeat(4).slice(0, 2 * bytes);
}

interface Named {
  readonly name: string;
  readonly key: string;
  readonly ivSize: number;
  /** Lengths that the algorithm takes. */
  readonly lengths: readonly number[];
}

const BLOCKS = [16, 64, 4112] as const;
const BYTES = [1, 17, 100, 4111] as const;
const FROM_BLOCK = [16, 17, 100, 4111] as const;

const SKCIPHERS: readonly Named[] = [
  { name: 'cbc(aes)', key: counting(16), ivSize: 16, lengths: BLOCKS },
  { name: 'ecb(aes)', key: counting(32), ivSize: 0, lengths: BLOCKS },
  { name: 'ctr(aes)', key: counting(16), ivSize: 16, lengths: BYTES },
  { name: 'xts(aes)', key: counting(32), ivSize: 16, lengths: FROM_BLOCK },
  { name: 'cts(cbc(aes))', key: counting(16), ivSize: 16, lengths: FROM_BLOCK },
  { name: 'rfc3686(ctr(aes))', key: counting(20), ivSize: 8, lengths: BYTES },
  { name: 'xchacha20', key: counting(32), ivSize: 32, lengths: BYTES },
  { name: 'adiantum(xchacha12,aes)', key: counting(32), ivSize: 32, lengths: FROM_BLOCK },
  { name: 'lrw(aes)', key: counting(32), ivSize: 16, lengths: BLOCKS },
  { name: 'essiv(cbc(aes),sha256)', key: counting(16), ivSize: 16, lengths: BLOCKS },
];

interface NamedAead extends Named {
  readonly auth: number;
  readonly assoc: readonly number[];
  readonly iv: string;
}

const AEADS: readonly NamedAead[] = [
  {
    name: 'gcm(aes)',
    key: counting(16),
    ivSize: 12,
    iv: counting(12),
    lengths: BYTES,
    auth: 16,
    assoc: [0, 13, 20],
  },
  {
    name: 'ccm(aes)',
    key: counting(16),
    ivSize: 16,
    iv: `02${counting(11)}00000000`,
    lengths: BYTES,
    auth: 8,
    assoc: [0, 13, 300],
  },
  {
    name: 'rfc7539(chacha20,poly1305)',
    key: counting(32),
    ivSize: 12,
    iv: counting(12),
    lengths: BYTES,
    auth: 16,
    assoc: [0, 13, 20],
  },
  {
    name: 'rfc4106(gcm(aes))',
    key: counting(20),
    ivSize: 8,
    iv: counting(8),
    lengths: BYTES,
    auth: 16,
    assoc: [16, 20],
  },
  {
    name: 'authenc(hmac(sha256),cbc(aes))',
    key: `0800010000000010${counting(48)}`,
    ivSize: 16,
    iv: counting(16),
    lengths: BLOCKS,
    auth: 32,
    assoc: [0, 13, 20],
  },
];

const HASHES: readonly { readonly name: string; readonly key: string }[] = [
  { name: 'sha1', key: '' },
  { name: 'sha256', key: '' },
  { name: 'sha512', key: '' },
  { name: 'hmac(sha256)', key: counting(20) },
  { name: 'hmac(sha512)', key: counting(32) },
  { name: 'cmac(aes)', key: counting(16) },
];

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

const CIPHER: Omit<CipherCase, 'id' | 'op' | 'algorithm' | 'key' | 'iv' | 'length' | 'src'> = {
  pages: 8,
  seed: 1,
  puts: [],
  geometry: null,
  ivOffset: 0,
  direction: 'both',
  flip: null,
  assoc: 0,
  authSize: null,
  flags: null,
  async: false,
  remainder: null,
  errorAt: null,
  dst: null,
};

/** Every third case in place, the others with the next layout of the list as destination. */
function destination(index: number, total: number): Segment[] | null {
  if (index % 3 === 0) return null;
  return LAYOUTS[(index * 5 + 1) % LAYOUTS.length].build(total, 4);
}

function skcipherCases(): CipherCase[] {
  return SKCIPHERS.flatMap((cipher) =>
    LAYOUTS.map((layout, i) => {
      const length = cipher.lengths[i % cipher.lengths.length];
      return {
        ...CIPHER,
        id: `skcipher-${cipher.name}-${layout.name}`,
        op: 'skcipher' as const,
        algorithm: cipher.name,
        key: cipher.key,
        iv: counting(cipher.ivSize),
        ivOffset: i % 4,
        length,
        src: layout.build(length, 0),
        dst: destination(i, length),
      };
    }),
  );
}

function aeadCases(): CipherCase[] {
  return AEADS.flatMap((aead) =>
    LAYOUTS.map((layout, i) => {
      const length = aead.lengths[i % aead.lengths.length];
      const assoc = aead.assoc[i % aead.assoc.length];
      const total = assoc + length + aead.auth;
      return {
        ...CIPHER,
        id: `aead-${aead.name}-${layout.name}`,
        op: 'aead' as const,
        algorithm: aead.name,
        key: aead.key,
        iv: aead.iv,
        length,
        assoc,
        authSize: aead.auth,
        src: layout.build(total, 0),
        dst: destination(i, total),
      };
    }),
  );
}

function updates(length: number, index: number): Part[] {
  const first = Math.floor(length / 3);
  const reimport = index % 2 === 0;
  return [
    { length: first, reimport },
    { length: 0, reimport: false },
    { length: length - first, reimport },
  ];
}

function hashCases(): HashCase[] {
  const ways = ['digest', 'final', 'finup'] as const;
  return HASHES.flatMap((hash, h) =>
    LAYOUTS.map((layout, i) => {
      const length = BYTES[(h + i) % BYTES.length];
      const finish = ways[(h + i) % 3];
      return {
        id: `hash-${hash.name}-${layout.name}`,
        pages: 8,
        seed: 2,
        puts: [],
        op: 'hash' as const,
        algorithm: hash.name,
        key: hash.key,
        length,
        finish,
        parts: finish === 'digest' ? [] : updates(length, i),
        flags: null,
        async: false,
        src: layout.build(length, 0),
      };
    }),
  );
}

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
        key: assoc === 0 ? '' : '00',
        iv: counting(geometry.ivSize),
        ivOffset: i % 3,
        direction: 'encrypt' as const,
        length,
        assoc,
        src: layout.build(length + assoc, 0),
        dst: destination(g + i, length + assoc),
      };
    }),
  );
}

/** Steps that leave bytes, and errors injected into a step: both hang on where steps end. */
function walkEdgeCases(): CipherCase[] {
  const long: Segment = { page: 0, offset: 44, length: 5504 };
  const base = { ...CIPHER, op: 'skcipher' as const, algorithm: '', key: '', length: 5504 };
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
  const [cbc, , , xts] = SKCIPHERS;
  const [gcm, ccm, , rfc4106] = AEADS;
  const base = { ...CIPHER, direction: 'encrypt' as const, src: LAYOUTS[0].build(64, 0) };
  const plain = { ...base, op: 'skcipher' as const, iv: counting(16), key: cbc.key, length: 32 };
  const sealed = { ...base, op: 'aead' as const, iv: gcm.iv, key: gcm.key, length: 16, assoc: 16 };
  const rows: readonly (readonly [string, Partial<CipherCase>])[] = [
    ['unknown-name', { algorithm: 'cbc(nosuch)' }],
    ['bare-template', { algorithm: 'cbc' }],
    ['key-of-15', { key: counting(15) }],
    ['no-key', { key: '' }],
    ['no-key-no-bytes', { key: '', length: 0 }],
    ['half-block', { length: 24 }],
    ['no-bytes', { length: 0 }],
    ['xts-odd-key', { algorithm: xts.name, key: counting(33) }],
    ['xts-15-bytes', { algorithm: xts.name, key: xts.key, length: 15 }],
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
    ['gcm-no-key', { key: '' }],
    ['gcm-shorter-than-tag', { direction: 'decrypt', length: 15 }],
    ['gcm-wrong-tag', { direction: 'decrypt', length: 32 }],
    ['gcm-flipped', { direction: 'both', flip: 20 }],
    ['gcm-flipped-ad', { direction: 'both', flip: 3 }],
    ['ccm-tag-of-5', { algorithm: ccm.name, iv: ccm.iv, authSize: 5 }],
    ['ccm-width-0', { algorithm: ccm.name, iv: `00${ccm.iv.slice(2)}` }],
    ['ccm-width-8', { algorithm: ccm.name, iv: `08${ccm.iv.slice(2)}` }],
    ['rfc4106-ad-of-12', { algorithm: rfc4106.name, key: rfc4106.key, iv: rfc4106.iv, assoc: 12 }],
    ['rfc4106-ad-of-24', { algorithm: rfc4106.name, key: rfc4106.key, iv: rfc4106.iv, assoc: 24 }],
    ['rfc7539-tag-of-12', { algorithm: AEADS[2].name, key: AEADS[2].key, authSize: 12 }],
    [
      'authenc-key-without-header',
      { algorithm: AEADS[4].name, iv: AEADS[4].iv, key: counting(48) },
    ],
    ['aead-of-skcipher', { algorithm: 'cbc(aes)' }],
  ];
  return [
    ...rows.map(([name, c]) => ({ ...plain, algorithm: cbc.name, ...c, id: `refused-${name}` })),
    ...aeadRows.map(([name, c]) => ({
      ...sealed,
      algorithm: gcm.name,
      authSize: 16,
      ...c,
      id: `refused-${name}`,
    })),
  ];
}

/** The same request by every way of submitting it. */
function submissionCases(): CipherCase[] {
  const ways: readonly (readonly [string, Partial<CipherCase>])[] = [
    ['atomic', { flags: 0 }],
    ['may-sleep', { flags: 0x200 }],
    ['may-backlog', { flags: 0x400 }],
    ['async', { async: true }],
    ['async-atomic', { async: true, flags: 0 }],
  ];
  const requests = [skcipherCases()[3], aeadCases()[3], aeadCases()[59]];
  return requests.flatMap((request) =>
    ways.map(([name, way]) => ({
      ...request,
      ...way,
      id: `${request.op}-${request.algorithm}-${name}`,
    })),
  );
}

/** Empty entries between others: undefined for hashes, see `FINDINGS.md`. */
function emptyEntryCases(): TextCase[] {
  const ciphers = [skcipherCases()[0], skcipherCases()[30], skcipherCases()[44], ...aeadFirsts()];
  const walks = walkCases().filter((_, i) => i % (2 * LAYOUTS.length) === 0);
  const hashes = hashCases().filter((_, i) => i % LAYOUTS.length === 0);
  return EMPTY_PLACES.flatMap((place) => [
    ...[...ciphers, ...walks].map((c) => {
      const total = c.assoc + c.length + (c.authSize ?? 0);
      return {
        ...c,
        id: `empty-${place}-${c.geometry === null ? c.algorithm : geometryName(c.geometry)}`,
        src: layoutWithEmpty(place, total, 0),
        dst: layoutWithEmpty(place, total, 4),
      };
    }),
    ...hashes.map((c) => ({
      ...c,
      id: `empty-${place}-${c.algorithm}`,
      finish: 'digest' as const,
      parts: [],
      length: 33,
      src: layoutWithEmpty(place, 33, 0),
    })),
  ]);
}

function aeadFirsts(): CipherCase[] {
  return aeadCases().filter((_, i) => i % LAYOUTS.length === 1);
}

/** Lists that end before the request does: every release follows a NULL pointer. */
function overrunCases(): TextCase[] {
  const [request] = skcipherCases();
  const long = { ...request, direction: 'encrypt' as const, length: 320, dst: null };
  return [
    { ...long, id: 'overrun-skcipher-short-list', src: LAYOUTS[0].build(32, 0) },
    { ...long, id: 'overrun-skcipher-end-mark', src: LAYOUTS[12].build(64, 0) },
    {
      ...hashCases()[0],
      id: 'overrun-hash-short-list',
      finish: 'digest',
      parts: [],
      length: 100,
      src: LAYOUTS[0].build(33, 0),
    },
  ];
}

/** All named cases. Those that take the kernel down come last. */
export function namedCases(): TextCase[] {
  return [
    ...skcipherCases(),
    ...aeadCases(),
    ...hashCases(),
    ...walkCases(),
    ...walkEdgeCases(),
    ...refusedCases(),
    ...submissionCases(),
    ...iterCases(),
    ...sgCases(),
    ...emptyEntryCases(),
    ...overrunCases(),
  ];
}

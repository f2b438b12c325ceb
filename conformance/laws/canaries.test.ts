/**
 * Goal: every law rings. A law that has never been seen broken proves nothing.
 * Method: for each law an API with one fault, which breaks exactly that law and no other of its kind;
 * and faults that every law must notice, whatever it is about.
 */
import { describe, expect, test } from 'vitest';
import { KernelBug } from '../../src/assert.ts';
import { EBADMSG, EINVAL, ENOKEY } from '../../src/errno.ts';
import { must, writeKernel } from '../../src/machine/access.ts';
import { PHYS_BASE } from '../../src/machine/phys-mem.ts';
import type { Algorithm } from '../algorithms/row.ts';
import { ALGORITHMS } from '../algorithms.ts';
import type { Buffers } from '../subjects/api.ts';
import { ConvertedApi } from '../subjects/converted.ts';
import type { Iterators } from '../subjects/iterators.ts';
import { AEAD_LAWS } from './aead.ts';
import { type Call, type Fault, FaultyApi } from './faulty.ts';
import { HASH_LAWS } from './hash.ts';
import { Lab, type Law, type Trial } from './lab.ts';
import { SKCIPHER_LAWS } from './skcipher.ts';

const REFUSES = 'refused associated data or text leave no tag';
const AES_KEYS: readonly number[] = [16, 24, 32];

/** Changes bytes of the destination. */
function spoil({ memory, dst }: Buffers, skip: number, len: number): void {
  const wrong = memory.read(dst, skip, len).map((byte) => byte ^ 1);
  memory.write(dst, skip, wrong);
}

function spoilText({ buffers, assoclen, len }: Call): void {
  spoil(buffers, assoclen, len);
}

function spoilResult({ bytes }: Call): void {
  bytes[0] ^= 1;
}

/** Spoils what the operations have made of which `when` is true. */
function spoiling(when: (call: Call) => boolean, how: (call: Call) => void = spoilText): Fault {
  return {
    operate: (call, next) => {
      const err = next();
      if (err === 0 && when(call)) how(call);
      return err;
    },
  };
}

function beginsEmpty({ buffers: { src } }: Call): boolean {
  return src.length > 1 && src[0].len === 0;
}

function hasEmpty({ buffers: { src, dst } }: Call): boolean {
  return [...src, ...dst].some(({ len }) => len === 0);
}

/** A key behind another is taken and forgotten, as long as all of them are good. */
function forgets(good: (key: Uint8Array) => boolean): Fault {
  return {
    setkey: (key, keys, next) =>
      keys.length > 0 && [key, ...keys].every((known) => good(known)) ? 0 : next(key),
  };
}

/** A refused key replaces the one before. */
function replaces(good: (key: Uint8Array) => boolean, other: Uint8Array): Fault {
  return {
    setkey: (key, _keys, next) => {
      if (good(key)) return next(key);
      next(other);
      return -EINVAL;
    },
  };
}

/** What has no key writes before it says so. */
const WRITES_WITHOUT: Fault = {
  operate: (call, next) => {
    const err = next();
    if (err === -ENOKEY && call.keys.length === 0) spoilText(call);
    return err;
  },
};

/** A copy of the key is freed as it is. */
const LEAVES_KEY: Fault = {
  operate: ({ buffers, keys }, next) => {
    const { machine } = buffers.memory;
    const copy = must(machine.slab.kmalloc(64, 'canary'));
    if (keys.length > 0) writeKernel(machine, copy, keys[0].subarray(0, 64));
    machine.slab.kfree(copy);
    return next();
  },
};

/** Another key than the given one is used, always the same. */
const WRONG_KEY: Fault = {
  setkey: (key, _keys, next) => next(key.map((byte) => byte ^ 1)),
};

const aesKey = (key: Uint8Array): boolean => AES_KEYS.includes(key.length);

/** A request that goes on with the IV that the last one left does not hand it on. */
function losesCarriedIv(): Fault {
  let left = '';
  return {
    operate: ({ bytes }, next) => {
      const iv = bytes.slice();
      const err = next();
      if (Buffer.from(iv).toString('hex') === left) bytes.set(iv);
      left = Buffer.from(bytes).toString('hex');
      return err;
    },
  };
}

const LONG = 'more than 64 KiB, however split, is the same';
const LOSES_LONG = spoiling(({ len, buffers: { src } }) => len > 65536 && src.length > 1);

const SKCIPHER_FAULTS: Readonly<Record<string, Fault>> = {
  'text and IV are those of the definition': WRONG_KEY,
  'in place, in two lists or apart, however split, is the same': spoiling(
    (call) => call.buffers.layout.inplace !== 'no' && !hasEmpty(call) && call.len < 1000,
  ),
  [LONG]: LOSES_LONG,
  'empty segments anywhere change nothing': spoiling(beginsEmpty),
  'behind cryptd it completes once, with the same': spoiling(({ driver }) =>
    driver.startsWith('cryptd('),
  ),
  'decryption undoes encryption': {
    operate: ({ buffers, enc, len }, next) => {
      const err = next();
      // Whole blocks are decrypted before a length is refused.
      if (!enc && err !== -ENOKEY) spoil(buffers, 0, len - (len % 16));
      return err;
    },
  },
  'consecutive requests carry a message on in the IV': losesCarriedIv(),
  'the last key counts': forgets(aesKey),
  'a refused key leaves the one before, or none': replaces(aesKey, new Uint8Array(16)),
  'without a key nothing happens': WRITES_WITHOUT,
  'a refused length leaves what its whole units leave': {
    operate: (call, next) => {
      const err = next();
      if (err === -EINVAL && call.len > 16) spoil(call.buffers, 0, 16);
      return err;
    },
  },
  'what was freed is zero': LEAVES_KEY,
};

/** The last byte of the tag is not compared. */
const SHORT_TAG: Fault = {
  operate: ({ enc, setauthsize }, next) => {
    if (!enc) setauthsize(15);
    const err = next();
    setauthsize(16);
    return err;
  },
};

const AEAD_FAULTS: Readonly<Record<string, Fault>> = {
  'text, tag and IV are those of the definition': WRONG_KEY,
  'in place, in two lists or apart, however split, is the same': spoiling(
    (call) => call.buffers.layout.inplace !== 'no' && !hasEmpty(call) && call.len < 1000,
  ),
  [LONG]: LOSES_LONG,
  'empty segments anywhere change nothing': spoiling(beginsEmpty),
  'behind cryptd it completes once, with the same': spoiling(({ driver }) =>
    driver.startsWith('cryptd('),
  ),
  'decryption undoes encryption': spoiling(({ enc }) => !enc),
  'every byte of tag, text and associated data matters': SHORT_TAG,
  'a request leaves nothing behind for the next': spoiling(
    ({ driver, results }) => results.at(-1) === -EBADMSG && !driver.startsWith('cryptd('),
  ),
  'the last key counts': forgets(aesKey),
  'a refused key leaves none, a refused tag size the one before': {
    setauthsize: (authsize, next) => {
      const err = next(authsize);
      if (err !== 0) next(8);
      return err;
    },
  },
  'without a key nothing happens': WRITES_WITHOUT,
  [REFUSES]: {
    operate: (call, next) => {
      const err = next();
      if (err === -EINVAL && call.enc) spoilText(call);
      return err;
    },
  },
  'what was freed is zero': LEAVES_KEY,
};

const HASH_FAULTS: Readonly<Record<string, Fault>> = {
  'the digest is that of the definition': WRONG_KEY,
  'however the message is split in memory, the digest is the same': spoiling(
    (call) => call.buffers.src.length > 1 && !hasEmpty(call) && !call.driver.startsWith('cryptd('),
    spoilResult,
  ),
  'empty segments anywhere change nothing': spoiling(beginsEmpty, spoilResult),
  'update, finup and final give the digest, whatever the parts': {
    update: (driver, count) => count === 3 && !driver.startsWith('cryptd('),
  },
  'behind cryptd it completes once, with the same': spoiling(
    ({ driver }) => driver.startsWith('cryptd('),
    spoilResult,
  ),
  'an exported state goes on as often as it is imported': {
    import: (times, message, next) => (times === 0 ? next() : message.init()),
  },
  'a digest may be written over its own message': {
    operate: ({ bytes }, next) => {
      // Written before the message is read; where there is no digest the poison must stay.
      const before = bytes.slice();
      bytes.fill(0, 0, 16);
      const err = next();
      if (err !== 0) bytes.set(before);
      return err;
    },
  },
  'the last key counts': forgets((key) => key.length === 16),
  'a refused key leaves none, or changes nothing where none is needed': {
    setkey: (key, keys, next) => {
      const err = next(key);
      if (err !== 0) next(keys[0]);
      return err;
    },
  },
  'what was freed is zero': LEAVES_KEY,
};

const SEED = 3;

/** The laws of a kind that an API with this fault breaks. */
function broken<R extends Algorithm>(
  laws: readonly Law<R>[],
  trial: Trial<R>,
  fault: Fault,
): readonly string[] {
  const lab = new Lab((machine) => new FaultyApi(new ConvertedApi(machine), fault));
  return laws
    .filter(({ about }) => about?.(trial) ?? true)
    .filter((law) => lab.broken(law, trial, SEED) !== null)
    .map(({ name }) => name);
}

function rowOf<K extends Algorithm['kind']>(
  kind: K,
  name: string,
): Extract<Algorithm, { readonly kind: K }> {
  const isWanted = (row: Algorithm): row is Extract<Algorithm, { readonly kind: K }> =>
    row.kind === kind && row.name === name;
  const found = ALGORITHMS.find(isWanted);
  if (found === undefined) throw new Error(`no row ${name}`);
  return found;
}

const CIPHER = {
  row: rowOf('skcipher', 'cbc(aes)'),
  driver: 'cbc-aes-accel',
  async: false,
  queued: true,
  fast: true,
};
const AEAD = {
  row: rowOf('aead', 'gcm(aes)'),
  driver: 'gcm-aes-accel',
  async: false,
  queued: true,
  fast: true,
};
/** The plain one refuses nothing. */
const ESP = {
  row: rowOf('aead', 'rfc4106(gcm(aes))'),
  driver: 'rfc4106(gcm-aes-accel)',
  async: false,
  queued: true,
  fast: true,
};
const HASH = {
  row: rowOf('ahash', 'ghash'),
  driver: 'ghash-generic',
  async: false,
  queued: true,
  fast: false,
};

describe('each law of a cipher rings alone', () => {
  test('all have a canary, and without one all are silent', () => {
    expect(Object.keys(SKCIPHER_FAULTS)).toEqual(SKCIPHER_LAWS.map(({ name }) => name));
    expect(broken(SKCIPHER_LAWS, CIPHER, {})).toEqual([]);
  });

  test.each(SKCIPHER_LAWS)('$name', ({ name }) => {
    expect(broken(SKCIPHER_LAWS, CIPHER, SKCIPHER_FAULTS[name])).toEqual([name]);
  });
});

describe('each law of an AEAD rings alone', () => {
  test('all have a canary, and without one all are silent', () => {
    expect(Object.keys(AEAD_FAULTS)).toEqual(AEAD_LAWS.map(({ name }) => name));
    expect(broken(AEAD_LAWS, AEAD, {})).toEqual([]);
  });

  test.each(AEAD_LAWS)('$name', ({ name }) => {
    const trial = name === REFUSES ? ESP : AEAD;
    expect(broken(AEAD_LAWS, trial, AEAD_FAULTS[name])).toEqual([name]);
  });
});

describe('each law of a hash rings alone', () => {
  test('all have a canary, and without one all are silent', () => {
    expect(Object.keys(HASH_FAULTS)).toEqual(HASH_LAWS.map(({ name }) => name));
    expect(broken(HASH_LAWS, HASH, {})).toEqual([]);
  });

  test.each(HASH_LAWS)('$name', ({ name }) => {
    expect(broken(HASH_LAWS, HASH, HASH_FAULTS[name])).toEqual([name]);
  });
});

/** What any law must notice, and how it says so. */
const ALARMS: readonly (readonly [what: string, fault: Fault, says: string])[] = [
  [
    'a byte behind the destination',
    {
      operate: ({ buffers: { memory, dst } }, next) => {
        const err = next();
        const { mem } = memory.machine;
        const last = dst[dst.length - 1].runs.at(-1);
        if (last === undefined) return err;
        const behind = last.phys + last.len - PHYS_BASE;
        mem.u8[behind] ^= 1;
        mem.markDirty(behind, 1);
        return err;
      },
    },
    'not part of the destination',
  ],
  [
    'memory that is kept',
    {
      operate: ({ buffers: { memory } }, next) => {
        must(memory.machine.slab.kmalloc(8, 'canary'));
        return next();
      },
    },
    'slab of canary not given back',
  ],
  [
    'a condition that a kernel would warn about',
    {
      operate: ({ buffers: { memory } }, next) => {
        memory.machine.warn('canary');
        return next();
      },
    },
    'canary',
  ],
  [
    'a broken contract',
    {
      operate: () => {
        throw new KernelBug('canary');
      },
    },
    'canary',
  ],
];

/** An API that says that it has moved the iterators of its caller. */
class Moving extends ConvertedApi {
  override prepare(buffers: Buffers): Iterators {
    const at = super.prepare(buffers);
    at.moved = () => ['src moved by 16'];
    return at;
  }
}

describe('whatever a law is about, it notices', () => {
  const [law] = SKCIPHER_LAWS;

  test.each(ALARMS)('%s', (_what, fault, says) => {
    const lab = new Lab((machine) => new FaultyApi(new ConvertedApi(machine), fault));
    expect(lab.broken(law, CIPHER, SEED)).toContain(says);
  });

  test('iterators that were moved', () => {
    const lab = new Lab((machine) => new Moving(machine));
    expect(lab.broken(law, CIPHER, SEED)).toContain('src moved by 16');
  });

  test('that it has compared nothing', () => {
    const lab = new Lab((machine) => new ConvertedApi(machine));
    const idle = { name: 'idle', check: () => undefined };
    expect(lab.broken(idle, CIPHER, SEED)).toBe('idle: nothing was compared');
  });
});

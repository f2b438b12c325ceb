/**
 * Goal: at every stage of a conversion both registries offer every name, a call crosses from one side to the
 * other without anybody seeing it, and what a scatterlist cannot say is refused.
 * Method: the registries field by field against those of complete APIs; random cases on each stage under the
 * judge; the shims broken in one way each, until a check rings.
 */
import { expect, test } from 'vitest';
import type { CryptoApi } from '../../converted/crypto-api.ts';
import { cryptoApiInit as convertedInit } from '../../converted/init.ts';
import { ITER_DEST, ITER_SOURCE, iovIterBvec } from '../../converted/iter/iov-iter.ts';
import {
  cryptoAllocSkcipher,
  cryptoFreeSkcipher,
  cryptoSkcipherEncrypt,
  cryptoSkcipherSetkey,
  isSkcipher,
  type SkcipherAlg,
  type SkcipherOp,
  skcipherRequestAlloc,
  skcipherRequestFree,
  skcipherRequestSetCallback,
  skcipherRequestSetCrypt,
} from '../../converted/skcipher.ts';
import type { CryptoApi as LegacyCryptoApi } from '../../legacy/crypto-api.ts';
import { cryptoApiInit as legacyInit } from '../../legacy/init.ts';
import { sgNext } from '../../legacy/lists/scatterlist.ts';
import {
  isSkcipher as isListSkcipher,
  type SkcipherAlg as ListSkcipherAlg,
} from '../../legacy/skcipher.ts';
import { BVEC_NO_PAGE, BvecList, bvecAppend, bvecLen, bvecPhys } from '../../src/bvec.ts';
import { CRYPTO_ALG_TYPE_MASK, CRYPTO_ALG_TYPE_SKCIPHER } from '../../src/crypto/algorithm.ts';
import { EBUSY, EINPROGRESS, EOPNOTSUPP } from '../../src/errno.ts';
import { must } from '../../src/machine/access.ts';
import { Machine } from '../../src/machine/machine.ts';
import { Harness } from '../campaign/harness.ts';
import type { Case, Segment } from '../case/case.ts';
import { CaseGenerator } from '../case/generate.ts';
import { judgeTrial } from '../judge/judge.ts';
import { ConvertedApi } from '../subjects/converted.ts';
import { LegacyApi } from '../subjects/legacy.ts';
import type { Side } from '../subjects/machine-subject.ts';
import { partialSides, STAGES, StageSide } from '../subjects/partial-sides.ts';
import { bothSides } from '../subjects/sides.ts';
import { type HalfOf, partialApis, partialNames } from './partial.ts';

const MEMORY = 1 << 22;
const TEXT = Uint8Array.from({ length: 64 }, (_, i) => i);
/** Lookups that build instances, some of them over instances. */
const BUILT = [
  ...['cbc(aes)', 'gcm(aes)', 'rfc4106(gcm(aes))', 'authenc(hmac(sha256),cbc(aes))', 'xts(aes)'],
  ...['cryptd(gcm-aes-accel)', 'pcrypt(gcm_base(ctr(aes-generic),ghash-generic))', 'cmac(aes)'],
  ...[
    'hmac(sha1)',
    'essiv(cbc(aes),sha256)',
    'adiantum(xchacha12,aes)',
    'nosuch(aes)',
    'gcm(sha256)',
  ],
];

function describe(registry: ReturnType<typeof legacyInit>['registry']): string[] {
  for (const name of BUILT) registry.find(name, 0, 0);
  return registry.list().map((alg) => {
    const { name, driverName, priority, flags, blocksize, alignmask } = alg;
    return JSON.stringify({ name, driverName, priority, flags, blocksize, alignmask });
  });
}

test.each(STAGES)(
  '$name: names, priorities, flags and sizes are those of a complete API',
  (stage) => {
    const apis = partialApis(new Machine({ memory: MEMORY }), stage.halfOf);
    const whole = { legacy: legacyInit, converted: convertedInit }[stage.caller];
    const expected = describe(whole(new Machine({ memory: MEMORY })).registry);
    const found = describe(apis[stage.caller].registry);
    expect(found.filter((row) => !expected.includes(row))).toEqual([]);
    expect(expected.filter((row) => !found.includes(row))).toEqual([]);
    expect(found).toHaveLength(expected.length);
  },
);

test('every driver and every template may have one half', () => {
  const asked = new Set<string>();
  const { legacy, converted } = partialApis(new Machine({ memory: MEMORY }), (name) => {
    asked.add(name);
    return 'both';
  });
  expect([...asked].toSorted()).toEqual(partialNames(legacy.registry).toSorted());
  expect([...asked].toSorted()).toEqual(partialNames(converted.registry).toSorted());
});

test('a driver of one API that nobody has converted is offered by the other', () => {
  const { legacy, converted, isShim } = partialApis(new Machine({ memory: MEMORY }), () => 'both', {
    own: (apis) => {
      const alg = apis.legacy.registry.find('cbc-aes-accel', 0, 0);
      if (typeof alg === 'number' || !isListSkcipher(alg)) throw new Error('no such driver');
      apis.legacy.registry.register({ ...alg, driverName: 'cbc-aes-mine', priority: 5000 });
    },
  });
  for (const { registry } of [legacy, converted]) {
    const alg = registry.find('cbc(aes)', CRYPTO_ALG_TYPE_SKCIPHER, CRYPTO_ALG_TYPE_MASK);
    expect(alg).toMatchObject({ driverName: 'cbc-aes-mine', priority: 5000 });
    expect(typeof alg !== 'number' && isShim(alg)).toBe(registry === converted.registry);
  }
});

test('random cases on every stage', () => {
  const harness = new Harness((machine) => [
    ...bothSides(machine),
    ...partialSides(machine, 'all'),
  ]);
  const generator = new CaseGenerator();
  const ran = new Map<string, number>();
  for (let i = 0; i < 40; i++) {
    const trial = harness.run(generator.at(3, i));
    expect(judgeTrial(trial), `case ${i}`).toEqual([]);
    for (const { subject } of trial.observations) ran.set(subject, (ran.get(subject) ?? 0) + 1);
  }
  for (const { name } of STAGES) expect(ran.get(name)).toBeGreaterThan(25);
});

test('what an old authencesn moves does not destroy what source and destination share', () => {
  const harness = new Harness((machine) => [
    ...bothSides(machine),
    ...partialSides(machine, 'all'),
  ]);
  const page = (len: number): Segment => ({ kind: 'page', offset: 0, len });
  const c: Case = {
    version: 4,
    alg: 'authencesn(hmac(sha256),cbc(aes))',
    kind: 'aead',
    driver: 'authencesn(hmac(sha256-generic),cbc(aes-generic))',
    async: false,
    op: 'decrypt',
    key: `0800010000000020${'11'.repeat(20)}${'22'.repeat(32)}`,
    iv: { seed: 1, len: 16 },
    ad: { seed: 2, len: 8 },
    text: { seed: 3, len: 240 },
    tag: null,
    authsize: 32,
    room: 0,
    tamper: null,
    layout: {
      inplace: 'no',
      src: [page(280)],
      dst: [page(5), { ...page(4), shares: 'source' }, page(239)],
      chain: 0,
    },
    hash: { final: 'digest', updates: [], reimport: false },
    context: {
      ...{ sleep: false, backlog: false, atomic: false, reuse: false },
      ...{ fault: 0, gather: 0, forbidWeak: false },
    },
    seed: 4,
  };
  const trial = harness.run(c);
  expect(judgeTrial(trial)).toEqual([]);
  expect(trial.observations.map(({ subject }) => subject)).toContain('converted over legacy');
});

test('a notice that an old template swallowed is not missed where its request was over before its answer', () => {
  const harness = new Harness((machine) => partialSides(machine, 'all'));
  const page = (len: number): Segment => ({ kind: 'page', offset: 0, len });
  const text = { seed: 3, len: 32 };
  const iv = { seed: 1, len: 16 };
  const ad = { seed: 2, len: 8 };
  const layout: Case['layout'] = {
    inplace: 'no',
    src: [page(72)],
    dst: [page(72)],
    chain: 0,
  };
  const hash = { final: 'digest', updates: [], reimport: false } as const;
  const one = { op: 'decrypt', iv, ad, text, tag: null, room: 0, tamper: null, layout } as const;
  const first: Case = {
    version: 4,
    alg: 'authencesn(hmac(sha256),cbc(aes))',
    kind: 'aead',
    driver: 'authencesn(cryptd(hmac(sha256-generic)),cryptd(cbc(aes-generic)))',
    async: true,
    key: `0800010000000020${'11'.repeat(20)}${'22'.repeat(32)}`,
    ...one,
    authsize: 32,
    hash,
    context: {
      ...{ sleep: false, backlog: true, atomic: false, reuse: false, early: true },
      ...{ fault: 0, gather: 0, forbidWeak: false },
    },
    seed: 0,
    program: {
      ...{ transforms: [], queue: 1, freeEarly: false, misuse: null },
      requests: [0, 1].map(() => ({
        ...{ when: 'now', steps: 0, of: 0, reuse: false, backlog: true, cpu: 0, tfm: 0 },
        ...one,
        hash,
      })),
    },
  };
  let untold = 0;
  for (let seed = 0; seed < 8; seed++) {
    const trial = harness.run({ ...first, seed });
    expect(judgeTrial(trial), `seed ${seed}`).toEqual([]);
    for (const { observations } of [trial, ...trial.further]) {
      const shim = observations.find(({ subject }) => subject === 'converted over legacy');
      if (shim?.ret === -EBUSY && !shim.completions.includes(-EINPROGRESS)) untold++;
    }
  }
  expect(untold).toBeGreaterThan(0);
});

test('key agreement without an input does not ask for one that was there before', () => {
  const harness = new Harness((machine) => [
    ...bothSides(machine),
    ...partialSides(machine, 'all'),
  ]);
  const generator = new CaseGenerator(['ffdhe2048(dh)']);
  const drawn = Array.from({ length: 200 }, (_, i) => generator.at(1, i));
  const generate = drawn.filter(({ op, program }) => op === 'generate' && program === undefined);
  expect(generate.length).toBeGreaterThan(3);
  for (const c of generate.slice(0, 4)) {
    expect(harness.judge({ ...c, context: { ...c.context, reuse: true } })).toEqual([]);
  }
});

const ALL_LEGACY: HalfOf = () => 'legacy';
const ALL_CONVERTED: HalfOf = () => 'converted';

test('memory without struct page is refused by a driver that has a scatterlist half only', () => {
  const machine = new Machine({ memory: MEMORY });
  const device = must(machine.allocDevice(64));
  machine.store(device, TEXT);
  const encrypt = (api: CryptoApi): number => {
    const tfm = cryptoAllocSkcipher(api, 'cbc-aes-accel', 0, 0);
    if (typeof tfm === 'number') return tfm;
    cryptoSkcipherSetkey(tfm, new Uint8Array(16));
    const req = must(skcipherRequestAlloc(tfm));
    const bvec = [{ phys: device, len: 64, flags: BVEC_NO_PAGE }];
    const src = iovIterBvec(machine, ITER_SOURCE, bvec, 1, 64);
    skcipherRequestSetCallback(req, 0, null, null);
    skcipherRequestSetCrypt(
      req,
      src,
      iovIterBvec(machine, ITER_DEST, bvec, 1, 64),
      64,
      new Uint8Array(16),
    );
    const err = cryptoSkcipherEncrypt(req);
    skcipherRequestFree(req);
    cryptoFreeSkcipher(tfm);
    return err;
  };
  const before = machine.ledger.holdings();
  expect(encrypt(partialApis(machine, ALL_LEGACY).converted)).toBe(-EOPNOTSUPP);
  expect(machine.load(device, 64)).toEqual(TEXT);
  expect(encrypt(convertedInit(machine))).toBe(0);
  expect(machine.load(device, 64)).not.toEqual(TEXT);
  expect(machine.ledger.holdings()).toEqual(before);
});

/** Cases that break a rule, until a canary has been heard by some of them: a lost entry may be a wrong length. */
const MOST_RINGING = 6;

/** Cases of one driver, until some of them break a rule. @returns the checks that ring for them */
function ringing(driver: string, sideOf: (machine: Machine) => Side): readonly string[] {
  const harness = new Harness((machine) => [...bothSides(machine), sideOf(machine)]);
  const generator = new CaseGenerator(['cbc(aes)']);
  const rung = new Set<string>();
  let cases = 0;
  for (let i = 0; i < 100 && cases < MOST_RINGING; i++) {
    const drawn = generator.at(5, i);
    const c: Case = { ...drawn, driver, async: driver.startsWith('cryptd(') };
    if (c.program !== undefined || c.iterator !== undefined || c.op !== 'encrypt') continue;
    const found = harness.judge(c).filter(({ subject }) => subject === 'broken');
    if (found.length > 0) cases++;
    for (const { check } of found) rung.add(check);
  }
  return [...rung];
}

type Run = SkcipherAlg['encrypt'];
type ListRun = ListSkcipherAlg['encrypt'];

/** The converted API over a driver of the legacy one, whose shim has a fault. */
function brokenOverLists(driver: string, broken: (run: Run) => Run) {
  return (machine: Machine): Side => {
    const make = (): CryptoApi => {
      const { converted } = partialApis(machine, ALL_LEGACY);
      const alg = converted.registry.find(driver, CRYPTO_ALG_TYPE_SKCIPHER, CRYPTO_ALG_TYPE_MASK);
      if (typeof alg === 'number' || !isSkcipher(alg)) throw new Error(`no ${driver}`);
      converted.registry.replace(Object.assign({ ...alg }, { encrypt: broken(alg.encrypt) }));
      return converted;
    };
    return new StageSide(machine, new ConvertedApi(machine, true, 'broken', make));
  };
}

/** The legacy API over a driver of the converted one, whose shim has a fault. */
function brokenOverBvecs(driver: string, broken: (run: ListRun) => ListRun) {
  return (machine: Machine): Side => {
    const make = (): LegacyCryptoApi => {
      const { legacy } = partialApis(machine, ALL_CONVERTED, { legacy: { zeroLength: 'fixed' } });
      const alg = legacy.registry.find(driver, CRYPTO_ALG_TYPE_SKCIPHER, CRYPTO_ALG_TYPE_MASK);
      if (typeof alg === 'number' || !isListSkcipher(alg)) throw new Error(`no ${driver}`);
      legacy.registry.replace(Object.assign({ ...alg }, { encrypt: broken(alg.encrypt) }));
      return legacy;
    };
    return new StageSide(machine, new LegacyApi(machine, true, 'broken', make));
  };
}

/** The list without its last entry. */
function shortened(list: SkcipherOp['src']): BvecList {
  const short = new BvecList();
  if (!(list instanceof BvecList)) return short;
  for (let k = 0; k < Math.max(list.nr - 1, 1); k++) {
    bvecAppend(short, bvecPhys(list, k), bvecLen(list, k), list.flags[k]);
  }
  return short;
}

const QUEUED = 'cryptd(cbc-aes-accel)';

test.each<readonly [string, string, string, (run: Run) => Run]>([
  ['nothing', 'cbc-aes-accel', '', (run) => run],
  [
    'the IV is not written back',
    'cbc-aes-accel',
    'IV',
    (run) => (op) => {
      const { iv } = op;
      op.iv = iv.slice();
      const err = run(op);
      op.iv = iv;
      return err;
    },
  ],
  [
    'the last entry is lost',
    'cbc-aes-accel',
    'OUT',
    (run) => (op) => {
      const { len, src, dst } = op;
      op.src = shortened(src);
      op.dst = src === dst ? op.src : dst;
      op.len = Math.min(op.src.size, len);
      return run(op);
    },
  ],
  [
    'the completion is not passed on',
    QUEUED,
    'LIVE',
    (run) => (op) => {
      op.complete = () => undefined;
      return run(op);
    },
  ],
  [
    'the notice of a completion is passed on twice',
    QUEUED,
    'CB',
    (run) => (op) => {
      const { complete } = op;
      op.complete = (data, err) => {
        complete?.(data, err);
        complete?.(data, err);
      };
      return run(op);
    },
  ],
])('bio_vec to scatterlist, canary: %s', (_name, driver, check, broken) => {
  const rung = ringing(driver, brokenOverLists(driver, broken));
  expect(rung).toEqual(check === '' ? [] : expect.arrayContaining([check]));
});

test.each<readonly [string, string, string, (run: ListRun) => ListRun]>([
  ['nothing', 'cbc-aes-accel', '', (run) => run],
  [
    'the IV is not written back',
    'cbc-aes-accel',
    'IV',
    (run) => (req) => {
      const { iv } = req;
      req.iv = iv.slice();
      const err = run(req);
      req.iv = iv;
      return err;
    },
  ],
  [
    'the first entry is lost',
    'cbc-aes-accel',
    'RET',
    (run) => (req) => {
      const { src, dst, cryptlen } = req;
      const next = src === null ? null : sgNext(src);
      if (src === null || next === null) return run(req);
      req.src = next;
      req.cryptlen -= src.length;
      if (src === dst) req.dst = next;
      const err = run(req);
      Object.assign(req, { src, dst, cryptlen });
      return err;
    },
  ],
  [
    'the completion is not passed on',
    QUEUED,
    'LIVE',
    (run) => (req) => {
      req.complete = () => undefined;
      return run(req);
    },
  ],
])('scatterlist to bio_vec, canary: %s', (_name, driver, check, broken) => {
  const rung = ringing(driver, brokenOverBvecs(driver, broken));
  expect(rung).toEqual(check === '' ? [] : expect.arrayContaining([check]));
});

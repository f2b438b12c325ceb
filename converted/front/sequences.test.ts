/**
 * Goal: whatever is called, in whatever order, with valid input or not, nothing stays held and no text
 * stays in memory.
 * Method: random sequences of calls on a machine with its ledger on; what is held is compared with what
 * was held before, and memory is searched for the text of every message.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createCrypto, type SgCrypto } from './index.ts';

/** Sequences; each is a handful of calls. `SG2ITER_SEQUENCES=10000` runs more of them. */
const { SG2ITER_SEQUENCES = '1000' } = process.env;
const RUNS = Number(SG2ITER_SEQUENCES);
/** A byte that fills every text: 64 of them in a row are found nowhere by chance. */
const MARK = 0xa7;

type Call = (sg: SgCrypto) => Promise<unknown> | unknown;

const key = new Uint8Array(16);
const lengths = fc.constantFrom(0, 1, 15, 16, 64, 100, 1000);
const size = fc.constantFrom(0, 8, 12, 16);

/** One value that is no bytes, or a hole. */
function spoiled(pieces: Uint8Array[], how: number): unknown {
  if (how === 0) return [...pieces, 'text'];
  if (how === 1) return Object.assign(new Array(3), { 0: pieces[0] });
  return how === 2 ? null : pieces;
}

function piecesOf(lens: readonly number[]): Uint8Array[] {
  return lens.map((len) => new Uint8Array(len).fill(MARK));
}

const call: fc.Arbitrary<Call> = fc
  .record({
    what: fc.constantFrom('gcm', 'ctr', 'cbc', 'xts', 'sha', 'mac', 'message', 'unknown', 'typo'),
    lens: fc.array(lengths, { maxLength: 3 }),
    ivLen: size,
    spoil: fc.nat(12),
    abort: fc.nat(5),
    async: fc.boolean(),
    decrypt: fc.boolean(),
    leave: fc.boolean(),
  })
  .map(({ what, lens, ivLen, spoil, abort, async, decrypt, leave }) => (sg: SgCrypto) => {
    const data = spoiled(piecesOf(lens), spoil) as Uint8Array[];
    const iv = new Uint8Array(ivLen);
    const controller = new AbortController();
    if (abort === 0) controller.abort('before');
    const input = { iv, data, signal: controller.signal };
    const wrapped = (name: string): string => (async ? `cryptd(${name})` : name);
    const done = (run: Promise<unknown>, close: () => Promise<void>): Promise<unknown> => {
      if (abort === 1) controller.abort('after');
      return run.finally(() => (leave ? undefined : close()));
    };
    switch (what) {
      case 'gcm': {
        const gcm = sg.aead(wrapped('gcm(aes)'), { key });
        const tag = new Uint8Array(16);
        const run = decrypt ? gcm.decrypt({ ...input, tag }) : gcm.encrypt(input);
        return done(run, () => gcm.close());
      }
      case 'sha':
      case 'mac': {
        const hash = what === 'sha' ? sg.hash('sha256') : sg.hash('hmac(sha256)', { key });
        return done(hash.digest(data, { signal: controller.signal }), () => hash.close());
      }
      case 'message': {
        const hash = sg.hash('sha1');
        const message = hash.start();
        const run = message.update(data).then<unknown>(() => {
          return decrypt ? message.digest() : message.close();
        });
        return done(
          run.finally(() => message.close()),
          () => hash.close(),
        );
      }
      case 'unknown':
        return sg.skcipher('none(such)', { key });
      case 'typo':
        return sg.aead('gcm(aes)', { key, authSize: 1 } as { key: Uint8Array });
      default: {
        const name = wrapped(`${what}(aes)`);
        const cipher = sg.skcipher(name, { key: what === 'xts' ? new Uint8Array(31) : key });
        return done(decrypt ? cipher.decrypt(input) : cipher.encrypt(input), () => cipher.close());
      }
    }
  });

/** Where 64 marked bytes stand in memory; -1 for nowhere. */
function textIn(sg: SgCrypto): number {
  return Buffer.from(sg.api.machine.mem.u8.buffer).indexOf(Buffer.alloc(64, MARK));
}

test('sequences of valid and invalid calls leave ledger and memory as they were', async () => {
  let sg = createCrypto({ memory: 1 << 18, checks: true });
  let calls = 0;
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 5 }), async (sequence) => {
      const results = await Promise.allSettled(sequence.map(async (run) => run(sg)));
      calls += results.length;
      refused += results.filter(({ status }) => status === 'rejected').length;
      if (calls % 64 < 60) return;
      const { machine } = sg.api;
      await sg.close();
      expect(machine.ledger.holdings()).toEqual([]);
      expect(textIn(sg)).toBe(-1);
      sg = createCrypto({ memory: 1 << 18, checks: true });
    }),
    { numRuns: RUNS, seed: 1 },
  );
  await sg.close();
  expect(sg.api.machine.ledger.holdings()).toEqual([]);
  expect(refused).toBeGreaterThan(RUNS / 10);
  expect(calls - refused).toBeGreaterThan(RUNS / 10);
});

test('a text that stays in memory is found', async () => {
  const sg = createCrypto({ memory: 1 << 18, checks: true });
  const { machine } = sg.api;
  const at = machine.slab.kmalloc(64, 'residue');
  expect(at).not.toBeNull();
  machine.mem.u8.fill(MARK, 8192, 8256);
  expect(textIn(sg)).toBeGreaterThan(-1);
  await sg.close();
});

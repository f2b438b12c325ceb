/**
 * Goal: a machine without checks, where engines do whole operations, gives what a machine with checks
 * gives, whose drivers walk: for every cipher and hash of the table, in short and in long.
 * Method: the front door on both, over the row's own keys, IVs and associated data, in pieces.
 */
import { expect, test } from 'vitest';
import {
  type AeadOutput,
  CryptoError,
  createCrypto,
  type SgCrypto,
} from '../converted/front/index.ts';
import { fillSeeded, Prng } from '../src/prng.ts';
import type { AeadRow, Algorithm, HashRow, SkcipherRow } from './algorithms/row.ts';
import { ALGORITHMS, algorithmOf } from './algorithms.ts';
import { materialise } from './case/case.ts';

type Row = AeadRow | HashRow | SkcipherRow;

/** Short, and above every size at which an engine changes its way or begins another piece. */
const LENGTHS = [48, 16_448];
/** Templates over accelerated children, where an accelerated driver has the name. */
const INSTANCES: readonly (readonly [driver: string, name: string])[] = [
  ['gcm_base(ctr-aes-accel,ghash-generic)', 'gcm(aes)'],
  ['ccm_base(ctr(aes-generic),cbcmac(aes-generic))', 'ccm(aes)'],
  ['cryptd(ctr-aes-accel)', 'ctr(aes)'],
  ['pcrypt(gcm-aes-accel)', 'gcm(aes)'],
  ['cts(cbc-aes-accel)', 'cts(cbc(aes))'],
];

const noise = new Uint8Array(20_000);
fillSeeded(noise, 5);

function pieces(len: number): Uint8Array[] {
  return [noise.subarray(0, 5), noise.subarray(5, len - 7), noise.subarray(len - 7, len)];
}

async function answered(run: () => Promise<unknown>): Promise<unknown> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof CryptoError) return error.code;
    throw error;
  }
}

/** A key that the row takes, and the same each time. */
function keyOf({ key }: Row, prng: Prng): Uint8Array {
  for (;;) {
    const drawn = materialise(key.draw?.(prng) ?? '');
    if (key.check(drawn) === 0) return drawn;
  }
}

function ivOf({ drawIv, ivsize }: AeadRow | SkcipherRow, prng: Prng): Uint8Array {
  return drawIv === undefined ? noise.subarray(9, 9 + ivsize) : materialise(drawIv(prng));
}

async function runSkcipher(sg: SgCrypto, name: string, row: SkcipherRow): Promise<unknown[]> {
  const prng = new Prng(1);
  const cipher = sg.skcipher(name, { key: keyOf(row, prng) });
  const iv = ivOf(row, prng);
  const answers: unknown[] = [];
  for (const len of LENGTHS) {
    answers.push(await answered(() => cipher.encrypt({ iv, data: pieces(len) })));
    answers.push(await answered(() => cipher.decrypt({ iv, data: pieces(len) })));
  }
  await cipher.close();
  return answers;
}

async function runAead(sg: SgCrypto, name: string, row: AeadRow): Promise<unknown[]> {
  const prng = new Prng(1);
  const key = keyOf(row, prng);
  const aead = sg.aead(name, { key });
  const iv = ivOf(row, prng);
  const ad = materialise(row.drawAd(prng, key, iv));
  const answers: unknown[] = [];
  for (const len of LENGTHS) {
    const sealed = await answered(() => aead.encrypt({ iv, ad, data: pieces(len) }));
    answers.push(sealed);
    if (typeof sealed === 'string') continue;
    const { data, tag } = sealed as AeadOutput;
    answers.push(await answered(() => aead.decrypt({ iv, ad, data, tag })));
    tag[0] ^= 1;
    answers.push(await answered(() => aead.decrypt({ iv, ad, data, tag })));
    tag[0] ^= 1;
  }
  await aead.close();
  return answers;
}

async function runHash(sg: SgCrypto, name: string, row: HashRow): Promise<unknown[]> {
  const hash = sg.hash(name, row.key.draw === null ? {} : { key: keyOf(row, new Prng(1)) });
  const answers: unknown[] = [];
  for (const len of LENGTHS) answers.push(await answered(() => hash.digest(pieces(len))));
  await hash.close();
  return answers;
}

function run(sg: SgCrypto, name: string, row: Algorithm | null): Promise<unknown[]> {
  if (row?.kind === 'skcipher') return runSkcipher(sg, name, row);
  if (row?.kind === 'aead') return runAead(sg, name, row);
  if (row?.kind === 'ahash') return runHash(sg, name, row);
  throw new Error(`${name} is nothing for the front door`);
}

/** Whether two answers are alike; `toEqual` takes milliseconds for 16 KiB. */
function isSame(one: unknown, other: unknown): boolean {
  const [a, b] = [one, other].map((answer) =>
    answer instanceof Uint8Array || typeof answer !== 'object'
      ? [answer]
      : Object.values(answer ?? {}),
  );
  return a.every((value, k) =>
    value instanceof Uint8Array && b[k] instanceof Uint8Array
      ? Buffer.compare(value, b[k]) === 0
      : value === b[k],
  );
}

test('every cipher and hash gives the same with and without engines', async () => {
  const sides = [false, true].map((checks) => createCrypto({ memory: 1 << 20, checks }));
  const kinds = new Set(['skcipher', 'aead', 'ahash']);
  const rows = ALGORITHMS.filter((row) => kinds.has(row.kind) && row.isLibraryOnly !== true);
  const names = rows.map(({ name }) => [name, name]);
  let right = 0;
  let refused = 0;
  for (const [driver, name] of [...names, ...INSTANCES]) {
    const [fast, checked] = await Promise.all(
      sides.map((sg) => run(sg, driver, algorithmOf(name))),
    );
    expect(fast.length, driver).toBe(checked.length);
    fast.forEach((answer, k) => {
      if (!isSame(answer, checked[k])) expect(answer, `${driver}, answer ${k}`).toEqual(checked[k]);
      if (typeof answer === 'string') refused++;
      else right++;
    });
  }
  for (const sg of sides) await sg.close();
  expect(right).toBeGreaterThan(600);
  expect(refused).toBeLessThan(right / 3);
});

/**
 * Goal: the promise front door answers cases as the APIs below it do, what it has no words for is said, and what
 * it must not do is seen.
 * Method: drawn cases on the compiled thread beside the library; one question after the other, without a thread;
 * buffers that are changed behind its back.
 */
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { EBADMSG, EINVAL, ENOMEM } from '../../../src/errno.ts';
import { Harness } from '../../campaign/harness.ts';
import type { Case } from '../../case/case.ts';
import { CaseGenerator } from '../../case/generate.ts';
import { judgeTrial } from '../../judge/judge.ts';
import { allSides } from '../sides.ts';
import { CallerBuffer, lengthsWithin } from './arrays.ts';
import { FrontCaller, Unasked } from './front-caller.ts';
import { FrontSide } from './front-side.ts';
import type { FrontQuestion } from './question.ts';

const CASES = 160;
/** Node 20 starts no thread from TypeScript. */
const THREAD = new URL('../../../dist/conformance/subjects/front/front-thread.js', import.meta.url);
const isMissing = !existsSync(THREAD);

const GCM: FrontQuestion = {
  kind: 'aead',
  driver: 'gcm-aes-accel',
  enc: true,
  key: new Uint8Array(16),
  authsize: 12,
  iv: new Uint8Array(12),
  ad: new Uint8Array(5),
  text: new Uint8Array(100),
  tag: new Uint8Array(0),
  src: [3, 40, 0, 62],
  dst: [5, 50, 50],
  inplace: 'no',
  updates: null,
  faults: [],
  gather: 16,
  again: true,
  seed: 1,
};

test.skipIf(isMissing)('drawn cases have no finding, and what is not asked is told why', () => {
  const harness = new Harness((machine) => [
    ...allSides(machine),
    new FrontSide(/* every */ true, THREAD),
  ]);
  const generator = new CaseGenerator();
  const reasons = new Map<string, number>();
  let ran = 0;
  for (let i = 0; i < CASES; i++) {
    const c = generator.at(3, i);
    const trial = harness.run(c);
    expect(judgeTrial(trial), JSON.stringify(c)).toEqual([]);
    if (trial.observations.some(({ subject }) => subject === 'front')) ran++;
    for (const { subject, reason } of trial.absent ?? []) {
      if (subject === 'front') reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    }
  }
  expect(ran).toBeGreaterThan(CASES / 4);
  expect(ran + [...reasons.values()].reduce((sum, count) => sum + count, 0)).toBe(CASES);
  expect([...reasons.keys()].filter((reason) => /at once|source/.test(reason))).toEqual([]);
});

test.skipIf(isMissing)(
  'a hash that need not have a key is not asked with one that is refused',
  () => {
    const harness = new Harness((machine) => [
      ...allSides(machine),
      new FrontSide(/* every */ true, THREAD),
    ]);
    const c: Case = {
      ...new CaseGenerator(['crc32c']).at(1, 0),
      ...{ op: 'digest', key: '0102030405', program: undefined },
    };
    const plain = { ...c, hash: { final: 'digest' as const, updates: [], reimport: false } };
    const trial = harness.run({ ...plain, context: { ...c.context, atomic: false, reuse: false } });
    expect(judgeTrial(trial)).toEqual([]);
    expect(trial.absent).toContainEqual({
      subject: 'front',
      reason: 'refused for a key that it need not have: there is no transform',
    });
  },
);

test('what is random is that of its question, whatever was asked before', async () => {
  const caller = new FrontCaller();
  const question = { ...GCM, driver: 'seqiv(rfc4106(gcm-aes-accel))', authsize: 16 };
  const sealing = {
    ...question,
    key: new Uint8Array(20),
    iv: new Uint8Array(8),
    ad: new Uint8Array(8),
  };
  const [first, other, again] = [
    await caller.ask(sealing),
    await caller.ask({ ...sealing, seed: 2 }),
    await caller.ask(sealing),
  ];
  expect(first.result?.ret).toBe(0);
  expect(again.result?.output).toEqual(first.result?.output);
  expect(other.result?.output).not.toEqual(first.result?.output);
});

test('a part of the cases is put to it by itself, and none where there is no thread', () => {
  const generator = new CaseGenerator(['sha256']);
  const reasonsOf = (side: FrontSide): Map<string | null, number> => {
    const reasons = new Map<string | null, number>();
    for (let i = 0; i < CASES; i++) {
      const c: Case = { ...generator.at(1, i), program: undefined };
      const reason = side.declines(c);
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    }
    return reasons;
  };
  const nowhere = new URL('nowhere.js', import.meta.url);
  const source = reasonsOf(new FrontSide(true, nowhere));
  expect(source.has(null)).toBe(false);
  const asked = source.get('runs from source: no thread in which its promises are awaited') ?? 0;
  expect(asked).toBeGreaterThan(CASES / 4);
  const part = reasonsOf(new FrontSide(false, nowhere));
  const others = part.get('another part of the cases') ?? 0;
  expect(others).toBeGreaterThan((asked * 3) / 4);
  expect(others).toBeLessThan(asked);
});

test('one message comes out twice alike, and back in place with its tag', async () => {
  const front = new FrontCaller();
  const { result, again, leaks, warnings, trap } = await front.ask(GCM);
  expect([leaks, warnings, trap, result?.ret, result?.changed]).toEqual([[], [], null, 0, []]);
  expect(again).toEqual(result);
  const sealed = result?.output ?? new Uint8Array(0);
  expect(sealed.length).toBe(112);
  for (const inplace of ['no', 'same', 'twin'] as const) {
    const question = { ...GCM, enc: false, text: sealed.slice(0, 100), tag: sealed.slice(100) };
    const opened = await front.ask({ ...question, inplace, again: false });
    expect(opened.result?.output).toEqual(GCM.text);
    const forged = { ...question, inplace, ad: new Uint8Array(5).fill(1) };
    const { result: refused } = await front.ask(forged);
    expect([refused?.ret, refused?.changed, refused?.output.length]).toEqual([-EBADMSG, [], 0]);
  }
});

test('what is refused has its errno, and an allocation that fails leaves nothing', async () => {
  const front = new FrontCaller();
  const short = await front.ask({ ...GCM, key: new Uint8Array(15) });
  expect([short.setkey, short.result]).toEqual([-EINVAL, null]);
  const tag = await front.ask({ ...GCM, authsize: 3 });
  expect([tag.setkey, tag.setauthsize, tag.result]).toEqual([0, -EINVAL, null]);
  await expect(front.ask({ ...GCM, authsize: 99 })).rejects.toThrow(Unasked);
  const { trap } = await front.ask({ ...GCM, driver: 7 as unknown as string });
  expect(trap).toMatch('TypeError: name: a string expected');
  const fails = await front.ask({ ...GCM, faults: [{ point: 'kmalloc', nth: 1 }] });
  expect([fails.result?.ret, fails.again?.ret, fails.leaks]).toEqual([-ENOMEM, 0, []]);
});

test('what is thrown past the promises of a question is its trap, and nobody else is asked wrongly', async () => {
  const front = new FrontCaller();
  expect(() => front.strayed(new Error('too early'))).toThrow('too early');
  await front.ask(GCM);
  const asked = front.ask(GCM);
  front.strayed(new Error('completed twice'));
  expect((await asked).trap).toContain('completed twice');
  expect((await front.ask(GCM)).trap).toBe(null);
  expect(() => front.strayed(new Error('too late'))).toThrow('too late');
});

test('a guard, a source and a failure that writes are seen; lists are cut as they are', () => {
  const buffer = new CallerBuffer(10, 1, new Uint8Array(10));
  expect([buffer.changed(false), buffer.cut([4, 0, 6]).map(({ length }) => length)]).toEqual([
    null,
    [4, 0, 6],
  ]);
  buffer.bytes[3] = 1;
  expect([buffer.changed(false), buffer.changed(true)]).toEqual([3, null]);
  const whole = new Uint8Array(buffer.bytes.buffer);
  whole[buffer.bytes.byteOffset + 10] ^= 1;
  expect(buffer.changed(true)).toBe(10);
  expect(lengthsWithin([3, 40, 0, 62], 5, 100)).toEqual([38, 0, 62]);
  expect(lengthsWithin([3, 40, 0, 62], 0, 5)).toEqual([3, 2]);
});

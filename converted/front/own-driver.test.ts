/**
 * Goal: a driver of one's own takes part in the front door: it is found by its name, and it may complete
 * later and use the machine.
 * Method: a device that takes a step of its walk at a time, registered, wrapped, refused.
 */
import { expect, test } from 'vitest';
import { WorkQueue } from '../../src/machine/index.ts';
import {
  bvecWalkDone,
  bvecWalkNext,
  bvecWalkStart,
  CRYPTO_ALG_ASYNC,
  CRYPTO_ALG_TYPE_SKCIPHER,
  EINPROGRESS,
  opComplete,
  type SkcipherAlg,
  type SkcipherOp,
} from '../index.ts';
import { createCrypto, type SgCrypto } from './index.ts';

/** Inverts bytes, one range of adjacent memory in each turn of its queue. */
function inverter({ api }: SgCrypto, driverName: string): SkcipherAlg<object> {
  const queue = new WorkQueue(driverName, 'softirq');
  const { scheduler } = api.machine;
  const crypt = (op: SkcipherOp<object>): number => {
    const { walk, src, dst, len } = op;
    const err = bvecWalkStart(walk, src, dst, len);
    if (err !== 0) return err;
    const step = (): void => {
      if (!bvecWalkNext(walk, 1)) {
        opComplete(op, 0);
        return;
      }
      const bytes = walk.mem.load(walk.srcAt, walk.nbytes).map((byte) => byte ^ 0xff);
      walk.mem.store(walk.dstAt, bytes);
      bvecWalkDone(walk);
      scheduler.queueWork(queue, step);
    };
    scheduler.queueWork(queue, step);
    return -EINPROGRESS;
  };
  const sizes = { blocksize: 1, alignmask: 0, minKeysize: 1, maxKeysize: 1, ivsize: 0 };
  return {
    ...{ kind: 'skcipher', name: 'invert', driverName, priority: 1 },
    flags: CRYPTO_ALG_TYPE_SKCIPHER | CRYPTO_ALG_ASYNC,
    ...{ ...sizes, chunksize: 1, walksize: 1 },
    init: () => ({}),
    exit: () => undefined,
    setkey: () => 0,
    encrypt: crypt,
    decrypt: crypt,
  } as const;
}

test('a driver of your own serves requests of the front door, and is told no when it cannot', async () => {
  const sg = createCrypto({ memory: 1 << 18, checks: true });
  sg.register(inverter(sg, 'invert-device'));
  const clash = { ...inverter(sg, 'other'), name: 'invert-device' };
  expect(() => sg.register(clash)).toThrow('driver other: EEXIST');
  expect(() => sg.register({ ...inverter(sg, 'other'), name: '' })).toThrow('other: EINVAL');
  for (const name of ['invert', 'invert-device']) {
    const cipher = sg.skcipher(name, { key: new Uint8Array(1) });
    expect(cipher.driver).toBe('invert-device');
    const data = new Uint8Array(20_000).map((_, k) => k);
    const requests = Array.from({ length: 20 }, () => cipher.encrypt({ data: [data, data] }));
    for (const { data: out } of await Promise.all(requests)) {
      expect(
        Buffer.compare(
          out.subarray(20_000),
          data.map((byte) => 255 - byte),
        ),
      ).toBe(0);
    }
    await cipher.close();
  }
  const rows = sg.algorithms().filter(({ driver }) => driver === 'invert-device');
  expect(rows).toMatchObject([{ name: 'invert', kind: 'skcipher', async: true, priority: 1 }]);
  await sg.close();
  expect(sg.api.machine.ledger.holdings()).toEqual([]);
});

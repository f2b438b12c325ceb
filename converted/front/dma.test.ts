/**
 * Goal: whoever stops in the middle of a batch on a device leaves nothing pinned and nothing mapped.
 * Method: records of many requests through each engine, taken back when some of them are done.
 */
import { expect, test } from 'vitest';
import { createCrypto } from './index.ts';

test.each(['sgdma', 'linedma'])(
  '%s: nothing stays pinned or mapped behind an abort',
  async (engine) => {
    const sg = createCrypto({ checks: true, memory: 1 << 20 });
    const gcm = sg.aead(`gcm-aes-${engine}`, { key: new Uint8Array(16) });
    const stop = new AbortController();
    const records = Array.from({ length: 300 }, (_, i) => ({
      iv: new Uint8Array(12).fill(i),
      data: new Uint8Array(5000).fill(i),
      signal: stop.signal,
    }));
    let done = 0;
    const answers = await Promise.allSettled(
      records.map(async (record) => {
        await gcm.encrypt(record);
        if (++done === 100) stop.abort();
      }),
    );
    const lost = answers.filter(({ status }) => status === 'rejected').length;
    expect(lost).toBeGreaterThan(0);
    expect(lost).toBeLessThan(records.length);
    await sg.close();
    const { ledger, dma } = sg.api.machine;
    expect([ledger.count('pin'), dma.mappings.length, ledger.count('dma')]).toEqual([0, 0, 0]);
  },
);

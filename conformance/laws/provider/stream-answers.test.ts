/**
 * Goal: ARC4 and AEGIS-128 are the published ones, however a message is cut.
 * Method: known answers of their specifications, over a memory that rings at accesses out of line.
 */
import { describe, expect, it } from 'vitest';
import { aegis128 } from '../../../src/provider/soft/aegis128.ts';
import { Arc4 } from '../../../src/provider/soft/arc4.ts';
import { physAddr } from '../../../src/units.ts';
import { cutRuns, LawMemory, sampleBytes, throughRuns } from './laws.ts';

const zeros = (size: number): Uint8Array => new Uint8Array(size);

describe('ARC4', () => {
  it.each([
    ['0102030405', 'b2396305f03dc027ccc3524a0a1118a8'],
    ['01020304050607', '293f02d47f37c9b633f2af5285feb46b'],
    ['0102030405060708090a0b0c0d0e0f10', '9ac7cc9a609d1ef7b2932899cde41b97'],
  ])('answers RFC 6229 2 under the key %s', (key, stream) => {
    const arc4 = new Arc4(hex(key));
    const out = throughRuns(zeros(16), [16], true, (...run) => arc4.crypt(...run));
    expect(toHex(out)).toBe(stream);
  });

  it('goes on where the last run ended', () => {
    const key = sampleBytes(13, 1);
    const whole = new Arc4(key);
    const cut = new Arc4(key);
    const text = sampleBytes(70_000, 2);
    const once = throughRuns(text, [text.length], false, (...run) => whole.crypt(...run));
    const runs = cutRuns(text.length, 1, 3);
    expect(toHex(throughRuns(text, runs, true, (...run) => cut.crypt(...run)))).toBe(toHex(once));
  });
});

/** AEGIS v1.1, appendix: key, nonce, associated data, text, ciphertext, tag. */
const AEGIS: readonly (readonly [string, string, string, string, string, string])[] = [
  [
    '00'.repeat(16),
    '00'.repeat(16),
    '',
    '00'.repeat(16),
    '951b050fa72b1a2fc16d2e1f01b07d7e',
    'a7d2a99773249542f422217ee888d5f1',
  ],
  [
    '00'.repeat(16),
    '00'.repeat(16),
    '00'.repeat(16),
    '00'.repeat(16),
    '10b0dee65a97d751205c128a992473a1',
    '46dcb9ee93c46cf13731d41b9646c131',
  ],
  [
    `0001${'00'.repeat(14)}`,
    `0000${'02'}${'00'.repeat(13)}`,
    '00010203',
    '00'.repeat(16),
    '2b78f5c1618da39afbb2920f5dae02b0',
    '74759cd0e19314650d6c635b563d80fd',
  ],
];

describe('AEGIS-128', () => {
  it.each(AEGIS)('answers its specification: key %s, nonce %s', (key, nonce, ad, text, ct, tag) => {
    expect(sealed(hex(key), hex(nonce), hex(ad), hex(text), [hex(text).length])).toBe(ct + tag);
  });

  it('does not depend on how data and text are cut, and opens what it sealed', () => {
    const key = sampleBytes(16, 1);
    const nonce = sampleBytes(16, 2);
    for (const len of [0, 1, 15, 16, 17, 40, 100, 300]) {
      const text = sampleBytes(len, len);
      const ad = sampleBytes((len * 7) % 50, len);
      const once = sealed(key, nonce, ad, text, [len]);
      expect(sealed(key, nonce, ad, text, cutRuns(len, 1, len))).toBe(once);
      const open = aegis128(key).start(false, nonce);
      const mem = new LawMemory(400);
      mem.put(physAddr(1), ad);
      open.aad(mem, physAddr(1), ad.length);
      const opened = throughRuns(hex(once.slice(0, 2 * len)), cutRuns(len, 1, 5), true, (...run) =>
        open.crypt(...run),
      );
      expect(toHex(opened)).toBe(toHex(text));
      expect(open.verify(hex(once.slice(2 * len)))).toBe(true);
    }
  });

  it('refuses a tag of which one bit is wrong', () => {
    const key = sampleBytes(16, 1);
    const tag = hex(sealed(key, zeros(16), zeros(0), zeros(20), [20]).slice(40));
    for (let bit = 0; bit < 128; bit++) {
      const wrong = tag.slice();
      wrong[bit >>> 3] ^= 1 << (bit & 7);
      const states = [tag, wrong].map((given) => {
        const state = aegis128(key).start(true, zeros(16));
        throughRuns(zeros(20), [20], true, (...run) => state.crypt(...run));
        return state.verify(given);
      });
      expect(states).toEqual([true, false]);
    }
  });
});

/** Ciphertext and tag. */
function sealed(
  key: Uint8Array,
  nonce: Uint8Array,
  ad: Uint8Array,
  text: Uint8Array,
  runs: readonly number[],
): string {
  const state = aegis128(key).start(true, nonce);
  const mem = new LawMemory(400);
  mem.put(physAddr(3), ad);
  let at = 0;
  for (const len of cutRuns(ad.length, 1, runs.length)) {
    state.aad(mem, physAddr(3 + at), len);
    at += len;
  }
  const out = throughRuns(text, runs, false, (...run) => state.crypt(...run));
  const tag = new Uint8Array(16);
  state.tag(tag);
  return toHex(out) + toHex(tag);
}

function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'hex'));
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/**
 * Goal: the shadow is exact to the byte on both ends, for ranges of any length.
 * Method: random markings and accesses against a model that looks at every byte; lengths beyond the
 * 64 KiB of one comparison round.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  SHADOW_FREE,
  SHADOW_FREED_OBJECT,
  SHADOW_INIT,
  SHADOW_REDZONE,
  SHADOW_UNINIT,
  Shadow,
} from './shadow.ts';

const SIZE = 4096;
const range = fc.record({ offset: fc.nat(SIZE - 1), len: fc.nat(300) });
const state = fc.constantFrom(
  SHADOW_FREE,
  SHADOW_UNINIT,
  SHADOW_INIT,
  SHADOW_REDZONE,
  SHADOW_FREED_OBJECT,
);

function refuses(access: () => void): boolean {
  try {
    access();
    return false;
  } catch {
    return true;
  }
}

test('reads, writes and copies are refused exactly when one of their bytes forbids it', () => {
  const marks = fc.array(fc.tuple(range, state), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(marks, fc.array(range, { maxLength: 8 }), (markings, accesses) => {
      const shadow = new Shadow(SIZE);
      const model = new Uint8Array(SIZE);
      for (const [{ offset, len }, value] of markings) {
        const part = Math.min(len, SIZE - offset);
        shadow.mark(offset, part, value);
        model.fill(value, offset, offset + part);
      }
      for (const access of accesses) {
        const len = Math.min(access.len, SIZE - access.offset);
        const bytes = model.subarray(access.offset, access.offset + len);
        const allocated = bytes.every((s) => s === SHADOW_INIT || s === SHADOW_UNINIT);
        const readable = bytes.every((s) => s === SHADOW_INIT);
        expect(refuses(() => shadow.checkRead(access.offset, len))).toBe(!readable);
        expect(refuses(() => shadow.checkAllocated(access.offset, len))).toBe(!allocated);
        expect(refuses(() => shadow.checkWrite(access.offset, len))).toBe(!allocated);
        if (allocated) bytes.fill(SHADOW_INIT);
      }
      for (let i = 0; i < SIZE; i++) expect(shadow.at(i)).toBe(model[i]);
    }),
    { numRuns: 60 },
  );
});

test.each([1, 13, 64, 65, 4096, 65535, 65536, 65537, 200_000])(
  'one byte too many of %i is seen before, behind and in the middle',
  (len) => {
    const shadow = new Shadow(256 * 1024);
    shadow.mark(100, len, SHADOW_INIT);
    shadow.checkRead(100, len);
    expect(() => shadow.checkRead(99, len)).toThrow('read of free page');
    expect(() => shadow.checkRead(100, len + 1)).toThrow('read of free page');
    shadow.mark(100 + (len >> 1), 1, SHADOW_REDZONE);
    expect(() => shadow.checkWrite(100, len)).toThrow('write of red zone');
    shadow.mark(100 + (len >> 1), 1, SHADOW_FREED_OBJECT);
    expect(() => shadow.checkAllocated(100, len)).toThrow('access of freed object');
  },
);

test('a write initialises exactly its bytes, and a copy carries what its source was', () => {
  const shadow = new Shadow(SIZE);
  shadow.mark(0, 100, SHADOW_UNINIT);
  shadow.checkWrite(10, 20);
  shadow.copy(50, 5, 30);
  shadow.checkRead(55, 20);
  expect(() => shadow.checkRead(54, 1)).toThrow('uninitialised');
  expect(() => shadow.checkRead(75, 1)).toThrow('uninitialised');
});

test('a report names the first bad byte and where it is in the access', () => {
  const shadow = new Shadow(SIZE);
  shadow.mark(0, 100, SHADOW_INIT);
  expect(() => shadow.checkRead(90, 20)).toThrow(/offset=100, inside=10, len=20/);
});

/**
 * Goal: the interpreter of a program is exchanged and nothing else.
 * Method: a program header table written by hand, and the running node binary as a real one.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { neededGlibc, setInterpreter } from './elf.ts';

const OLD = '/lib64/ld-linux-x86-64.so.2\0';

function program(type: number): Uint8Array {
  const image = new Uint8Array(256);
  const view = new DataView(image.buffer);
  view.setUint32(0, 0x7f454c46);
  view.setUint16(4, 0x0201);
  view.setBigUint64(32, 64n, true);
  view.setUint16(54, 56, true);
  view.setUint16(56, 2, true);
  view.setUint32(64 + 56, type, true);
  view.setBigUint64(64 + 56 + 8, 200n, true);
  view.setBigUint64(64 + 56 + 32, BigInt(OLD.length), true);
  image.set(Buffer.from(OLD, 'latin1'), 200);
  return image;
}

test('the interpreter is replaced and the rest of its space cleared', () => {
  const image = program(3);
  const before = image.slice();
  setInterpreter(image, 'rt/ld.so');
  expect(Buffer.from(image.subarray(200, 228)).toString('latin1')).toBe(
    'rt/ld.so'.padEnd(28, '\0'),
  );
  expect([...image.subarray(0, 200)]).toEqual([...before.subarray(0, 200)]);
  expect([...image.subarray(228)]).toEqual([...before.subarray(228)]);
});

test('what cannot be patched is refused', () => {
  expect(() => setInterpreter(program(3), 'x'.repeat(28))).toThrow('longer than 27 characters');
  expect(() => setInterpreter(program(1), 'x')).toThrow('no interpreter');
  expect(() => setInterpreter(new Uint8Array(64), 'x')).toThrow('not a 64-bit ELF file');
});

test('the newest C library that a program names is found', () => {
  expect(neededGlibc(Buffer.from('x GLIBC_2.5 GLIBC_2.38\0GLIBC_2.4'))).toBe(38);
  expect(neededGlibc(readFileSync(process.execPath))).toBeGreaterThan(1);
});

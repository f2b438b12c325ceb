/**
 * Goal: Linux unpacks the archive. Method: every entry is read back as the kernel reads it.
 * C: init/initramfs.c (6.1)
 */
import { expect, test } from 'vitest';
import { initramfs } from './initramfs.ts';

interface Entry {
  readonly name: string;
  readonly mode: number;
  readonly bytes: string;
}

/** A header of 110 bytes, name and bytes behind it, each of which ends at a multiple of four. */
function unpacked(archive: Buffer): Entry[] {
  const entries: Entry[] = [];
  for (let at = 0; at < archive.length; ) {
    const number = (i: number): number =>
      Number.parseInt(archive.toString('latin1', at + 6 + 8 * i, at + 14 + 8 * i), 16);
    expect(archive.toString('latin1', at, at + 6)).toBe('070701');
    const [mode, size, nameSize] = [number(1), number(6), number(11)];
    const name = archive.toString('latin1', at + 110, at + 109 + nameSize);
    const start = (at + 110 + nameSize + 3) & ~3;
    entries.push({ name, mode, bytes: archive.toString('latin1', start, start + size) });
    at = (start + size + 3) & ~3;
  }
  return entries;
}

test('files of any length come back, and the end is marked', () => {
  const files = ['', 'a', 'abc', 'abcd', 'abcde'].map((text, i) => ({
    name: 'x'.repeat(i + 1),
    bytes: Buffer.from(text),
    isProgram: i === 0,
  }));
  expect(unpacked(initramfs(files))).toEqual([
    ...files.map(({ name, bytes, isProgram }) => ({
      name,
      mode: isProgram ? 0o100755 : 0o100644,
      bytes: bytes.toString(),
    })),
    { name: 'TRAILER!!!', mode: 0, bytes: '' },
  ]);
});

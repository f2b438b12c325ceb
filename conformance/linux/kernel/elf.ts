/**
 * Gives a copy of an ELF program another dynamic loader. Debian's user-mode kernels 6.12 and 7.2
 * need a newer C library than Debian 12 has, and `ld.so ./linux` does not help: user-mode Linux
 * starts itself a second time.
 * @module
 */

const PT_INTERP = 3;

/**
 * Overwrites the interpreter of a 64-bit little-endian ELF image in place. A path relative to the
 * working directory is fine.
 * @throws RangeError if it is no such image, has no interpreter, or the path is too long.
 */
export function setInterpreter(image: Uint8Array, path: string): void {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  if (image.length < 64 || view.getUint32(0) !== 0x7f454c46 || view.getUint16(4) !== 0x0201)
    throw new RangeError('not a 64-bit ELF file');
  const table = Number(view.getBigUint64(32, true));
  const entrySize = view.getUint16(54, true);
  const entries = view.getUint16(56, true);
  for (let i = 0; i < entries; i++) {
    const entry = table + i * entrySize;
    if (view.getUint32(entry, true) !== PT_INTERP) continue;
    const offset = Number(view.getBigUint64(entry + 8, true));
    const size = Number(view.getBigUint64(entry + 32, true));
    if (path.length + 1 > size) throw new RangeError(`${path}: longer than ${size - 1} characters`);
    image.fill(0, offset, offset + size);
    image.set(Buffer.from(path, 'latin1'), offset);
    return;
  }
  throw new RangeError('statically linked, no interpreter');
}

/** The newest `GLIBC_2.N` that an image names, as N; 0 if it names none. */
export function neededGlibc(image: Uint8Array): number {
  let newest = 0;
  for (const match of Buffer.from(image)
    .toString('latin1')
    .matchAll(/GLIBC_2\.(\d+)/g))
    newest = Math.max(newest, Number(match[1]));
  return newest;
}

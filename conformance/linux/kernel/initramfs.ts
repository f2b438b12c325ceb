/**
 * The first file system of a kernel: an archive of the kind that Linux unpacks by itself.
 * @module
 */

/** One file of the archive. */
export interface ArchiveFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** May it be executed? */
  readonly isProgram?: boolean;
}

const REGULAR = 0o100000;
const [PROGRAM, PLAIN] = [0o755, 0o644];
const WORD = 4;
const TRAILER = 'TRAILER!!!';

/** The files as a cpio archive of the form `newc`. Folders are not made: names have no slash. */
export function initramfs(files: readonly ArchiveFile[]): Buffer {
  const entries = files.map(({ name, bytes, isProgram = false }, i) =>
    entry(name, bytes, REGULAR | (isProgram ? PROGRAM : PLAIN), i + 1),
  );
  return Buffer.concat([...entries, entry(TRAILER, new Uint8Array(0), 0, 0)]);
}

/** A header of thirteen numbers, the name, the bytes; each part is filled up to a word. */
function entry(name: string, bytes: Uint8Array, mode: number, inode: number): Buffer {
  const nameBytes = Buffer.from(`${name}\0`, 'latin1');
  const [links, nothing] = [1, 0];
  const numbers = [
    ...[inode, mode, nothing, nothing, links, nothing, bytes.length],
    ...[nothing, nothing, nothing, nothing, nameBytes.length, nothing],
  ];
  const header = `070701${numbers.map((n) => n.toString(16).padStart(8, '0')).join('')}`;
  return Buffer.concat([padded(Buffer.concat([Buffer.from(header), nameBytes])), padded(bytes)]);
}

function padded(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & (WORD - 1))]);
}

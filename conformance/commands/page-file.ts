/**
 * Files that commands write.
 * @module
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../terminal/exit.ts';
import { makeFolder } from '../terminal/folders.ts';

/** Writes a page and says so on stderr. @throws UsageError naming the file when it cannot be written. */
export function writePage(file: string, page: string): void {
  write(file, () => writeFileSync(file, page));
  console.error(`${file}: ${kibibytes(page)} KiB`);
}

/** Writes pages into a folder, which is made, and says how many. @throws UsageError as `writePage` */
export function writePages(
  folder: string,
  pages: readonly { readonly name: string; readonly page: string }[],
): void {
  write(folder, () => makeFolder(folder));
  for (const { name, page } of pages) {
    const file = join(folder, name);
    write(file, () => writeFileSync(file, page));
  }
  const size = pages.reduce((sum, { page }) => sum + kibibytes(page), 0);
  console.error(`${folder}: ${pages.length} pages, ${size} KiB`);
}

function kibibytes(page: string): number {
  return Math.ceil(Buffer.byteLength(page) / 1024);
}

function write(file: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new UsageError(`${file}: cannot be written: ${code}`);
  }
}

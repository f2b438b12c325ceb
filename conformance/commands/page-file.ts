/**
 * Files that commands write.
 * @module
 */
import { writeFileSync } from 'node:fs';
import { UsageError } from '../terminal/exit.ts';

/** Writes a page and says so on stderr. @throws UsageError naming the file when it cannot be written. */
export function writePage(file: string, page: string): void {
  try {
    writeFileSync(file, page);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new UsageError(`${file}: cannot be written: ${code}`);
  }
  console.error(`${file}: ${Math.ceil(Buffer.byteLength(page) / 1024)} KiB`);
}

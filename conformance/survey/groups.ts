/** Sums of files by a key, shared by every output. */
import { WAVES } from './assess/wave.ts';
import type { Census, CensusFile } from './census.ts';
import { WEIGHTS } from './data/weights.ts';

/** Files, sites and hours of one group. */
export interface Sum {
  files: number;
  sites: number;
  hours: number;
}

/** Files that touch lists. */
export function touchingFiles(census: Census): CensusFile[] {
  return census.files.filter((f) => f.touches);
}

/** Sums by `key`, in the order in which the keys first appear. */
export function sumBy(
  files: readonly CensusFile[],
  key: (file: CensusFile) => string,
): Map<string, Sum> {
  const sums = new Map<string, Sum>();
  for (const file of files) {
    const name = key(file);
    const sum = sums.get(name) ?? { files: 0, sites: 0, hours: 0 };
    sums.set(name, sum);
    sum.files++;
    sum.sites += file.sites;
    sum.hours += file.hours;
  }
  return sums;
}

/** The sum under `key`, zero when absent. */
export function sumOf(sums: ReadonlyMap<string, Sum>, key: string): Sum {
  return sums.get(key) ?? { files: 0, sites: 0, hours: 0 };
}

/** Files of one wave, largest first. */
export function filesOfWave(census: Census, wave: number): CensusFile[] {
  return census.files.filter((f) => f.wave === wave).sort((a, b) => b.hours - a.hours);
}

/** Numbers of the waves. */
export function waveNumbers(): number[] {
  return WAVES.map((_, wave) => wave);
}

/** Area of the tree, for tables by directory. */
export function areaOf(path: string): string {
  if (/^arch\/[^/]+\/(?:lib\/)?crypto\//.test(path)) return 'arch/*/crypto';
  if (path.startsWith('drivers/crypto/')) return 'drivers/crypto';
  if (path.startsWith('lib/crypto/')) return 'lib/crypto';
  if (/^include\/(?:crypto\/|linux\/crypto\.h)/.test(path)) return 'include/crypto';
  const top = path.slice(0, path.indexOf('/'));
  return top === 'crypto' ? 'crypto' : `callers: ${top}`;
}

/** Hours as a range: half to double, as `4-16`. */
export function hoursRange(hours: number): string {
  const low = hours * WEIGHTS.rangeLow;
  const digits = low < 5 ? 1 : 0;
  return `${low.toFixed(digits)}-${(hours * WEIGHTS.rangeHigh).toFixed(digits)}`;
}

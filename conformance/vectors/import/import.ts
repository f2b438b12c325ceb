/**
 * Makes `data/vectors.txt.gz` and `data/sources.json` from Debian's python3-cryptography-vectors:
 *
 *     apt-get download python3-cryptography-vectors
 *     dpkg -x python3-cryptography-vectors_*.deb vectors
 *     npm run build && node dist/conformance/vectors/import/import.js vectors
 *
 * The same package gives the same vectors. The compressed form may differ with another zlib, so what
 * identifies the data is the digest of the text inside, which the sources name.
 * @module
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { formatVectors, type Vector, type VectorSource, type VectorText } from '../vector.ts';
import { type Ended, runImporter, whenStarted } from './command.ts';
import { type AboutFiles, readOrigin, sha256 } from './files.ts';
import type { ImportSource } from './record.ts';
import { parseRsp, RspError } from './rsp.ts';
import { importSources } from './sources.ts';

/** The version that was imported last; the digests of the files in the data are the proof. */
const PACKAGE = 'python3-cryptography-vectors 38.0.4-1 (Debian 12)';
const INSIDE = 'usr/lib/python3/dist-packages/cryptography_vectors';
const LICENCE = 'not copyrightable (debian/copyright of the package, which is Apache-2.0)';
/** What the two files say of themselves. */
export const ABOUT: AboutFiles = {
  name: 'vectors',
  index: 'sources',
  origin: PACKAGE,
  licence: LICENCE,
};
const RULE = 'left out by the rule of choice: enough of its class are here';
const REPEATED = 'the same bytes as an earlier vector';

/**
 * All vectors that are kept, from an unpacked package or the folder `cryptography_vectors` in it.
 * @throws RspError naming the file and the field that is missing or malformed.
 */
export function importVectors(folder: string): VectorText {
  const inside = join(folder, INSIDE);
  const root = existsSync(inside) ? inside : folder;
  const sources: VectorSource[] = [];
  const vectors: Vector[] = [];
  for (const source of importSources()) {
    const kept = importSource(root, source);
    vectors.push(...kept.vectors);
    sources.push(kept.source);
  }
  return {
    sources,
    text: formatVectors(
      vectors,
      sources.map((s) => s.name),
    ),
  };
}

/** Exit code and lines of the command: a report and 0, or 2 and one line that names what is wrong. */
export function main(args: readonly string[]): Ended {
  return runImporter(
    {
      name: 'import',
      folder: 'unpacked package',
      units: 'records',
      about: ABOUT,
      read: importVectors,
    },
    args,
  );
}

interface Imported {
  readonly source: VectorSource;
  readonly vectors: readonly Vector[];
}

function importSource(root: string, source: ImportSource): Imported {
  const vectors: Vector[] = [];
  const files: { path: string; sha256: string }[] = [];
  const omitted = new Map<string, number>();
  const inClass = new Map<string, number>();
  const seen = new Set<string>();
  const omit = (reason: string): void => {
    omitted.set(reason, (omitted.get(reason) ?? 0) + 1);
  };
  for (const path of source.paths) {
    const bytes = readOrigin(root, path);
    files.push({ path, sha256: sha256(bytes) });
    const file = parseRsp(path, bytes.toString('latin1'));
    if (file.records.length === 0) throw new RspError(`${path}: has no records`);
    for (const c of source.read(file)) {
      if ('reason' in c) {
        omit(c.reason);
        continue;
      }
      const { key, iv, ad, input, output, tag } = c.vector;
      const same = [key, iv, ad, input, output, tag].join();
      const n = inClass.get(c.classOf) ?? 0;
      inClass.set(c.classOf, n + 1);
      if (seen.has(same)) omit(REPEATED);
      else if (source.keep(n, c.vector)) {
        vectors.push(c.vector);
        seen.add(same);
      } else omit(RULE);
    }
  }
  const reasons = [...omitted].map(([reason, count]) => ({ reason, count }));
  const read = reasons.reduce((sum, { count }) => sum + count, vectors.length);
  const { name } = source;
  const about = { name, count: vectors.length, read };
  return { source: { ...about, omitted: reasons, files }, vectors };
}

whenStarted(import.meta.url, main);

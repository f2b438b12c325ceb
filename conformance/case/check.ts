/**
 * Whether a case that somebody wrote can be run: that its algorithm and driver are in the table, that its
 * fields are about them, and that it fits the machine. What fields say of each other alone is the
 * business of {@link parseCase}.
 * @module
 */
import { PAGE_SIZE } from '../../src/units.ts';
import { driverOf } from '../algorithms/drivers.ts';
import { type Algorithm, isDataRow } from '../algorithms/row.ts';
import { algorithmOf } from '../algorithms.ts';
import {
  bytesLength,
  type Case,
  CaseError,
  isTagCut,
  materialise,
  type Program,
  requestCase,
  requestCount,
  sourceLength,
  targetLength,
} from './case.ts';
import { layoutFits } from './layout.ts';

/** Memory of one case: a folio is twice as large at worst, and the machine has 8 MiB. */
const MOST_BYTES = 1 << 20;
/** Longest key, bytes: no algorithm has one of a page, but what is refused is a case too. */
const MOST_KEY = 4096;

/** @throws CaseError naming `where` and the first field that cannot be. */
export function checkCase(c: Case, where: string): void {
  // What is about iterators has no algorithm, and its file is bounded where it is read.
  if (c.iterator !== undefined) return;
  const wrong = wrongAlgorithm(c) ?? wrongSize(c);
  if (wrong !== null) throw new CaseError(`${where}: ${wrong}`);
}

/** @returns the field and why, or null. */
function wrongAlgorithm(c: Case): string | null {
  const row = algorithmOf(c.alg);
  if (row === null) return `alg: unknown algorithm '${c.alg}'`;
  if (row.kind !== c.kind) return `kind: ${c.alg} is an ${row.kind}`;
  const wrong = wrongDriver(c) ?? (c.program === undefined ? null : wrongProgram(c, c.program));
  if (wrong !== null) return wrong;
  const isConverted = driverOf(c.alg, c.driver)?.converted;
  if (c.short !== undefined && isConverted !== true && !isTagCut(c)) {
    return 'short: a scatterlist has no length, and the iov_iter API has no such driver';
  }
  if (c.invalid !== undefined && isConverted !== true) {
    return 'invalid: scatterlists cannot say it, and the iov_iter API has no such driver';
  }
  return wrongRequest(c);
}

function wrongDriver({
  alg,
  driver,
  async,
}: Pick<Case, 'alg' | 'driver' | 'async'>): string | null {
  const found = driverOf(alg, driver);
  if (found === null) return `driver: '${driver}' is no driver of ${alg}`;
  return found.async === async
    ? null
    : `async: '${driver}' is ${found.async ? 'a' : ''}synchronous`;
}

function wrongProgram(c: Case, { transforms }: Program): string | null {
  for (const [number, transform] of [c, ...transforms].entries()) {
    const { alg, kind, authsize } = transform;
    const at = number === 0 ? 'program' : `program.transforms.${number - 1}`;
    const row = algorithmOf(alg);
    if (row === null) return `${at}.alg: unknown algorithm '${alg}'`;
    if (row.kind === 'skcipher' && row.streams === true) {
      return `${at}: ${alg} goes on from request to request`;
    }
    if (number === 0 && transforms.length === 0) continue;
    if (row.kind !== kind) return `${at}.kind: ${alg} is an ${row.kind}`;
    const wrong = wrongDriver(transform);
    if (wrong !== null) return `${at}.${wrong}`;
    const isTag = row.kind !== 'aead' || row.tags.check(authsize) === 0;
    if (!isTag) return `${at}.authsize: no size of a tag of ${alg}`;
  }
  return null;
}

function wrongRequest(c: Case): string | null {
  for (let number = 0; number < requestCount(c); number++) {
    const own = requestCase(c, number);
    const row = algorithmOf(own.alg);
    const wrong = row === null ? 'alg: unknown' : (wrongBytes(own, row) ?? wrongLayout(own));
    if (wrong !== null) return number === 0 ? wrong : `program.requests.${number - 1}.${wrong}`;
  }
  return null;
}

function wrongBytes(c: Case, row: Algorithm): string | null {
  const ivsize = row.kind === 'ahash' || isDataRow(row) ? 0 : row.ivsize;
  if (bytesLength(c.iv) !== ivsize) {
    return `iv: ${c.alg} takes ${ivsize} bytes, got ${bytesLength(c.iv)}`;
  }
  const notices = row.kind === 'aead' || (row.kind === 'skcipher' && row.unwraps !== undefined);
  if (c.tamper !== null && !notices) return `tamper: ${c.alg} notices no tampering`;
  if (c.invalid !== undefined && c.key !== null && row.key.check(materialise(c.key)) !== 0) {
    return 'invalid: the key is refused before';
  }
  if (row.key.draw === null && c.key !== null) return `key: ${c.alg} has none`;
  if (c.key !== null && bytesLength(c.key) > MOST_KEY) return `key: more than ${MOST_KEY} bytes`;
  const isRefused = c.key !== null && row.key.check(materialise(c.key)) !== 0;
  if (c.context.reuse && isDataRow(row) && isRefused) {
    return 'context.reuse: the key is refused, and may leave the one before';
  }
  return null;
}

function wrongLayout(c: Case): string | null {
  if (layoutFits(c)) return null;
  const need = `src ${sourceLength(c)} bytes, dst ${targetLength(c)} bytes`;
  return `layout: too short, the message needs ${need}`;
}

function wrongSize(c: Case): string | null {
  const layouts = [c.layout, ...(c.program?.requests ?? []).map(({ layout }) => layout)];
  const pages = layouts
    .flatMap(({ src, dst }) => [...src, ...dst])
    .reduce((sum, { offset, len }) => sum + Math.ceil((offset + len) / PAGE_SIZE), 0);
  return pages * PAGE_SIZE > MOST_BYTES ? `layout: more than ${MOST_BYTES} bytes of pages` : null;
}

/**
 * What an iterator of each type of Linux must answer to a program, worked out from the flat model alone:
 * calls, numbers, digests. What cannot be asked of a kernel has a reason.
 * @module
 */
import { assert } from '../../src/assert.ts';
import { PAGE_SIZE } from '../../src/units.ts';
import { type Case, materialise } from '../case/case.ts';
import {
  filePages,
  type IteratorCommand,
  type IteratorProgram,
  isOneRange,
} from '../case/iterator-case.ts';
import { type Expected, Flat, type PartType } from '../iterators/flat.ts';
import { fnv1a } from './c-text.ts';

/** Types that Linux has; queues of bio_vecs and chains are ours. */
export const LINUX_TYPES = [
  'kvec',
  'bvec',
  'iovec',
  'ubuf',
  'xarray',
  'folioq',
  'discard',
] as const;
export type LinuxType = (typeof LINUX_TYPES)[number];

/** One call, and what comes of it. `sg2iter_step` of the runner. */
export interface WalkStep {
  readonly op: string;
  readonly a: number;
  readonly b: number;
  readonly want: number;
  readonly left: number;
  readonly digest: string;
  readonly pages: readonly number[];
  readonly offset: number;
  readonly ahead: number;
  readonly aheadDigest: string;
}

export interface WalkAnswers {
  readonly type: LinuxType;
  readonly steps: readonly WalkStep[];
  /** Of the file in the end. */
  readonly digest: string;
}

/** What one call does in the model. */
interface Done {
  readonly op: string;
  readonly a?: number;
  readonly b?: number;
  readonly want?: number;
  /** Bytes that were read. */
  readonly read?: Uint8Array;
  readonly given?: Expected;
}

interface Walk {
  readonly flat: Flat;
  readonly type: LinuxType;
  readonly model: Uint8Array;
  readonly isSource: boolean;
  /** Of the bytes that the current call writes. */
  seed: number;
}

/** More than a file has; a call that is asked for more answers the same. */
const MOST = 17 * PAGE_SIZE;
/** Bytes that are looked at behind each call. */
const AHEAD = 24;
const ONE_RANGE: readonly LinuxType[] = ['ubuf', 'xarray', 'folioq'];
const USER: readonly LinuxType[] = ['iovec', 'ubuf'];
const ARRAYS: readonly LinuxType[] = ['kvec', 'bvec', 'iovec'];

/** A call; null where the command asks nothing of the type; else why a kernel cannot be asked. */
type Act = (w: Walk, a: number, b: number) => Done | null | string;

const EMPTY = 'an empty segment has no single answer';
const OURS = 'is of the converted API, and no kernel has it';

/** Commands that no kernel is asked, and why. */
const NEVER = {
  restore: 'iov_iter_restore is exported to no module',
  copyMemory: OURS,
  copyAtomic: 'the kernels have it under several names',
  copyFault: 'an access that fails needs a kernel that injects it',
  against: 'a copy against the direction is a warning',
  getPagesAlloc: 'is getPages with an array of its own',
  extractBvecs: 'iov_iter_extract_bvecs is newer than 6.1',
  faultIn: 'what is not faulted in differs between kernels',
  lower: OURS,
  lowerShared: OURS,
  lowerFlagged: OURS,
  conflict: OURS,
} as const satisfies Partial<Record<IteratorCommand['name'], string>>;

type Asked = Exclude<IteratorCommand['name'], keyof typeof NEVER>;

const ACTS: Readonly<Record<Asked, Act>> = {
  advance: ({ flat }, a) => {
    flat.at += Math.min(a, flat.count);
    return { op: 'ADVANCE', a };
  },
  revert: ({ flat }, a) => {
    const n = Math.min(a, flat.at - flat.floor);
    flat.at -= n;
    return { op: 'REVERT', a: n };
  },
  truncate: ({ flat }, a) => {
    const cut = Math.max(0, flat.count - a);
    flat.end -= cut;
    flat.hidden += cut;
    return { op: 'TRUNCATE', a };
  },
  reexpand: ({ flat }, a) => {
    const n = Math.min(a, flat.hidden);
    flat.end += n;
    flat.hidden -= n;
    return { op: 'REEXPAND', a: n };
  },
  save: () => null,
  dup: ({ flat, type }) => {
    const isArray = ARRAYS.includes(type);
    if (isArray) flat.floor = flat.at;
    return { op: 'DUP', want: isArray ? 1 : 0 };
  },
  clone: () => ({ op: 'CLONE' }),
  copy: (w, a) => copied(w, 'COPY', Math.min(a, MOST), 0),
  copyFull: (w, a) => {
    if (!w.isSource) return 'copy_to_iter_full is newer than 6.1';
    const n = Math.min(a, MOST);
    if (w.flat.reach(n) === n) return { ...copied(w, 'COPY_FULL', n, 0), want: 1 };
    return { op: 'COPY_FULL', a: n, want: 0, read: new Uint8Array(0) };
  },
  copyPage: (w, a, b) => {
    const offset = b % PAGE_SIZE;
    return copied(w, 'COPY_PAGE', Math.min(a, PAGE_SIZE - offset), offset);
  },
  zero: (w, a) => {
    const n = Math.min(a, MOST);
    const want = w.flat.reach(n);
    written(w, new Uint8Array(want));
    return { op: 'ZERO', a: n, want };
  },
  extract: (w, a, b) => given(w, 'EXTRACT', w.flat.extract(Math.min(a, MOST), b), a, b),
  getPages: (w, a, b) => {
    const most = Math.max(1, b);
    return given(w, 'GET_PAGES', w.flat.getPages(Math.min(a, MOST), most), a, most);
  },
  npages: ({ flat }, a, b) => {
    if (b !== 0) return 'iov_iter_npages_cap is for bio_vecs that are not counted';
    const [least, most] = flat.npages(flat.count);
    return least === most ? { op: 'NPAGES', a, want: Math.min(least, a) } : EMPTY;
  },
  alignment: ({ flat }) => {
    if (flat.count === 0) return 'the alignment of nothing differs between kernels';
    const [least, most] = flat.alignment();
    return least === most ? { op: 'ALIGNMENT', want: least } : EMPTY;
  },
  gap: ({ flat, type }) => {
    if (type === 'ubuf') return { op: 'GAP', want: 0 };
    return type === 'iovec' ? { op: 'GAP', want: flat.gap() } : null;
  },
  single: ({ flat, type }) => {
    const right = flat.single();
    if (type === 'folioq') return 'the current folio is none of the case';
    return right.length === 1 ? { op: 'SINGLE', want: right[0] } : EMPTY;
  },
  step: (w, a, b) => {
    if (b % 4 !== 0) return 'a step that takes less has no single answer';
    return { ...passed(w, Math.min(a, MOST)), op: 'STEP' };
  },
};

/** The bytes that a call reads are passed. */
function passed({ flat, model, type }: Walk, a: number): Omit<Done, 'op'> {
  const want = flat.reach(a);
  const read = type === 'discard' ? new Uint8Array(0) : flat.coming(model, want);
  flat.at += want;
  return { a, want, read };
}

/** A copy in the direction of the iterator. */
function copied(w: Walk, op: string, len: number, offset: number): Done {
  if (w.isSource) return { ...passed(w, len), op, b: offset };
  const want = w.flat.reach(len);
  const bytes = materialise({ seed: w.seed, len: offset + len });
  written(w, bytes.subarray(offset, offset + want));
  return { op, a: len, b: offset, want };
}

function written({ flat, model, type }: Walk, bytes: Uint8Array): void {
  if (type !== 'discard') {
    let done = 0;
    flat.forEachRun(bytes.length, (offset, len) => {
      model.set(bytes.subarray(done, done + len), offset);
      done += len;
    });
  }
  flat.at += bytes.length;
}

function given(w: Walk, op: string, expected: Expected, a: number, b: number): Done | string {
  if (w.flat.hasEmpty) return EMPTY;
  if (expected.bytes > 0) w.flat.at += expected.bytes;
  return { op, a: Math.min(a, MOST), b, want: expected.bytes, given: expected };
}

function isNever(name: IteratorCommand['name']): name is keyof typeof NEVER {
  return Object.hasOwn(NEVER, name);
}

/** The answers of one type, or why there are none; null where the type does not hold the segments. */
export function walkAnswers(
  { layout, seed }: Case,
  program: IteratorProgram,
  type: LinuxType,
): WalkAnswers | string | null {
  const { src } = layout;
  const isSource = program.direction === 'source';
  if (ONE_RANGE.includes(type) && !isOneRange(src)) return null;
  if (type === 'discard' && isSource) return null;
  if (src.length === 0) return 'an iterator without segments';
  const isUser = USER.includes(type);
  if (isUser && !isSource && program.locked !== null) return 'a page that may only be read';
  for (const { name } of program.commands) {
    if (isNever(name)) return `${name}: ${NEVER[name]}`;
  }
  const model = materialise({ seed, len: filePages(program) * PAGE_SIZE }).slice();
  const flat = flatOf(type, src, isSource, isUser ? program.hole : null);
  const walk: Walk = { flat, type, model, isSource, seed };
  const steps: WalkStep[] = [];
  for (const { name, a, b } of program.commands) {
    if (isNever(name)) continue;
    walk.seed = seed + steps.length + 1;
    const done = ACTS[name](walk, a, b);
    if (typeof done === 'string') return `${name}: ${done}`;
    if (done !== null) steps.push(stepOf(walk, done));
  }
  return { type, steps, digest: digestOfFile(model, isUser ? program.hole : null) };
}

function flatOf(
  type: PartType,
  src: Case['layout']['src'],
  isSource: boolean,
  hole: number | null,
): Flat {
  const total = src.reduce((sum, { len }) => sum + len, 0);
  const isRange = ['ubuf', 'xarray', 'folioq', 'discard'].includes(type);
  const spans = isRange ? [{ offset: src[0].offset, len: total }] : src;
  const pieces = spans.map(({ offset, len }) => ({ address: offset, at: offset, len }));
  return new Flat([{ type, pieces, inChain: total }], false, !isSource, { hole, locked: null });
}

function stepOf({ flat, model, type }: Walk, done: Done): WalkStep {
  const { op, a = 0, b = 0, want = 0, read, given: pages } = done;
  const ahead = type === 'discard' ? 0 : flat.reach(Math.min(flat.count, AHEAD));
  const isGiven = pages !== undefined && want > 0;
  return {
    ...{ op, a, b, want, left: flat.count, ahead },
    digest: fnv1a(read ?? new Uint8Array(0)),
    pages: isGiven ? pages.pages : [],
    offset: isGiven ? pages.offset0 : 0,
    aheadDigest: fnv1a(flat.coming(model, ahead)),
  };
}

function digestOfFile(model: Uint8Array, hole: number | null): string {
  const parts = [0, 1].map((k) => {
    if (hole === null) return k === 0 ? model : new Uint8Array(0);
    return k === 0 ? model.subarray(0, hole * PAGE_SIZE) : model.subarray((hole + 1) * PAGE_SIZE);
  });
  assert(parts.length === 2, 'what is in front of the hole, and behind it');
  return fnv1a(Buffer.concat(parts));
}

/** What a program comes to: the types that can be asked, and why others cannot. */
export function walksOf(c: Case): {
  readonly walks: readonly WalkAnswers[];
  readonly reasons: readonly string[];
} {
  const { iterator } = c;
  assert(iterator !== undefined, 'a case about iterators');
  const walks: WalkAnswers[] = [];
  const reasons: string[] = [];
  for (const type of LINUX_TYPES) {
    const answers = walkAnswers(c, iterator, type);
    if (typeof answers === 'string') reasons.push(answers);
    else if (answers !== null) walks.push(answers);
  }
  return { walks, reasons };
}

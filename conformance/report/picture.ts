/**
 * A memory picture in text: where the segments of a case lie in their pages, and where it went wrong.
 * @module
 */
import { PAGE_SIZE } from '../../src/units.ts';
import {
  bytesLength,
  type Caller,
  type Case,
  type FurtherRequest,
  type Program,
  requestCase,
  requestCount,
  type Segment,
} from '../case/case.ts';
import { describeCommand, type IteratorProgram } from '../case/iterator-case.ts';
import { misuseOf } from '../judge/misuse.ts';

/** Characters that one page is drawn with: 128 bytes each. */
const COLUMNS = 32;
const STEP: number = PAGE_SIZE / COLUMNS;
/** Calls of a trap that are shown. */
const MOST_CALLS = 8;
/** Pages of a segment that are drawn; longer ones are cut with an ellipsis. */
const MOST_PAGES = 3;

/** What is wrong with lists that are refused. */
const INVALID: Readonly<Record<NonNullable<Case['invalid']>, string>> = {
  overlap: 'dst begins inside of src, and so overlaps it at another position',
  'read-only': 'the page of the last byte of dst belongs to somebody else',
  direction: 'an iterator to write to says that it is a source, or the other way round',
};

/** What a caller does with user memory. */
const LENDING: Readonly<Record<Caller, string>> = {
  extract: 'pinned for the request and unpinned behind it',
  map: 'held by a bio until the request is over',
  copy: 'copied to pages of the caller, and back',
};

/** What of a finding a picture shows. */
interface Wrong {
  readonly check: string;
  readonly detail: string;
  readonly request?: number | undefined;
}

/** Where a segment lies that has no memory of its own. */
const SHARED: Readonly<Record<NonNullable<Segment['shares']>, string>> = {
  source: 'the memory of src at these bytes',
  zero: 'the one page of zeros',
};

/** Lines that show the lists of a case. `#` is the segment, `.` the rest of its pages. */
export function drawCase(c: Case, violation: Wrong | null = null): string[] {
  if (c.iterator !== undefined) return drawWalk(c, c.iterator, violation);
  const number = violation?.request ?? 0;
  const { ad, text, kind, authsize, layout } =
    number < requestCount(c) ? requestCase(c, number) : c;
  const mark = markOf(violation);
  const lines = [
    `${number === 0 ? 'message' : `request ${number}`}: ${bytesLength(ad)} AD + ${bytesLength(text)} text${
      kind === 'aead' ? ` + ${authsize} tag` : ''
    } bytes; one column is ${STEP} bytes`,
    ...drawList('src', layout.src, mark),
  ];
  if (layout.inplace === 'same') lines.push('dst = src, one list');
  else if (layout.inplace === 'twin') lines.push('dst = the memory of src, split as:');
  if (layout.inplace !== 'same') lines.push(...drawList('dst', layout.dst, mark));
  if (layout.chain > 0) lines.push(`scatterlist tables of ${layout.chain} entries, chained`);
  for (const [i, request] of (c.program?.requests ?? []).entries()) {
    lines.push(`request ${i + 1}: ${describeRequest(request)}`);
  }
  if (c.program !== undefined) lines.push(...describeProgram(c, c.program));
  if (c.short !== undefined) lines.push(`${c.short} is handed over one byte too short`);
  if (c.invalid !== undefined) lines.push(INVALID[c.invalid]);
  const context = describeContext(c);
  if (context !== '') lines.push(`context: ${context}`);
  return [...lines, ...brokenLines(violation)];
}

/** The first wrong byte: the list, the segment, and the offset in that; below 0 in front of it. */
interface Mark {
  readonly list: string;
  readonly index: number;
  readonly at: number;
  /** Counted from the end of the segment. */
  readonly isBehind: boolean;
}

/** The place that a violation names. */
function markOf(violation: { readonly detail: string } | null): Mark | null {
  const [first = ''] = violation?.detail.split('\n') ?? [];
  const inside = /byte (\d+) of (src|dst)\[(\d+)\]/.exec(first);
  if (inside !== null) {
    const [, at, list, index] = inside;
    return { list, index: Number(index), at: Number(at), isBehind: false };
  }
  const beside = /(\d+) bytes? (before|behind) (src|dst)\[(\d+)\]/.exec(first);
  if (beside === null) return null;
  const [, distance, side, list, index] = beside;
  const isBehind = side === 'behind';
  const at = isBehind ? Number(distance) - 1 : -Number(distance);
  return { list, index: Number(index), at, isBehind };
}

/** The segments of a file, and what is done with an iterator over them. */
function drawWalk({ layout }: Case, program: IteratorProgram, violation: Wrong | null): string[] {
  const { direction, folios, first, hole, locked, slots, before, commands } = program;
  const words = [
    `folios of ${folios.map((order) => 1 << order).join(', ')} pages from page ${first}`,
    hole === null ? '' : `page ${hole} not mapped`,
    locked === null ? '' : `page ${locked} read-only to the process`,
    `${slots} slots a node of a queue, ${before} slots passed`,
  ];
  return [
    `${direction} over a file: ${words.filter((word) => word !== '').join('; ')}`,
    ...drawList(direction === 'source' ? 'src' : 'dst', layout.src),
    ...commands.map((command, i) => `command ${i}: ${describeCommand(command)}`),
    ...brokenLines(violation),
  ];
}

/** What is wrong, and the calls of a trap. */
function brokenLines(violation: Wrong | null): string[] {
  if (violation === null) return [];
  const [first, ...calls] = violation.detail.split('\n');
  return [`${violation.check}: ${first}`, ...calls.slice(0, MOST_CALLS)];
}

function describeRequest(request: FurtherRequest): string {
  const { when, steps, of, reuse, cpu, backlog, op, ad, text, batch } = request;
  const moment = {
    now:
      batch === true ? 'with the one before it' : steps === 0 ? 'at once' : `after ${steps} steps`,
    settled: 'when all is done',
    callback: `in the completion of ${of}`,
  }[when];
  const object = reuse ? `, the object of ${of} again` : '';
  const flag = backlog ? ', may backlog' : '';
  const bytes = `${op} ${bytesLength(ad)} AD + ${bytesLength(text)} text bytes`;
  return `${bytes}, ${moment} on processor ${cpu}${object}${flag}`;
}

/** What is of all requests of a program. */
function describeProgram(c: Case, { queue, freeEarly, misuse }: Program): string[] {
  const words = [
    queue > 0 ? `queue of ${queue}` : '',
    freeEarly ? 'request objects freed in their last completion' : '',
    misuse === null ? '' : `the caller is at fault: ${misuseOf(c)}`,
  ];
  const said = words.filter((word) => word !== '');
  return said.length === 0 ? [] : [`program: ${said.join('; ')}`];
}

/** What else the case does that a plain request does not; empty for a plain one. */
function describeContext({ async, context, hash, kind, tamper, key }: Case): string {
  const { sleep, backlog, atomic, reuse, fault, gather, forbidWeak, failing, again } = context;
  const { stackIv, highmem, early, caller } = context;
  const updates = hash.updates.length === 0 ? 'no update' : `updates of ${hash.updates.join(', ')}`;
  const words = [
    async ? 'asynchronous driver' : '',
    key === null && kind !== 'ahash' ? 'no key set' : '',
    sleep ? 'may sleep' : '',
    atomic ? 'atomic' : '',
    backlog ? 'backlog' : '',
    reuse ? 'another request on the transform before' : '',
    fault > 0 ? `allocation ${fault} fails` : '',
    failing === undefined ? '' : `call ${failing.nth} of ${failing.point} fails`,
    again === true ? 'the same once more on the transform' : '',
    gather > 0 ? `${gather} bytes gathered at once` : '',
    forbidWeak ? 'weak keys forbidden' : '',
    stackIv === true ? 'IV on the stack of the caller' : '',
    highmem === true ? 'pages in highmem' : '',
    early === true ? 'work may run before a submission returns' : '',
    caller === undefined ? '' : `user memory ${LENDING[caller]}`,
    tamper === null ? '' : `bit ${tamper.bit} of byte ${tamper.byte} of the ${tamper.part} flipped`,
    kind === 'ahash' && hash.final !== 'digest' ? `${updates}, then ${hash.final}` : '',
    hash.reimport ? 'state exported and imported' : '',
  ];
  return words.filter((word) => word !== '').join('; ');
}

function drawList(name: string, segments: readonly Segment[], mark: Mark | null = null): string[] {
  let at = 0;
  return segments.flatMap((segment, i) => {
    const { kind, offset, len, shares } = segment;
    const word = (shares ?? kind).padEnd(7);
    const label = `${name}[${i}] ${word} @${String(offset).padStart(4)} len ${String(len).padStart(5)}`;
    const head = `${label}  bytes ${at}..${at + len}  `;
    at += len;
    if (shares !== undefined) return [`${head}${SHARED[shares]}`];
    const line = `${head}${bar(segment)}`;
    if (mark === null || mark.list !== name || mark.index !== i) return [line];
    const column = columnOf(segment, mark);
    return column === null
      ? [line]
      : [line, `${' '.repeat(head.length + column)}^ first wrong byte`];
  });
}

/** Where in the bar of a segment a byte is; null where its page is not drawn. */
function columnOf({ kind, offset, len }: Segment, { at, isBehind }: Mark): number | null {
  const start = kind === 'next' ? 0 : offset % PAGE_SIZE;
  const byte = start + at + (isBehind ? len : 0);
  const page = Math.floor(byte / PAGE_SIZE);
  const pages = Math.max(1, Math.ceil((start + len) / PAGE_SIZE));
  if (byte < 0 || page >= Math.min(pages, MOST_PAGES)) return null;
  return 1 + page * (COLUMNS + 1) + Math.floor((byte % PAGE_SIZE) / STEP);
}

function bar({ kind, offset, len }: Segment): string {
  const start = kind === 'next' ? 0 : offset % PAGE_SIZE;
  const pages = Math.max(1, Math.ceil((start + len) / PAGE_SIZE));
  const drawn = Math.min(pages, MOST_PAGES);
  let text = '';
  for (let page = 0; page < drawn; page++) {
    text += '|';
    for (let column = 0; column < COLUMNS; column++) {
      const from = page * PAGE_SIZE + column * STEP;
      text += from + STEP > start && from < start + len ? '#' : '.';
    }
  }
  return `${text}|${pages > drawn ? ` +${pages - drawn} pages` : ''}`;
}

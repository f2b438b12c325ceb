/**
 * Reading of text cases, for case files of the repository and of users.
 * @module
 */
import {
  ARENA_PAGES,
  BACKING_KINDS,
  type Backing,
  type CipherCase,
  type Command,
  DATA_OPERATIONS,
  type DataCase,
  type Following,
  ITER_KINDS,
  MOST_BACKINGS,
  MOST_KEY,
  MOST_PUTS,
  MOST_REQUESTS,
  PAGE_SIZE,
  type Part,
  type ProgramCase,
  type Put,
  type Segment,
  type TextCase,
} from './case.ts';

/** A case file that cannot be read; the message names file, line and field. */
export class CaseSyntaxError extends Error {
  override readonly name: string = 'CaseSyntaxError';
}

/** One block of a file: the values of each key, in order, and where it began. */
interface Block {
  readonly id: string;
  readonly where: string;
  readonly values: ReadonlyMap<string, readonly string[]>;
  /** The lines behind each `next`: a further request of a program. */
  readonly further: readonly Block[];
}

/** A block that is being read. */
interface OpenBlock extends Block {
  readonly values: Map<string, string[]>;
  readonly further: OpenBlock[];
}

const KEYS: ReadonlySet<string> = new Set(
  (
    'op alg walk key iv ivoff dir flip len assoc auth flags async atomic lib finish parts rem errat type hole ' +
    'pages seed put mem requests src dst do what private room next'
  ).split(' '),
);

const REPEATED: ReadonlySet<string> = new Set(['put', 'mem', 'do']);

/**
 * All cases of a text. Lines that begin with `#` are comments.
 * @throws CaseSyntaxError naming `file`, the line and the key.
 */
export function parseCases(text: string, file: string): TextCase[] {
  const blocks = readBlocks(text, file);
  const seen = new Set<string>();
  for (const block of blocks) {
    if (seen.has(block.id)) throw new CaseSyntaxError(`${block.where}: case: ${block.id} twice`);
    seen.add(block.id);
  }
  return blocks.map(toCase);
}

function readBlocks(text: string, file: string): Block[] {
  const blocks: Block[] = [];
  let open: OpenBlock | null = null;
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trimEnd();
    const where = `${file}:${index + 1}`;
    if (line === '' || line.startsWith('#')) continue;
    const key = line.split(' ', 1)[0];
    const value = line.slice(key.length + 1);
    if (key === 'case' && open === null) {
      if (!/^[^\s]{1,79}$/.test(value))
        throw new CaseSyntaxError(`${where}: case: ${quoted(value)}`);
      open = { id: value, where, values: new Map(), further: [] };
    } else if (open === null)
      throw new CaseSyntaxError(`${where}: ${quoted(key)}: outside of a case`);
    else if (key === 'end') {
      blocks.push(open);
      open = null;
    } else {
      if (!KEYS.has(key)) throw new CaseSyntaxError(`${where}: ${quoted(key)}: no such field`);
      if (key === 'next') open.further.push({ id: open.id, where, values: new Map(), further: [] });
      const { values } = open.further.at(-1) ?? open;
      const list = values.get(key) ?? [];
      if (list.length > 0 && !REPEATED.has(key))
        throw new CaseSyntaxError(`${where}: ${key}: given twice`);
      list.push(value);
      values.set(key, list);
    }
  }
  if (open !== null) throw new CaseSyntaxError(`${open.where}: case: ${open.id} has no end`);
  return blocks;
}

function fail(block: Block, key: string, value: string): never {
  throw new CaseSyntaxError(`${block.where}: ${key}: ${quoted(value)}`);
}

/** Text of a file that may be anything, fit for a terminal. */
function quoted(text: string): string {
  const short = text.length > 40 ? `${text.slice(0, 40)}...` : text;
  return /^[\x20-\x7e]+$/.test(short) ? short : JSON.stringify(short);
}

function word(block: Block, key: string, fallback: string): string {
  return block.values.get(key)?.[0] ?? fallback;
}

function integer(block: Block, key: string, text: string, max: number = 0xffffffff): number {
  const value = Number(text);
  if (!/^-?\d+$/.test(text) || Math.abs(value) > max) fail(block, key, text);
  return value;
}

function number(block: Block, key: string, fallback: number, max?: number): number {
  const text = block.values.get(key)?.[0];
  return text === undefined ? fallback : integer(block, key, text, max);
}

function optional(block: Block, key: string): number | null {
  const text = block.values.get(key)?.[0];
  return text === undefined ? null : integer(block, key, text);
}

function hex(block: Block, key: string): string {
  const text = word(block, key, '').toLowerCase();
  if (!/^([0-9a-f]{2})*$/.test(text) || text.length > 2 * MOST_KEY) fail(block, key, text);
  return text;
}

function oneOf<T extends string>(block: Block, key: string, text: string, all: readonly T[]): T {
  const found = all.find((name) => name === text);
  return found ?? fail(block, key, text);
}

/** Pages of the case: beyond them are bytes of the case before. */
function arenaPages(block: Block): number {
  return number(block, 'pages', 4, ARENA_PAGES) || fail(block, 'pages', '0');
}

function segments(block: Block, key: string): Segment[] {
  const list: Segment[] = [];
  let newTable = false;
  for (const text of word(block, key, '').split(' ')) {
    if (text === '') continue;
    if (text === '|') newTable = list.length > 0;
    else if (text === '!') {
      const last = list.pop() ?? fail(block, key, text);
      list.push({ ...last, endMark: true });
    } else {
      const match = /^(\d+)\+(\d+):(\d+)$/.exec(text) ?? fail(block, key, text);
      const [page, offset, length] = match.slice(1).map(Number);
      if (page * PAGE_SIZE + offset + length > arenaPages(block) * PAGE_SIZE)
        fail(block, key, text);
      list.push({ page, offset, length, ...(newTable ? { newTable } : {}) });
      newTable = false;
    }
  }
  return list;
}

function key(block: Block): string | null {
  return block.values.has('key') ? hex(block, 'key') : null;
}

function puts(block: Block): Put[] {
  const lines = block.values.get('put') ?? [];
  if (lines.length > MOST_PUTS) fail(block, 'put', `${lines.length} lines`);
  return lines.map((text) => {
    const match = /^(\d+) ((?:[0-9a-f]{2})+)$/.exec(text) ?? fail(block, 'put', text);
    const put = { offset: Number(match[1]), hex: match[2] };
    if (put.offset + put.hex.length / 2 > arenaPages(block) * PAGE_SIZE) fail(block, 'put', text);
    return put;
  });
}

function backings(block: Block): Backing[] {
  const lines = block.values.get('mem') ?? [];
  if (lines.length > MOST_BACKINGS) fail(block, 'mem', `${lines.length} lines`);
  const taken = new Set<number>();
  return lines.map((text) => {
    const match = /^(\w+) (\d+) (\d+)$/.exec(text) ?? fail(block, 'mem', text);
    const kind = oneOf(block, 'mem', match[1], BACKING_KINDS);
    const [first, count] = [Number(match[2]), Number(match[3])];
    if (count === 0 || first + count > arenaPages(block)) fail(block, 'mem', text);
    for (let page = first; page < first + count; page++) {
      if (taken.has(page)) fail(block, 'mem', text);
      taken.add(page);
    }
    return { kind, first, count };
  });
}

function requests(block: Block): number {
  const n = number(block, 'requests', 1, MOST_REQUESTS);
  return n < 1 ? fail(block, 'requests', `${n}`) : n;
}

function commands(block: Block): Command[] {
  return (block.values.get('do') ?? []).map((text) => {
    const [name, ...args] = text.split(' ');
    return { name, args: args.map((arg) => integer(block, 'do', arg)) };
  });
}

function parts(block: Block): Part[] {
  return word(block, 'parts', '')
    .split(' ')
    .filter((text) => text !== '')
    .map((text) => {
      const match = /^(\d+)(!?)$/.exec(text) ?? fail(block, 'parts', text);
      return { length: Number(match[1]), reimport: match[2] === '!' };
    });
}

const OPS = ['skcipher', 'aead', 'hash', 'iter', 'sg', 'acomp', 'akcipher', 'kpp'] as const;

/** Lines that each further request of a program has for itself. */
const OF_REQUEST: readonly string[] = ['next', 'dir', 'iv', 'len', 'assoc', 'flags', 'src', 'dst'];

function toCase(block: Block): TextCase {
  return block.further.length === 0 ? toRequest(block) : toProgram(block);
}

function toProgram(block: Block): ProgramCase {
  const common = [...block.values].filter(([name]) => !OF_REQUEST.includes(name));
  const requests = [block, ...block.further].map(({ where, values }) => {
    const request = toRequest({ ...block, where, values: new Map([...common, ...values]) });
    if (request.op === 'skcipher' || request.op === 'aead' || request.op === 'hash') return request;
    return fail(block, 'op', request.op);
  });
  const following = block.further.map(followingOf);
  const [{ op: kind, id, pages, seed, puts: bytes, backings: held, algorithm, async, src }] =
    requests;
  const memory = { id, pages, seed, puts: bytes, backings: held, src, dst: null };
  return { ...memory, op: 'program', kind, algorithm, async, requests, following };
}

function followingOf(block: Block, before: number): Following {
  const text = word(block, 'next', '');
  const match = /^(now|settled|callback) (\d+)( reuse)?$/.exec(text) ?? fail(block, 'next', text);
  const when = oneOf(block, 'next', match[1], ['now', 'settled', 'callback'] as const);
  const of = Number(match[2]);
  return of > before ? fail(block, 'next', text) : { when, of, reuse: match[3] !== undefined };
}

function toRequest(block: Block): Exclude<TextCase, ProgramCase> {
  const op = oneOf(block, 'op', word(block, 'op', ''), OPS);
  const memory = {
    id: block.id,
    pages: arenaPages(block),
    seed: number(block, 'seed', 0),
    puts: puts(block),
    backings: backings(block),
    src: segments(block, 'src'),
  };
  if (op === 'sg')
    return {
      ...memory,
      op,
      dst: block.values.has('dst') ? segments(block, 'dst') : null,
      commands: commands(block),
    };
  if (op === 'iter')
    return {
      ...memory,
      op,
      kind: oneOf(block, 'type', word(block, 'type', 'bvec'), ITER_KINDS),
      source: word(block, 'dir', 'e') === 'e',
      limit: number(block, 'len', 0),
      hole: optional(block, 'hole'),
      commands: commands(block),
    };
  const request = {
    ...memory,
    algorithm: word(block, 'alg', ''),
    key: key(block),
    length: number(block, 'len', 0),
    flags: optional(block, 'flags'),
    async: block.values.has('async'),
    atomic: block.values.has('atomic'),
    ...(block.values.has('lib') ? ({ library: true } as const) : {}),
  };
  if (op === 'hash') {
    const finish = word(block, 'finish', 'digest');
    return {
      ...request,
      op,
      finish: oneOf(block, 'finish', finish, ['digest', 'final', 'finup']),
      parts: parts(block),
    };
  }
  if (op === 'acomp' || op === 'akcipher' || op === 'kpp')
    return { ...request, op, async: false, ...dataFields(block) };
  return { ...request, op, ...cipherFields(block) };
}

function dataFields(block: Block): Pick<DataCase, 'what' | 'isPrivate' | 'room' | 'dst'> {
  return {
    what: oneOf(block, 'what', word(block, 'what', ''), DATA_OPERATIONS),
    isPrivate: block.values.has('private'),
    room: number(block, 'room', 0),
    dst: word(block, 'dst', '') === '=' ? null : segments(block, 'dst'),
  };
}

type CipherFields = Pick<
  CipherCase,
  | 'geometry'
  | 'iv'
  | 'ivOffset'
  | 'direction'
  | 'flip'
  | 'assoc'
  | 'authSize'
  | 'requests'
  | 'remainder'
  | 'errorAt'
  | 'dst'
>;

function cipherFields(block: Block): CipherFields {
  const directions = ['encrypt', 'decrypt', 'both'] as const;
  const direction = word(block, 'dir', 'e');
  return {
    geometry: geometry(block),
    iv: hex(block, 'iv'),
    ivOffset: number(block, 'ivoff', 0),
    direction:
      directions.find((name) => name.charAt(0) === direction) ?? fail(block, 'dir', direction),
    flip: optional(block, 'flip'),
    assoc: number(block, 'assoc', 0),
    authSize: optional(block, 'auth'),
    requests: requests(block),
    remainder: optional(block, 'rem'),
    errorAt: errorAt(block),
    dst: word(block, 'dst', '') === '=' ? null : segments(block, 'dst'),
  };
}

function geometry(block: Block): CipherCase['geometry'] {
  const text = block.values.get('walk')?.[0];
  if (text === undefined) return null;
  const match = /^(\d+) (\d+) (\d+) (\d+) (\d+)$/.exec(text) ?? fail(block, 'walk', text);
  const [blockSize, ivSize, alignMask, chunkSize, walkSize] = match.slice(1).map(Number);
  return { blockSize, ivSize, alignMask, chunkSize, walkSize };
}

function errorAt(block: Block): CipherCase['errorAt'] {
  const text = block.values.get('errat')?.[0];
  if (text === undefined) return null;
  const match = /^(\d+) (-?\d+)$/.exec(text) ?? fail(block, 'errat', text);
  return { step: Number(match[1]), error: Number(match[2]) };
}

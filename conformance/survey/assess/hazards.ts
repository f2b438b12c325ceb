/**
 * Hazards of one file. Verified: what stands in the text of one function, and whose list an entry
 * belongs to inside the file (`extract/origin.ts`). Not verified, because names are static: where a
 * list came from before the file, and what a callee does with it.
 */
import { CATALOGUE } from '../catalogue.ts';
import type { CensusHazard, Confidence, Mode } from '../census.ts';
import type { CallFact, EntryFieldFact, FileFacts } from '../facts.ts';
import { ordinalCounter, siteId } from '../ids.ts';
import { isProvider, type Role } from '../role.ts';

/** A hazard before it has an identifier. */
interface Raised {
  readonly flag: string;
  readonly line: number;
  readonly fn: string;
  readonly what: string;
  readonly confidence: Confidence;
}

const REQUEST_LIST = /(?:->|\.)(?:src|dst)$/;

/** All hazards of a file, in line order. */
export function hazardsOf(file: FileFacts, role: Role, mode: Mode): CensusHazard[] {
  const places = placesOf(file);
  const raised = [
    ...file.calls.flatMap((call) => ofCall(file, places, call)),
    ...ofComparisons(file),
    ...ofEntries(file, role),
    ...ofLists(file, mode),
  ].sort((a, b) => a.line - b.line);
  const ordinalOf = ordinalCounter();
  return raised.map((hazard) => {
    const ordinal = ordinalOf(hazard.fn, hazard.flag);
    return {
      id: siteId(file.path, hazard.fn, hazard.flag, ordinal),
      path: file.path,
      ...hazard,
      ordinal,
    };
  });
}

function textOf(call: CallFact): string {
  return `${call.name}(${call.args.join(', ')})`;
}

function ofCall(file: FileFacts, places: Places, call: CallFact): Raised[] {
  const raised: Raised[] = [];
  const raise = (flag: string, confidence: Confidence = 'high'): void => {
    raised.push({ flag, line: call.line, fn: call.fn, what: textOf(call), confidence });
  };
  const [first = '', second = ''] = call.args;
  if (/^(?:sg_chain|scatterwalk_crypto_chain)$/.test(call.name)) raise('chain');
  if (call.name === 'dma_map_sg' && call.use === 'ignored') raise('map-count-ignored');
  // One entry cannot be merged with another: its count is 0 or 1.
  const isTested = call.use === 'tested' || call.use === 'compared';
  if (call.name === 'dma_map_sg' && isTested && call.args[2] !== '1')
    raise('map-count-tested', 'medium');
  if (call.name === 'sg_virt' && REQUEST_LIST.test(first)) raise('sg-virt-on-request');
  if (call.name === 'sg_nents' && REQUEST_LIST.test(first)) raise('whole-list-count');
  if (/^(?:skb_to_sgvec_nomark|sg_unmark_end)$/.test(call.name))
    raise('end-mark-bounds-walk', 'medium');
  if (/^(?:put_page|skb_page_unref|__free_pages?|unpin_user_page)$/.test(call.name))
    if (/\bsg_page\(/.test(first) && (call.looped || places.walking.has(call.fn)))
      raise('pages-released-by-walk', places.walking.has(call.fn) ? 'high' : 'low');
  if (call.name === 'vmalloc_to_page' || call.name === 'is_vmalloc_addr')
    if (places.building.has(call.fn) && places.splitting.has(call.fn))
      raise('split-per-page', 'medium');
  if (call.name.endsWith('_request_set_callback') && second === '0' && !isProvider(file.path))
    raise('atomic-submit', 'low');
  if (isEmptyRequest(call)) raise('zero-length', 'medium');
  if (isIvCopy(call)) raise('iv-out', 'medium');
  if (isScratch(call)) raise('scratch-beyond-output', 'low');
  return raised;
}

/** Functions of a file by what they call. */
interface Places {
  /** Iterator macros are no loops to the grammar: the body of `for_each_sg` is one all the same. */
  readonly walking: ReadonlySet<string>;
  readonly building: ReadonlySet<string>;
  /** Page after page of vmalloc memory; one page alone is one segment. */
  readonly splitting: ReadonlySet<string>;
}

function placesOf(file: FileFacts): Places {
  const functions = (is: (call: CallFact) => boolean): ReadonlySet<string> =>
    new Set(file.calls.filter(is).map((c) => c.fn));
  const walking = functions((c) => /^for_each_sg|^sg_next$/.test(c.name));
  return {
    walking,
    building: functions((c) => /^sg_(?:set_page|set_buf|init_)/.test(c.name)),
    splitting: functions((c) => c.name === 'vmalloc_to_page' && (c.looped || walking.has(c.fn))),
  };
}

/** A constant 0 as length, or no source at all. */
function isEmptyRequest(call: CallFact): boolean {
  const { args } = call;
  if (call.name === 'ahash_request_set_crypt') return args[1] === 'NULL' || args[3] === '0';
  return /^(?:skcipher|aead)_request_set_crypt$/.test(call.name) && args[3] === '0';
}

/** A copy between a list and a buffer: where in the list, how many bytes, which way. */
interface Copy {
  readonly buffer: string;
  readonly offset: string;
  readonly size: string;
  readonly toList: boolean;
}

/** Arguments of the functions that copy at an offset: buffer, offset, size. */
const COPIES: Readonly<Record<string, readonly [number, number, number]>> = {
  scatterwalk_map_and_copy: [0, 2, 3],
  memcpy_from_sglist: [0, 2, 3],
  memcpy_to_sglist: [2, 1, 3],
  sg_pcopy_to_buffer: [2, 4, 3],
  sg_pcopy_from_buffer: [2, 4, 3],
};

function copyOf({ name, args }: CallFact): Copy | null {
  const at = COPIES[name];
  if (at === undefined) return null;
  const [buffer = '', offset = '', size = ''] = at.map((i) => args[i]);
  const toList =
    name === 'scatterwalk_map_and_copy'
      ? args[4] === '1'
      : /^(?:memcpy_to_sglist|sg_pcopy_from_buffer)$/.test(name);
  return { buffer, offset, size, toList };
}

/** The size of one block: `ivsize`, `AES_BLOCK_SIZE`, `crypto_skcipher_ivsize(tfm)`, 8 or 16. */
const BLOCK = /iv_?(?:size|len)|block_?(?:size|len)|^(?:8|16)$/i;

/** The last block of the text, read into something called iv; a tag is read from there too. */
function isIvCopy(call: CallFact): boolean {
  const copy = copyOf(call);
  if (copy === null || copy.toList || !BLOCK.test(copy.size)) return false;
  // An offset that was computed before: only the start of the text would be an IV that comes in.
  if (/->iv$/.test(copy.buffer) && /^\w+$/.test(copy.offset)) return copy.offset !== 'assoclen';
  const last = /-\s*([^-]*)$/.exec(copy.offset)?.[1] ?? '';
  return /iv|info/i.test(copy.buffer) && BLOCK.test(last.replace(/\)+$/, ''));
}

/** A few bytes written behind text and associated data that are not the tag. */
function isScratch(call: CallFact): boolean {
  const copy = copyOf(call);
  if (copy === null || !copy.toList) return false;
  return /assoclen \+ cryptlen$/.test(copy.offset) && /^\d+$/.test(copy.size);
}

const COMPARISON_FLAG = {
  identity: 'in-place-by-identity',
  reversed: 'in-place-by-identity-reversed',
  'first-address': 'in-place-by-first-address',
} as const;

function ofComparisons(file: FileFacts): Raised[] {
  return file.comparisons.map((c) => ({
    flag: COMPARISON_FLAG[c.kind],
    line: c.line,
    fn: c.fn,
    what: `${c.left} compared with ${c.right}`,
    confidence: 'high',
  }));
}

function ofEntries(file: FileFacts, role: Role): Raised[] {
  // The first call of each function: calls come in line order.
  const mapped = new Map<string, number>();
  for (const c of file.calls)
    if (/^dma_map_sg/.test(c.name) && !mapped.has(c.fn)) mapped.set(c.fn, c.line);
  const isMapped = (fn: string, line: number): boolean => (mapped.get(fn) ?? line) < line;
  return file.entryFields.flatMap((f): Raised[] => {
    const what = `${f.base}->${f.field}`;
    const at = { line: f.line, fn: f.fn, what };
    if (f.write) return [{ ...at, ...editOf(role, f) }];
    return f.field === 'length' && isMapped(f.fn, f.line)
      ? [{ flag: 'cpu-length-after-map', ...at, confidence: 'low' }]
      : [];
  });
}

/** A caller of crypto hands lists out and is handed none, so what it edits is its own. */
function editOf(role: Role, f: EntryFieldFact): Pick<Raised, 'flag' | 'confidence'> {
  if (role === 'consumer' || role === 'uapi')
    return { flag: 'own-entry-edited', confidence: 'high' };
  if (f.origin === 'own') return { flag: 'own-entry-edited', confidence: 'high' };
  return { flag: 'caller-entry-edited', confidence: f.origin === 'request' ? 'high' : 'low' };
}

function ofLists(file: FileFacts, mode: Mode): Raised[] {
  const raised: Raised[] = [];
  for (const m of file.requestMembers)
    if (m.indexed)
      raised.push({
        flag: 'array-index',
        line: m.line,
        fn: m.fn,
        what: m.text,
        confidence: 'high',
      });
  for (const loop of file.openLoops)
    raised.push({
      flag: 'end-mark-bounds-walk',
      line: loop.line,
      fn: loop.fn,
      what: `loop while ${loop.variable}`,
      confidence: 'low',
    });
  if (mode !== 'sync' && mode !== 'wait' && mode !== 'own-wait') raised.push(...stackLists(file));
  raised.push(...sameMemory(file));
  return raised;
}

/** Local lists whose name reaches a setter of the same function, unless that function waits. */
function stackLists(file: FileFacts): Raised[] {
  const isWait = (name: string): boolean =>
    /^(?:extra-)?wait$/.test(CATALOGUE.get(name)?.group ?? '');
  const waiting = new Set(file.calls.filter((c) => isWait(c.name)).map((c) => c.fn));
  const used = new Map<string, CallFact>();
  for (const call of file.calls) {
    if (!/_request_set_(?:crypt|input|output|params)$/.test(call.name)) continue;
    for (const argument of call.args) {
      const key = `${call.fn} ${/^&?(\w+)/.exec(argument)?.[1] ?? ''}`;
      if (!used.has(key)) used.set(key, call);
    }
  }
  return file.localLists.flatMap((local): Raised[] => {
    const setter = used.get(`${local.fn} ${local.name}`);
    if (setter === undefined || waiting.has(local.fn)) return [];
    const what = `${local.name} in ${textOf(setter)}`;
    return [{ flag: 'stack-list', line: local.line, fn: local.fn, what, confidence: 'low' }];
  });
}

/** Two lists of one function that are given the same memory for the same request. */
function sameMemory(file: FileFacts): Raised[] {
  const raised: Raised[] = [];
  /** The first builder of each list, by function and memory. */
  const builders = new Map<string, Map<string, CallFact>>();
  for (const call of file.calls) {
    // What was built before belongs to the request that is set here.
    if (CATALOGUE.get(call.name)?.group === 'req-set') builders.clear();
    if (!/^sg_(?:set_page|set_buf|init_one)$/.test(call.name)) continue;
    const { fn, line } = call;
    const [list = '', memory = ''] = call.args;
    const lists = builders.get(`${fn} ${memory}`) ?? new Map<string, CallFact>();
    builders.set(`${fn} ${memory}`, lists);
    const twin = firstOther(lists, list);
    if (!lists.has(list)) lists.set(list, call);
    if (twin === null || !crossesDirection(list, twin.args[0])) continue;
    const what = `${textOf(twin)} and ${textOf(call)}`;
    raised.push({ flag: 'same-memory-other-list', line, fn, what, confidence: 'low' });
  }
  return raised;
}

function firstOther(lists: ReadonlyMap<string, CallFact>, list: string): CallFact | null {
  for (const [other, call] of lists) if (other !== list) return call;
  return null;
}

/** Whether one name is a source and the other a destination. */
function crossesDirection(a: string = '', b: string = ''): boolean {
  const source = /src|_in\b|sgin|sg_in/;
  const destination = /dst|_out\b|sgout|sg_out/;
  return (source.test(a) && destination.test(b)) || (destination.test(a) && source.test(b));
}

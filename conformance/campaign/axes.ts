/**
 * The axes of a campaign: what cases differ in, each with its values, and a meter of how often each value
 * was drawn. What is never drawn is never tested, so an axis value without hits fails the run.
 *
 * Verified: that a value occurs. Not verified: that values of different axes occur together.
 * @module
 */
import { PAGE_SIZE } from '../../src/units.ts';
import { algorithmOf } from '../algorithms.ts';
import {
  bytesLength,
  CALLERS,
  type Case,
  type FurtherRequest,
  hasBatch,
  INVALIDS,
  isData,
  isTagCut,
  MEMORY_KINDS,
  MISUSES,
  MOMENTS,
  MOST_FURTHER,
  materialise,
  type Program,
  REQUEST_KINDS,
  REQUEST_OPS,
  requestCount,
  type Segment,
  sourceLength,
  targetLength,
} from '../case/case.ts';
import { CALLER_FAILING } from '../case/generate-caller.ts';
import { FAILING } from '../case/generate-program.ts';
import { isPartlyInPlace } from '../case/shared.ts';
import { ITERATOR_TYPES } from '../iterators/types.ts';
import { subjectOf } from '../iterators/walk.ts';
import type { Trial } from '../judge/judge.ts';
import { OCCURRENCES, occurrencesOf } from '../judge/occurrences.ts';
import { type Axis, type AxisValue, ITERATOR_AXES } from './iterator-axes.ts';

/** What the machine gathers by itself, bytes. */
const GATHER = 65536;
const BLOCK = 16;
/** A list that no table of 32 slots holds. */
const MANY = 32;

const sum = (segments: readonly Segment[]): number =>
  segments.reduce((total, { len }) => total + len, 0);

const crossesPage = ({ offset, len }: Segment): boolean =>
  offset < PAGE_SIZE && offset + len > PAGE_SIZE;

/** Both lists, or the one that there is. */
const segmentsOf = ({ layout }: Case): readonly Segment[] => [...layout.src, ...layout.dst];

const any =
  (has: (segment: Segment) => boolean) =>
  (c: Case): boolean =>
    segmentsOf(c).some(has);

const textLength = ({ text }: Case): number => bytesLength(text);
const gatherOf = ({ context }: Case): number => context.gather || GATHER;

/** What the row of the case answers to its key. */
function isKeyRefused({ alg, key }: Case): boolean {
  return key !== null && algorithmOf(alg)?.key.check(materialise(key)) !== 0;
}

function isTagRefused({ alg, authsize }: Case): boolean {
  const row = algorithmOf(alg);
  return row?.kind === 'aead' && row.tags.check(authsize) !== 0;
}

function isTagShort({ alg, authsize }: Case): boolean {
  const row = algorithmOf(alg);
  return row?.kind === 'aead' && authsize < Math.max(...row.tags.sizes);
}

function isTextShort({ alg, text }: Case): boolean {
  const row = algorithmOf(alg);
  return row?.kind === 'skcipher' && bytesLength(text) < row.least;
}

function isTextUneven({ alg, text }: Case): boolean {
  const row = algorithmOf(alg);
  return row?.kind === 'skcipher' && bytesLength(text) % row.unit !== 0;
}

/** What fails in a case that has a caller with user memory. */
function failingCaller({ context }: Case): (typeof CALLER_FAILING)[number] | null {
  const { caller, failing } = context;
  const point = caller === undefined ? undefined : failing?.point;
  return CALLER_FAILING.find((one) => one === point) ?? null;
}

/** Values of a field that is one of some words. */
function words<T extends string>(
  all: readonly T[],
  of: (c: Case) => T | null,
): Record<string, AxisValue['has']> {
  return Object.fromEntries(all.map((word) => [word, (c: Case) => of(c) === word]));
}

/** Off and on. */
function flag(of: (c: Case) => boolean): Record<string, AxisValue['has']> {
  return { no: (c) => !of(c), yes: of };
}

function memory(of: (c: Case) => readonly Segment[]): Record<string, AxisValue['has']> {
  const holds =
    (kind: (typeof MEMORY_KINDS)[number]) =>
    (c: Case): boolean =>
      of(c).some((segment) => segment.kind === kind && segment.len > 0);
  return Object.fromEntries(MEMORY_KINDS.map((kind) => [kind, holds(kind)]));
}

const REQUEST: readonly Axis[] = [
  ['kind', words(REQUEST_KINDS, ({ kind }) => (kind === 'iterator' ? null : kind))],
  ['operation', words(REQUEST_OPS, ({ op }) => (op === 'walk' ? null : op))],
  ['asynchronous', flag(({ async }) => async)],
  ['sleep', flag(({ context }) => context.sleep)],
  ['backlog', flag(({ context }) => context.backlog)],
  ['atomic', flag(({ context }) => context.atomic)],
  ['used transform', flag(({ context }) => context.reuse)],
  ['failing call', words(FAILING, ({ context }) => context.failing?.point ?? null)],
  ['user memory', words(CALLERS, ({ context }) => context.caller ?? null)],
  ['caller fails', words(CALLER_FAILING, failingCaller)],
  ['highmem', flag(({ context }) => context.highmem === true)],
  ['work before a submission returns', flag(({ context }) => context.early === true)],
  ['IV on the stack', flag(({ context }) => context.stackIv === true)],
  ['once more', flag(({ context }) => context.again === true)],
  ['failing allocation', words(['0', '1', '2', '3'], ({ context }) => `${context.fault}` as '0')],
  [
    'key',
    {
      none: ({ key }) => key === null,
      refused: isKeyRefused,
      'of equal halves': ({ key }) =>
        typeof key === 'string' && key !== '' && key === key.slice(key.length / 2).repeat(2),
    },
  ],
  [
    'counter',
    {
      'about to wrap': ({ iv, text }) =>
        typeof iv === 'string' && /(ff){3}f[def]$/.test(iv) && bytesLength(text) > 3 * BLOCK,
    },
  ],
  ['tag', { short: isTagShort, refused: isTagRefused }],
  [
    'list too short',
    {
      source: ({ short }) => short === 'src',
      target: ({ short }) => short === 'dst',
      'for its tag': isTagCut,
    },
  ],
  ['lists refused for', words(INVALIDS, ({ invalid }) => invalid ?? null)],
  ['text refused', { 'too short': isTextShort, 'no whole blocks': isTextUneven }],
  ['tampered', words(['ad', 'text', 'tag'], ({ tamper }) => tamper?.part ?? null)],
];

const LENGTHS: readonly Axis[] = [
  [
    'text',
    {
      empty: (c) => textLength(c) === 0,
      'less than a block': (c) => textLength(c) > 0 && textLength(c) < BLOCK,
      'a block': (c) => textLength(c) === BLOCK,
      'whole blocks': (c) => textLength(c) > BLOCK && textLength(c) % BLOCK === 0,
      'blocks and a part': (c) => textLength(c) > BLOCK && textLength(c) % BLOCK !== 0,
      'more than a page': (c) => textLength(c) > PAGE_SIZE,
      'more than is gathered by default': (c) => textLength(c) > GATHER,
    },
  ],
  [
    'gathered steps',
    {
      'more than one': (c) => textLength(c) > gatherOf(c),
      'many, and a part': (c) => textLength(c) > 4 * gatherOf(c) && textLength(c) % BLOCK !== 0,
      'a run longer than a step that ends in a block': (c) =>
        segmentsOf(c).some(({ len }) => len > gatherOf(c) && len % BLOCK !== 0),
    },
  ],
  [
    'room for the result',
    {
      none: (c) => isData(c) && c.op !== 'verify' && c.room === 0,
      'shorter than the text': (c) => isData(c) && c.op !== 'verify' && c.room < textLength(c),
      'of the length of the text': (c) => isData(c) && c.room === textLength(c),
      'longer than the text': (c) => isData(c) && c.room > textLength(c),
    },
  ],
  [
    'associated data',
    {
      none: ({ kind, ad }) => kind === 'aead' && bytesLength(ad) === 0,
      some: ({ ad }) => bytesLength(ad) > 0,
      'more than a block': ({ ad }) => bytesLength(ad) > BLOCK,
    },
  ],
];

const LISTS: readonly Axis[] = [
  [
    'in place',
    // Lists that are refused may not stand in for those that are taken.
    words(['no', 'same', 'twin', 'partly'], ({ kind, layout, invalid }) => {
      if (kind === 'ahash' || invalid === 'overlap') return null;
      return isPartlyInPlace(layout) ? 'partly' : layout.inplace;
    }),
  ],
  ['source memory', memory(({ layout }) => layout.src)],
  ['target memory', memory(({ layout }) => layout.dst)],
  [
    'segments',
    {
      one: ({ layout }) => layout.src.length === 1,
      'two to eight': ({ layout }) => layout.src.length > 1 && layout.src.length <= 8,
      'more than 32': (c) => segmentsOf(c).length > 0 && longest(c) > MANY,
      'of one byte': any(({ len }) => len === 1),
      'shorter than a block': any(({ len }) => len > 0 && len < BLOCK),
      'over a page end': any(crossesPage),
      'shorter than a block, over a page end': any((s) => s.len < BLOCK && crossesPage(s)),
      'of a block to a page, over a page end': any(
        (s) => s.len >= BLOCK && s.len <= PAGE_SIZE && crossesPage(s),
      ),
      'beginning with a page': any(
        ({ offset, len, kind }) => kind !== 'next' && offset === 0 && len > 0,
      ),
      'behind the one before': any(({ kind, offset }) => kind === 'next' && offset === 0),
    },
  ],
  [
    'empty segment',
    {
      first: ({ layout: { src } }) => src.length > 1 && src[0].len === 0,
      inside: ({ layout: { src } }) => src.slice(1, -1).some(({ len }) => len === 0),
      last: ({ layout: { src } }) => src.length > 1 && src[src.length - 1].len === 0,
    },
  ],
  ['chained tables', flag(({ layout }) => layout.chain > 0)],
  [
    'list longer than the data',
    {
      source: (c) => sum(c.layout.src) > Math.max(sourceLength(c), targetLength(c)),
      target: (c) => c.layout.inplace === 'no' && sum(c.layout.dst) > targetLength(c),
    },
  ],
];

const MESSAGES: readonly Axis[] = [
  [
    'end of a message',
    words(['digest', 'finup', 'final'], (c) => (c.kind === 'ahash' ? c.hash.final : null)),
  ],
  [
    'updates',
    {
      none: ({ kind, hash }) =>
        kind === 'ahash' && hash.final !== 'digest' && hash.updates.length === 0,
      one: ({ kind, hash }) => kind === 'ahash' && hash.updates.length === 1,
      more: ({ kind, hash }) => kind === 'ahash' && hash.updates.length > 1,
      'of nothing': ({ kind, hash }) => kind === 'ahash' && hash.updates.includes(0),
    },
  ],
  ['state exported', flag(({ hash }) => hash.reimport)],
];

/** Of how many requests, and what they are to each other. */
const PROGRAMS: readonly Axis[] = [
  [
    'requests',
    {
      one: (c) => requestCount(c) === 1,
      'two to four': (c) => requestCount(c) > 1 && requestCount(c) <= 4,
      more: (c) => requestCount(c) > 4,
      'as many as may be': (c) => requestCount(c) > MOST_FURTHER,
    },
  ],
  ['submitted', some(MOMENTS, ({ when }) => when)],
  ['in one submission with another', flag(hasBatch)],
  ['request object', some(['own', 'used again'], ({ reuse }) => (reuse ? 'used again' : 'own'))],
  ['processor', some(['0', '1', '2', '3'], ({ cpu }) => `${cpu}` as '0')],
  ['queue', { small: ({ program }) => (program?.queue ?? 0) > 0 }],
  ['freed in its completion', flag(({ program }) => program?.freeEarly === true)],
  [
    'transforms',
    {
      one: ({ program }) => program?.transforms.length === 0,
      several: ({ program }) => (program?.transforms.length ?? 0) > 0,
    },
  ],
  [
    'further request',
    some(REQUEST_KINDS, ({ tfm }, program) => program.transforms[tfm - 1]?.kind ?? null),
  ],
  [
    'further message',
    some(['in one call', 'in parts'], ({ hash }) =>
      hash.final === 'digest' ? 'in one call' : 'in parts',
    ),
  ],
  [
    'program',
    {
      'failing allocation': ({ program, context }) => program !== undefined && context.fault > 0,
      'failing call': ({ program, context }) =>
        program !== undefined && context.failing !== undefined,
    },
  ],
  ['caller', words(MISUSES, ({ program }) => program?.misuse?.what ?? null)],
];

/** Values that some further request of a program has. */
function some<T extends string>(
  all: readonly T[],
  of: (request: FurtherRequest, program: Program) => T | null,
): Record<string, AxisValue['has']> {
  const has =
    (word: T) =>
    ({ program }: Case): boolean =>
      program?.requests.some((request) => of(request, program) === word) ?? false;
  return Object.fromEntries(all.map((word) => [word, has(word)]));
}

function longest({ layout }: Case): number {
  return Math.max(layout.src.length, layout.dst.length);
}

/** Values that no case about iterators has, and those that only such a case has: each is asked of its own alone. */
const OF_REQUESTS = [...REQUEST, ...LENGTHS, ...LISTS, ...MESSAGES, ...PROGRAMS].flatMap(valuesOf);
/** Axes of programs that say something of one request, too. */
const ALSO_ALONE = ['requests', 'in one submission with another', 'freed in its completion'];
const NEVER_ALONE: ReadonlySet<string> = new Set(
  PROGRAMS.filter(([axis]) => !ALSO_ALONE.includes(axis)).flatMap((axis) =>
    valuesOf(axis).map(({ name }) => name),
  ),
);
/** What a case of one request may have: most are, and of most values it is known beforehand. */
const OF_ONE = OF_REQUESTS.filter(({ name }) => !NEVER_ALONE.has(name));
const OF_ITERATORS = ITERATOR_AXES.flatMap(valuesOf);

/** Every value of every axis, named `axis: value`, which only cases of its own kind have. */
export const AXIS_VALUES: readonly AxisValue[] = [
  ...OF_REQUESTS.map(onlyOf((c) => c.iterator === undefined)),
  ...OF_ITERATORS.map(onlyOf((c) => c.iterator !== undefined)),
];

function valuesOf([axis, values]: Axis): AxisValue[] {
  return Object.entries(values).map(([name, has]) => ({ name: `${axis}: ${name}`, has }));
}

function onlyOf(isMeant: AxisValue['has']): (value: AxisValue) => AxisValue {
  return ({ name, has }) => ({ name, has: (c) => isMeant(c) && has(c) });
}

/** Numbers of the values that a case has, in {@link AXIS_VALUES}. */
export function valuesIn(c: Case): number[] {
  return AXIS_VALUES.flatMap(({ has }, i) => (has(c) ? [i] : []));
}

function typeName(subject: string): string {
  return `type: ${subject}`;
}

/** What no case says, but a run shows: what came about, and on which iterators. */
export const MET: readonly string[] = [
  ...OCCURRENCES,
  ...ITERATOR_TYPES.map((type) => typeName(subjectOf(type))),
];

/** Counts how often each value was drawn, and how often what no case can say came about. */
export class AxisMeter {
  readonly hits: Map<string, number> = new Map(
    [...AXIS_VALUES.map(({ name }) => name), ...MET].map((name) => [name, 0]),
  );

  /** @param scenarios one more axis: they stand in no case. */
  constructor(scenarios: readonly string[] = []) {
    for (const name of scenarios) this.hits.set(`scenario: ${name}`, 0);
  }

  /**
   * Counts a case. One of a scenario counts for that alone: what callers do may not stand in for what
   * the generator draws no more.
   * @param scenario its name, empty where it has none
   */
  add(c: Case, scenario: string = ''): void {
    if (scenario !== '') {
      this.hit(`scenario: ${scenario}`);
      return;
    }
    const ofRequests = c.program === undefined ? OF_ONE : OF_REQUESTS;
    for (const value of c.iterator === undefined ? ofRequests : OF_ITERATORS) {
      if (value.has(c)) this.hit(value.name);
    }
  }

  /** Counts what came about in a case that was run. */
  saw(trial: Trial): void {
    for (const name of occurrencesOf(trial)) this.hit(name);
    if (trial.c.iterator === undefined) return;
    for (const { subject } of trial.observations) this.hit(typeName(subject));
  }

  private hit(name: string): void {
    this.hits.set(name, (this.hits.get(name) ?? 0) + 1);
  }

  /** Adds the hits of another meter. */
  merge({ hits }: Pick<AxisMeter, 'hits'>): void {
    for (const [name, count] of hits) this.hits.set(name, (this.hits.get(name) ?? 0) + count);
  }

  /** Values without a hit. */
  undrawn(): string[] {
    return [...this.hits].filter(([, count]) => count === 0).map(([name]) => name);
  }
}

/**
 * A case about iterators: the same commands on an iterator of each type over the same memory, each
 * against the model, and so against each other.
 * @module
 */
import { KernelBug } from '../../src/assert.ts';
import { BvecList } from '../../src/bvec.ts';
import { PHYS_BASE } from '../../src/machine/phys-mem.ts';
import { PAGE_SIZE } from '../../src/units.ts';
import type { Case } from '../case/case.ts';
import { describeCommand, type IteratorProgram } from '../case/iterator-case.ts';
import type { CaseMemory } from '../case/memory.ts';
import type { Trial } from '../judge/judge.ts';
import { type Expectation, nothingSeen, notReturned, type Observation } from '../judge/observe.ts';
import { callsOf } from '../subjects/places.ts';
import { ACTS, wrongPosition } from './commands.ts';
import { type CaseFile, firstChange, physOf, placeFile, restoreFile } from './file.ts';
import { Flat } from './flat.ts';
import { type Built, buildIterator, ITERATOR_TYPES, whyNot } from './types.ts';
import type { Walked } from './walked.ts';

/** Where an iterator stands behind one of the commands, and where the model does. */
export interface WalkStep {
  readonly type: string;
  /** Number of the command; -1 for the new iterator. */
  readonly number: number;
  readonly command: string;
  /** Bytes that are left, by the iterator and by the model. */
  readonly left: number;
  readonly expected: number;
  /** What the command, or the iterator behind it, got wrong; null where all is well. */
  readonly wrong: string | null;
}

/** Makes the iterator of a type; tests put a broken one in its place. */
export type BuildIterator = (type: string, file: CaseFile) => Built;

/** The subject that an iterator of this type is. */
export function subjectOf(type: string): string {
  return `iov_iter ${type}`;
}

const EXPECTED: Expectation = {
  ...{ setkey: 0, setauthsize: 0, result: 0, output: null, completed: null, iv: null },
  ...{ length: null, isRefused: false, alternative: null, refusal: null },
};

/** Runs a case about iterators on every type that can hold its segments. */
export function walkTrial(
  memory: CaseMemory,
  c: Case,
  program: IteratorProgram,
  build: BuildIterator = buildIterator,
  tell: (step: WalkStep) => void = () => undefined,
): Trial {
  const { src } = c.layout;
  let file = placeFile(memory, c.seed, program, src);
  const observations: Observation[] = [];
  const absent: { subject: string; reason: string }[] = [];
  for (const type of ITERATOR_TYPES) {
    const subject = subjectOf(type);
    const reason = whyNot(type, file);
    if (reason !== null) {
      absent.push({ subject, reason });
      continue;
    }
    const observation = observeType(type, file, build, tell);
    observations.push(observation);
    // Whatever a trap left behind is not for the next type to find.
    if (observation.trap !== null) file = placeFile(memory, c.seed, program, src);
    else restoreFile(file);
  }
  return { c, expected: EXPECTED, leaks: [], observations, absent, queue: 0, further: [] };
}

function observeType(
  type: string,
  file: CaseFile,
  build: BuildIterator,
  tell: (step: WalkStep) => void,
): Observation {
  const { machine, program } = file;
  machine.ledger.mark();
  const model = file.bytes.slice();
  const warned = machine.warnings.length;
  let trap: string | null = null;
  let wrong: string | null = null;
  let doing = 'new';
  const begins = (what: string): void => {
    doing = what;
  };
  try {
    wrong = walk(file, model, build(type, file), begins, (step) => tell({ type, ...step }));
  } catch (error) {
    machine.faults.arm([]);
    if (error instanceof KernelBug) {
      trap = [`${error.name}: ${error.message}, in ${doing}`, ...callsOf(error)].join('\n');
    } else trap = error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  const changed = wrongBytes(file, model);
  const isSource = program.direction === 'source';
  return {
    ...nothingSeen(subjectOf(type)),
    trap,
    iterators: wrong === null ? [] : [wrong],
    stray: changed === null || isSource ? [] : [{ words: changed, request: 0 }],
    source: changed === null || !isSource ? [] : [changed],
    leaks: trap === null ? notReturned(machine.ledger) : [],
    warnings: machine.warnings.slice(warned),
  };
}

/** Does the commands, until one goes wrong. @returns which and how, or null */
function walk(
  file: CaseFile,
  model: Uint8Array,
  { iter, parts, isChain }: Built,
  begins: (what: string) => void,
  tell: (step: Omit<WalkStep, 'type'>) => void,
): string | null {
  const { program, page } = file;
  const flat = new Flat(parts, isChain, program.direction === 'dest', program);
  const w: Walked = { file, flat, model, page, iter, state: null, copies: 0, list: new BvecList() };
  const told = (number: number, command: string, wrong: string | null): void =>
    tell({ number, command, left: w.iter.count, expected: flat.count, wrong });
  const first = wrongPosition(w);
  told(-1, 'new', first);
  if (first !== null) return `new: ${first}`;
  for (const [i, command] of program.commands.entries()) {
    begins(`command ${i}, ${describeCommand(command)}`);
    const wrong = ACTS[command.name](w, command.a, command.b) ?? wrongPosition(w);
    told(i, describeCommand(command), wrong);
    if (wrong !== null) return `command ${i}, ${describeCommand(command)}: ${wrong}`;
  }
  return null;
}

/** The first byte of the file that is not what it must be. */
function wrongBytes(file: CaseFile, model: Uint8Array): string | null {
  const at = firstChange(file, model);
  if (at < 0) return null;
  const now = file.machine.mem.u8[physOf(file.pages, at) - PHYS_BASE];
  const place = `byte ${at % PAGE_SIZE} of page ${Math.floor(at / PAGE_SIZE)} of the file`;
  return `${place}, ${whereIs(file, at)}: ${now} instead of ${model[at]}`;
}

function whereIs({ segments }: CaseFile, at: number): string {
  const inside = segments.findIndex(({ offset, len }) => at >= offset && at < offset + len);
  if (inside >= 0) return `byte ${at - segments[inside].offset} of segment ${inside}`;
  let best = { distance: Number.POSITIVE_INFINITY, words: 'in no segment' };
  for (const [i, { offset, len }] of segments.entries()) {
    const distance = at < offset ? offset - at : at - offset - len + 1;
    if (distance >= best.distance) continue;
    best = {
      distance,
      words: `${distance} bytes ${at < offset ? 'before' : 'behind'} segment ${i}`,
    };
  }
  return best.words;
}

/**
 * One operation whose answer is known from elsewhere, in every layout, on both APIs, over the generic
 * and over the accelerated drivers, and by the library, which has no drivers.
 *
 * Verified: return codes of setkey, setauthsize and the operation; the bytes that come out; the IV buffer
 * where the answer has it; no byte changed elsewhere, nothing leaked, nothing of the caller's changed.
 * Not verified: that the drivers of a name are what their names say.
 * @module
 */
import { EBUSY, EINPROGRESS, type Errno, errnoName } from '../../src/errno.ts';
import { Machine } from '../../src/machine/machine.ts';
import { CASE_VERSION, type Case, isData } from '../case/case.ts';
import { fitLayout, LAYOUTS } from '../case/layout.ts';
import { CaseMemory } from '../case/memory.ts';
import { type CaseInput, type Observation, withRest } from '../judge/observe.ts';
import { observeCase, type Side } from '../subjects/machine-subject.ts';
import { allSides, bothSides } from '../subjects/sides.ts';

/** What is done, and what must come of it. */
export interface Trial {
  readonly alg: string;
  readonly kind: Case['kind'];
  readonly op: Case['op'];
  /** null: no setkey. */
  readonly key: Uint8Array | null;
  readonly iv: Uint8Array;
  readonly ad: Uint8Array;
  readonly text: Uint8Array;
  readonly tag: Uint8Array;
  readonly authsize: number;
  /** Of compression, public keys and key agreement; 0 elsewhere. */
  readonly room: number;
  readonly forbidWeak: boolean;
  readonly answer: Answer;
}

export interface Answer {
  readonly setkey: Errno;
  readonly setauthsize: Errno;
  readonly result: Errno;
  /** Text and tag, the digest, or the result; null where nothing is promised. */
  readonly output: Uint8Array | null;
  /** Instead of `output`: what it must be, given what was found. */
  readonly completed?: ((found: Uint8Array) => Uint8Array) | null;
  /** null where nothing is promised. */
  readonly iv: Uint8Array | null;
  /** What may be answered instead, and then nothing is promised about the output. */
  readonly mayRefuse?: Errno;
}

export const SIDE_NAMES = ['legacy', 'converted', 'lib'] as const;
export type SideName = (typeof SIDE_NAMES)[number];

/** Operations that were run, and the first thing that was wrong with one of them. */
export interface TrialResult {
  readonly side: SideName;
  readonly runs: number;
  /** null when all is well. */
  readonly problem: string | null;
  /** Why the side did not do it; null where it did. */
  readonly absent: string | null;
}

/** Told about progress now and then; `stopped` ends the run early. */
export interface Monitor {
  readonly progress: (phase: string, done: number, all: number) => void;
  readonly stopped: () => boolean;
}

/** Which drivers a name resolves to. */
const PASSES = [
  { name: 'generic', accel: false },
  { name: 'accelerated', accel: true },
] as const;

/** Bytes of machine memory; the longest vector has some thousand. */
const MEMORY = 16 << 20;
/** How a hash gets its message: by the number of the layout. */
const HASH_PLANS: readonly Case['hash'][] = [
  { final: 'digest', updates: [], reimport: false },
  { final: 'finup', updates: [1], reimport: false },
  { final: 'final', updates: [17, 64], reimport: false },
];

/** The layouts that every trial goes through. */
export const TRIAL_LAYOUTS: number = LAYOUTS.length;

export class VectorRig {
  private readonly memory: CaseMemory;
  private readonly passes: readonly { readonly name: string; readonly sides: readonly Side[] }[];
  private seed = 1;

  constructor() {
    const machine = new Machine({ seed: 1, memory: MEMORY });
    this.memory = new CaseMemory(machine);
    this.passes = PASSES.map(({ name, accel }) => ({
      name,
      sides: accel ? bothSides(machine, accel) : allSides(machine, accel),
    }));
  }

  /** True when a side has, or builds, the algorithm. */
  offers(side: SideName, alg: string, kind: Case['kind']): boolean {
    const [{ sides }] = this.passes;
    const about = { ...BARE, alg, driver: alg, kind };
    return sides.some((candidate) => candidate.name === side && candidate.offers?.(about) === true);
  }

  /** All layouts and drivers of one trial on one side. */
  run(trial: Trial, name: SideName): TrialResult {
    let runs = 0;
    // Nothing of these kinds is accelerated.
    const passes = isData(trial) ? this.passes.slice(0, 1) : this.passes;
    for (const pass of passes) {
      const side = pass.sides.find((candidate) => candidate.name === name);
      if (side === undefined) continue;
      for (const [i, template] of LAYOUTS.entries()) {
        const bare = caseOf(trial, i, this.seed++);
        const c = { ...bare, layout: fitLayout(template, bare) };
        const absent = side.declines?.(c) ?? null;
        if (absent !== null) return { side: name, runs, problem: null, absent };
        runs++;
        const problem = problemOf(trial, observeCase(this.memory, side, c, [inputOf(trial)]));
        if (problem === null) continue;
        const where = `${trial.op}, ${pass.name} drivers, ${template.name}`;
        return { side: name, runs, problem: `${where}: ${problem}`, absent: null };
      }
    }
    return { side: name, runs, problem: null, absent: null };
  }
}

const BARE: Case = {
  version: CASE_VERSION,
  alg: '',
  kind: 'ahash',
  driver: '',
  async: false,
  op: 'digest',
  key: null,
  iv: '',
  ad: '',
  text: '',
  tag: null,
  authsize: 0,
  room: 0,
  tamper: null,
  layout: { inplace: 'no', src: [], dst: [], chain: 0 },
  hash: { final: 'digest', updates: [], reimport: false },
  context: {
    ...{ sleep: true, backlog: true, atomic: false, reuse: false, fault: 0, gather: 0 },
    forbidWeak: false,
  },
  seed: 0,
};

function caseOf(trial: Trial, layout: number, seed: number): Case {
  const { alg, kind, op, key, iv, ad, text, tag, authsize, room } = trial;
  return {
    ...BARE,
    ...{ alg, driver: alg, kind, op, authsize, room, seed },
    key: key === null ? null : toHex(key),
    iv: toHex(iv),
    ad: toHex(ad),
    text: toHex(text),
    tag: (op === 'decrypt' && kind === 'aead') || op === 'verify' ? toHex(tag) : null,
    hash: HASH_PLANS[layout % HASH_PLANS.length],
    context: { ...BARE.context, sleep: layout % 2 === 0, forbidWeak: trial.forbidWeak },
  };
}

function inputOf({ key, iv, ad, text, tag }: Trial): CaseInput {
  return { key, iv, ad, text, tag };
}

/** What is wrong, or null. */
function problemOf({ answer }: Trial, seen: Observation): string | null {
  if (seen.trap !== null) return seen.trap.split('\n')[0] ?? 'trap';
  if (seen.setkey !== answer.setkey) return `setkey gave ${errnoName(seen.setkey)}`;
  if (answer.setkey !== 0) return null;
  if (seen.setauthsize !== answer.setauthsize) {
    return `setauthsize gave ${errnoName(seen.setauthsize)}`;
  }
  if (answer.setauthsize !== 0) return null;
  const accepted = seen.ret === -EINPROGRESS || seen.ret === -EBUSY;
  if (accepted !== seen.completions.length > 0) return 'callback without need, or none';
  const isRefused = seen.result !== 0 && seen.result === answer.mayRefuse;
  if (seen.result !== answer.result && !isRefused) {
    return `gave ${errnoName(seen.result)} instead of ${errnoName(answer.result)}`;
  }
  const right = answer.completed?.(seen.output) ?? answer.output;
  const wanted = right === null || isRefused ? null : withRest(right, seen.before);
  if (wanted !== null && !equal(seen.output, wanted)) {
    return `gave ${excerpt(seen.output, wanted)}`;
  }
  if (answer.iv !== null && !equal(seen.iv, answer.iv)) return `left the IV ${toHex(seen.iv)}`;
  const stray = seen.stray.map(({ words }) => words);
  const others = [stray, seen.source, seen.leaks, seen.form, seen.iterators, seen.warnings];
  return others.flat()[0] ?? null;
}

/** The first bytes that differ. */
function excerpt(found: Uint8Array, wanted: Uint8Array): string {
  if (found.length !== wanted.length) return `${found.length} bytes, not ${wanted.length}`;
  const at = found.findIndex((byte, i) => byte !== wanted[i]);
  const part = (bytes: Uint8Array) => toHex(bytes.subarray(at, at + 8));
  return `${part(found)} at byte ${at}, not ${part(wanted)}`;
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/**
 * The first divergence: which step of which side made the difference that a check has found.
 *
 * For bytes it is the step that wrote a wrong byte for the last time: templates pass intermediate
 * results through the destination, so an earlier difference need not be one. Of several wrong bytes the
 * one that was settled first counts.
 * @module
 */
import { PHYS_BASE } from '../../src/machine/phys-mem.ts';
import { sliceRuns } from '../case/placed.ts';
import { mayBeUntold, type Trial, type Violation } from '../judge/judge.ts';
import { firstOutOfOrder } from '../judge/order.ts';
import type { Operation } from '../subjects/operation.ts';
import type { MemoryMap } from './memory-map.ts';
import { type Step, type StepKind, writesTo } from './step.ts';

/** Offsets of memory that changed, one for each place where something did. */
export interface Changes {
  /** Outside AD, text and tag of the destination. */
  readonly stray: readonly number[];
  /** In the AD of the destination, or where the tag was read. */
  readonly kept: readonly number[];
}

/** One side of a case, with what its steps are about. */
export interface SideTrace extends Changes {
  readonly name: string;
  readonly steps: readonly Step[];
  /** Steps that were not kept. */
  readonly dropped: number;
  /** Each request of a program, or the one there is. */
  readonly ops: readonly Operation[];
  readonly map: MemoryMap;
}

/** Where the sides, or a side and the reference, part. */
export interface Divergence {
  readonly violation: Violation;
  /** The side that is wrong, null where it is the reference. */
  readonly side: SideTrace | null;
  /** Index of the step; -1 where no step shows it. */
  readonly step: number;
  /** The byte, as an offset of memory; -1 where it is none. */
  readonly at: number;
  /** What is wrong there, in a few words. */
  readonly words: string;
}

/** A step and a byte of it. */
interface Spot {
  readonly step: number;
  readonly at: number;
  readonly words: string;
}

/** @returns null where nothing is wrong. */
export function firstDivergence(
  trial: Trial,
  violations: readonly Violation[],
  sides: readonly SideTrace[],
): Divergence | null {
  const [first] = violations;
  if (first === undefined) return null;
  const found = violations
    .filter(({ subject }) => subject === first.subject)
    .map((violation) => diverged(trial, violation, sides));
  const shown = found.filter(({ step }) => step >= 0);
  const [earliest = found[0]] = shown.sort((a, b) => a.step - b.step);
  return earliest;
}

function diverged(trial: Trial, violation: Violation, sides: readonly SideTrace[]): Divergence {
  const side = sides.find(({ name }) => name === violation.subject) ?? null;
  const spot = side === null ? null : spotOf(trial, violation, side);
  const [words = ''] = violation.detail.split('\n');
  return { violation, side, ...(spot ?? { step: -1, at: -1, words }) };
}

function spotOf(
  trial: Trial,
  { check, detail, request: number = 0 }: Violation,
  side: SideTrace,
): Spot | null {
  const [words = ''] = detail.split('\n');
  const { steps } = side;
  /** The last step of the first of these kinds that there is, of any request where `of` is null. */
  const last = (kinds: readonly StepKind[], of: number | null = number): Spot => {
    const found = kinds.map((wanted) =>
      steps.findLastIndex(
        ({ kind, phase, request }) =>
          kind === wanted &&
          phase !== 'earlier' &&
          phase !== 'end' &&
          (of === null || request === of),
      ),
    );
    return { step: found.find((step) => step >= 0) ?? -1, at: -1, words };
  };
  switch (check) {
    case 'TRAP':
    case 'DMA':
      // Also in what was done before the request, or behind it.
      return { step: steps.findLastIndex(({ kind }) => kind === 'trap'), at: -1, words };
    case 'RET':
      return /^(request \d+: )?set(key|authsize)/.test(detail)
        ? { step: setAnswer(steps, detail), at: -1, words }
        : last(['complete', 'answer']);
    case 'CB':
    case 'LIVE':
      return last(['complete', 'answer']);
    case 'ORDER':
      return wrongTurn(trial, side, words) ?? last(['complete', 'answer']);
    case 'CALLER':
      return last(['misuse'], null);
    case 'HOLD':
    case 'STATE':
      return last(['result', 'answer']);
    case 'OUT':
      return wrongOutput(trial, side, number) ?? last(['result', 'answer']);
    case 'IV':
      return last(['iv', 'answer']);
    case 'GUARD': {
      const stray = side.stray.filter((at) => !inSource(side, at));
      return strayStep(side, stray.length > 0 ? stray : side.kept, words);
    }
    case 'SRC':
      return strayStep(
        side,
        side.stray.filter((at) => inSource(side, at)),
        words,
      );
    case 'REF':
      return { step: leakStep(steps), at: -1, words };
    case 'ITER':
      return last(['iterator']);
    case 'FORM':
      return last(['list']);
    case 'WARN':
      return last(['warn'], null);
    // It shows when everything is over.
    case 'RESIDUE':
    case 'HANG':
    case 'SELF':
      return null;
  }
}

/** The answer or completion that came out of order: what a caller is told is what its history has. */
function wrongTurn({ c, observations }: Trial, side: SideTrace, words: string): Spot | null {
  const o = observations.find(({ subject }) => subject === side.name);
  if (o === undefined || o.program === null) return null;
  const wrong = firstOutOfOrder(c, o.program.history, mayBeUntold(c, o));
  if (wrong === null) return null;
  const told = side.steps.flatMap(({ kind, phase }, step) =>
    phase === 'operation' && (kind === 'answer' || kind === 'complete') ? [step] : [],
  );
  return { step: told[wrong.at] ?? -1, at: -1, words };
}

function setAnswer(steps: readonly Step[], detail: string): number {
  const [name = ''] = detail.replace(/^request \d+: /, '').split(' ');
  return steps.findLastIndex(
    ({ kind, phase, words }) =>
      kind === 'answer' && phase === 'setkey' && words.startsWith(`${name} `),
  );
}

/** The step that settled a wrong byte of text or tag, the first one of them. */
function wrongOutput(whole: Trial, side: SideTrace, number: number): Spot | null {
  const trial = number === 0 ? whole : whole.further[number - 1];
  const { observations, expected } = trial;
  const o = observations.find(({ subject }) => subject === side.name);
  if (o === undefined || trial.c.op === 'digest') return null;
  const { dst, input } = side.ops[number];
  const ours = o.result === 0 ? (expected.completed?.(o.output) ?? expected.output) : null;
  const known = ours ?? observations[0].output;
  // What is longer than it must be has kept its bytes behind that.
  const right = Uint8Array.from(o.output, (_, i) => known[i] ?? o.before[i] ?? 0);
  const wrong: { readonly at: number; readonly index: number }[] = [];
  o.output.forEach((byte, index) => {
    if (byte === right[index]) return;
    const [run] = sliceRuns(dst, input.ad.length + index, 1);
    wrong.push({ at: run.phys - PHYS_BASE, index });
  });
  const spots = settled(
    side.steps,
    wrong.map(({ at }) => at),
  );
  const [first] = spots;
  const index = wrong.find(({ at }) => at === first?.at)?.index;
  if (first === undefined || index === undefined) return null;
  const hex = (bytes: Uint8Array): string =>
    Buffer.from(bytes.subarray(index, index + 1)).toString('hex');
  const verb = first.step < 0 ? 'was never written: it is' : 'becomes';
  return {
    ...first,
    words: `byte ${index} of text and tag ${verb} ${hex(o.output)}, must be ${hex(right)}`,
  };
}

/** The last step that writes each of these bytes, in the order of steps; -1, no step, comes last. */
function settled(steps: readonly Step[], bytes: readonly number[]): { step: number; at: number }[] {
  const order = (step: number): number => (step < 0 ? steps.length : step);
  return bytes
    .map((at) => ({
      at,
      step: steps.findLastIndex((step) => step.phase !== 'earlier' && writesTo(step, at)),
    }))
    .sort((a, b) => order(a.step) - order(b.step) || a.at - b.at);
}

/** The first step that writes where nobody may. */
function strayStep({ steps }: SideTrace, stray: readonly number[], words: string): Spot | null {
  const spots = stray.map((at) => ({ at, step: steps.findIndex((step) => writesTo(step, at)) }));
  const [first] = spots.filter(({ step }) => step >= 0).sort((a, b) => a.step - b.step);
  return first === undefined ? null : { ...first, words };
}

/** True for a byte of a source that is not also the destination. */
function inSource({ ops, map }: SideTrace, at: number): boolean {
  const area = map.areaAt(at);
  return area?.list === 'src' && ops[area.request].c.layout.inplace === 'no';
}

/** The first taking of what is still held at the end. */
function leakStep(steps: readonly Step[]): number {
  const balance = new Map<string, { count: number; step: number }>();
  steps.forEach(({ kind, key }, step) => {
    if (kind !== 'take' && kind !== 'drop') return;
    const held = balance.get(key) ?? { count: 0, step };
    const count = held.count + (kind === 'take' ? 1 : -1);
    balance.set(key, { count, step: held.count === 0 ? step : held.step });
  });
  const open = [...balance.values()].filter(({ count }) => count !== 0).map(({ step }) => step);
  return open.length === 0 ? -1 : Math.min(...open);
}

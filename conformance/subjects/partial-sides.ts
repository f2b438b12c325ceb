/**
 * The APIs while a conversion is under way: callers of one over drivers of the other.
 * @module
 */
import type { Machine } from '../../src/machine/machine.ts';
import type { Case } from '../case/case.ts';
import { type HalfOf, type PartialApis, partialApis } from '../partial/partial.ts';
import type { AnyApi, Prepared } from './api.ts';
import { ApiSide } from './api-side.ts';
import { ConvertedApi } from './converted.ts';
import { LegacyApi, SLEEPS, sleepsAnyway } from './legacy.ts';
import type { Side } from './machine-subject.ts';

/** A caller, and what it calls. */
export interface Stage {
  readonly name: string;
  readonly caller: 'legacy' | 'converted';
  readonly halfOf: HalfOf;
}

const all =
  (half: 'legacy' | 'converted'): HalfOf =>
  () =>
    half;

/** Every template has one half only, and every driver the other: a call crosses twice. */
const templates =
  (own: 'legacy' | 'converted', other: 'legacy' | 'converted'): HalfOf =>
  (_name, isTemplate) =>
    isTemplate ? own : other;

/** The two of the four combinations that need shims, and those of templates over children of the other side. */
export const STAGES: readonly Stage[] = [
  { name: 'legacy over converted', caller: 'legacy', halfOf: all('converted') },
  { name: 'converted over legacy', caller: 'converted', halfOf: all('legacy') },
  {
    name: 'legacy over converted templates',
    caller: 'legacy',
    halfOf: templates('converted', 'legacy'),
  },
  {
    name: 'converted over converted templates',
    caller: 'converted',
    halfOf: templates('converted', 'legacy'),
  },
  {
    name: 'legacy over legacy templates',
    caller: 'legacy',
    halfOf: templates('legacy', 'converted'),
  },
  {
    name: 'converted over legacy templates',
    caller: 'converted',
    halfOf: templates('legacy', 'converted'),
  },
];

/** So many parts are the cases of a campaign cut into; each stage runs one of them. */
const PARTS = 16;

/**
 * One side for each stage, on APIs of its own.
 * @param cases `part`: each stage runs a part of the cases, so that all of them together cost little
 */
export function partialSides(machine: Machine, cases: 'all' | 'part'): readonly Side[] {
  const options = { legacy: { zeroLength: 'fixed' } } as const;
  return STAGES.map(({ name, caller, halfOf }, i) => {
    const part = cases === 'all' ? null : i;
    const apis = (): PartialApis => partialApis(machine, halfOf, options);
    return caller === 'legacy'
      ? new StageSide(machine, new LegacyApi(machine, true, name, () => apis().legacy), part)
      : new StageSide(machine, new ConvertedApi(machine, true, name, () => apis().converted), part);
  });
}

/** An API below which drivers of the other one may be. */
export class StageSide<P extends Prepared> extends ApiSide<P> {
  readonly partial = true;
  private readonly part: number | null;

  constructor(machine: Machine, api: AnyApi<P>, part: number | null = null) {
    super(machine, api);
    this.part = part;
  }

  override declines(c: Case): string | null {
    if (this.part !== null && c.seed % PARTS !== this.part) return 'another part of the cases';
    return super.declines(c);
  }

  /** Some of its drivers are those of 6.1. */
  protected override declinesOne(c: Case): string | null {
    return sleepsAnyway(c) ? SLEEPS : super.declinesOne(c);
  }
}

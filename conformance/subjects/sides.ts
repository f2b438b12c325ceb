/**
 * The APIs over one machine.
 * @module
 */
import type { Machine } from '../../src/machine/machine.ts';
import { ApiSide } from './api-side.ts';
import { ConvertedApi } from './converted.ts';
import { FrontSide } from './front/front-side.ts';
import { LegacyApi } from './legacy.ts';
import { LibApi } from './lib.ts';
import type { Side } from './machine-subject.ts';
import { partialSides } from './partial-sides.ts';

/**
 * Legacy first: it is what the other is compared with. Without `accel` every name resolves to the generic
 * drivers.
 */
export function bothSides(machine: Machine, accel: boolean = true): readonly Side[] {
  return [
    new ApiSide(machine, new LegacyApi(machine, accel)),
    new ApiSide(machine, new ConvertedApi(machine, accel)),
  ];
}

/** Both APIs, and the library behind them: the third way to hand out pieces of memory. */
export function allSides(machine: Machine, accel: boolean = true): readonly Side[] {
  return [...bothSides(machine, accel), new ApiSide(machine, new LibApi(machine))];
}

/** Builds the sides that run over one machine. */
type SidesOf = (machine: Machine) => readonly Side[];

/**
 * The same, both APIs while a conversion is under way, and the front door: what a campaign runs.
 * @param halfConverted every case at every stage of a conversion and at the front door, and not a part of them
 * @param thread the compiled module of the front door, where that is not beside this one
 */
export function withStages(sidesOf: SidesOf, halfConverted: boolean, thread?: URL): SidesOf {
  const cases = halfConverted ? 'all' : 'part';
  return (machine) => [
    ...sidesOf(machine),
    ...partialSides(machine, cases),
    new FrontSide(halfConverted, thread),
  ];
}

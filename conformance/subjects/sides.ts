/**
 * The APIs over one machine.
 * @module
 */
import type { Machine } from '../../src/machine/machine.ts';
import { ApiSide } from './api-side.ts';
import { ConvertedApi } from './converted.ts';
import { LegacyApi } from './legacy.ts';
import { LibApi } from './lib.ts';
import type { Side } from './machine-subject.ts';

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

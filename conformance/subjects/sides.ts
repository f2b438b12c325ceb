/**
 * Both APIs over one machine.
 * @module
 */
import type { Machine } from '../../src/machine/machine.ts';
import { ConvertedSide } from './converted.ts';
import { LegacySide } from './legacy.ts';
import type { Side } from './machine-subject.ts';

/** Legacy first: it is what the other is compared with. */
export function bothSides(machine: Machine): readonly Side[] {
  return [new LegacySide(machine), new ConvertedSide(machine)];
}

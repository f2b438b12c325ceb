/**
 * What an API leaves in memory that it has given back.
 *
 * Verified: every byte of every slab object and page that the API took is zero afterwards, or was never
 * written. Not verified: what {@link Takings} does not see, and objects that were given to somebody else
 * before the end.
 * @module
 */
import { isLeft } from '../judge/residue.ts';
import type { Prepared } from '../subjects/api.ts';
import { firstWritten, Takings } from '../subjects/takings.ts';
import type { Lab } from './lab.ts';

/** Runs `work`, which must free all that it takes, and looks at what the API took. @throws Error */
export function leavesNothing<P extends Prepared>(lab: Lab<P>, work: () => void): void {
  const { machine } = lab.memory;
  const { epoch } = machine;
  const takings = new Takings(machine);
  work();
  for (const taking of takings.end()) {
    const { who, len } = taking;
    const known = lab.api.joined && isLeft(who);
    const at = firstWritten(machine, taking);
    if (known) lab.leftovers.add(who);
    else lab.holds(false, `byte ${at} of ${len} that ${who} gave back is not zero`);
  }
  lab.holds(machine.epoch === epoch, 'the machine was reset on the way');
}

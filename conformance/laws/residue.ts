/**
 * What an API leaves in memory that it has given back.
 *
 * Verified: every byte of every slab object and page that the API took is zero afterwards, or was never
 * written. Not verified: what lies outside of the machine, as the key schedules of the byte providers
 * do, and objects that were given to somebody else before the end.
 * @module
 */
import { must } from '../../src/machine/access.ts';
import { physToLinear } from '../../src/machine/address.ts';
import type { LedgerKind } from '../../src/machine/ledger.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { PHYS_BASE, pfnToPhys } from '../../src/machine/phys-mem.ts';
import { PAGE_SIZE, pfn, physAddr } from '../../src/units.ts';
import type { Prepared } from '../subjects/api.ts';
import type { Lab } from './lab.ts';

/** Memory of the law itself, and the pages that objects are cut from. */
const NOT_THE_API: readonly string[] = ['case', 'user', 'page cache', 'slab'];

/** Memory that an API may give back as it is, because the kernel does. */
interface Left {
  readonly api: string;
  readonly who: string;
  readonly kernel: string;
}

export const LEFT: readonly Left[] = [
  {
    api: 'legacy',
    who: 'skcipher_walk',
    kernel: 'crypto/skcipher.c skcipher_walk_done: kfree(walk->buffer), free_page(walk->page)',
  },
  { api: 'legacy', who: 'essiv', kernel: 'crypto/essiv.c essiv_aead_done: kfree(rctx->assoc)' },
];

/** Something that the API took. */
interface Taking {
  readonly who: string;
  readonly offset: number;
  readonly len: number;
}

/** Runs `work`, which must free all that it takes, and looks at what the API took. @throws Error */
export function leavesNothing<P extends Prepared>(lab: Lab<P>, work: () => void): void {
  const { machine } = lab.memory;
  const garbage = garbageOf(machine);
  const takings: Taking[] = [];
  machine.ledger.recorder = (kind, id, who) => {
    const taking = NOT_THE_API.includes(who) ? null : takingOf(machine, kind, id, who);
    if (taking !== null) takings.push(taking);
  };
  work();
  machine.ledger.recorder = null;
  for (const { who, offset, len } of takings) {
    const bytes = machine.mem.u8.subarray(offset, offset + len);
    const at = bytes.findIndex((byte) => byte !== 0 && byte !== garbage);
    const known = LEFT.some((left) => left.api === lab.api.name && left.who === who);
    if (at >= 0 && known) lab.leftovers.add(who);
    else lab.holds(at < 0, `byte ${at} of ${len} that ${who} gave back is not zero`);
  }
  lab.holds(machine.ledger.recorder === null, 'the machine was reset on the way');
}

function takingOf(machine: Machine, kind: LedgerKind, id: number, who: string): Taking | null {
  if (kind === 'slab') {
    const at = physAddr(id);
    return { who, offset: id - PHYS_BASE, len: machine.slab.ksize(physToLinear(at)) };
  }
  if (kind !== 'page') return null;
  const page = pfn(id);
  const order = machine.pages.order[machine.pages.index(page)];
  return { who, offset: pfnToPhys(page) - PHYS_BASE, len: PAGE_SIZE << order };
}

/** What memory holds that was allocated and never written. */
function garbageOf(machine: Machine): number {
  const page = must(machine.allocPages(0, 'case'));
  const byte = machine.mem.u8[pfnToPhys(page) - PHYS_BASE];
  machine.freePages(page);
  return byte;
}

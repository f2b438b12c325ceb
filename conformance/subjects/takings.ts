/**
 * What an API takes from the machine while it runs: slab objects and pages, by whom.
 *
 * Not seen: what lies outside of the machine, as the key schedules of the byte providers do, and what
 * memory held before it was given to somebody else.
 * @module
 */
import { physToLinear } from '../../src/machine/address.ts';
import type { LedgerKind } from '../../src/machine/ledger.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { PHYS_BASE, pfnToPhys } from '../../src/machine/phys-mem.ts';
import { PAGE_SIZE, pfn, physAddr } from '../../src/units.ts';

/** Memory of the caller, and the pages that objects are cut from. */
const NOT_THE_API: ReadonlySet<string> = new Set(['case', 'caller', 'user', 'page cache', 'slab']);
const WORD = 4;

/** Something that an API took: so many bytes at an offset of memory. */
export interface Taking {
  readonly who: string;
  readonly offset: number;
  readonly len: number;
}

/** Everything that is taken between its making and {@link Takings.end}, or the next reset of the machine. */
export class Takings {
  private readonly machine: Machine;
  private readonly all: Taking[] = [];

  constructor(machine: Machine) {
    this.machine = machine;
    machine.ledger.recorder = (kind, id, who) => this.take(kind, id, who);
  }

  /** @returns what was taken and holds bytes that somebody wrote, given back or not. */
  end(): Taking[] {
    this.machine.ledger.recorder = null;
    return this.all.filter((taking) => firstWritten(this.machine, taking) >= 0);
  }

  private take(kind: LedgerKind, id: number, who: string): void {
    const { machine } = this;
    if (NOT_THE_API.has(who)) return;
    if (kind === 'slab' || kind === 'key') {
      const from = kind === 'slab' ? machine.slab : machine.keys;
      const len = from.ksize(physToLinear(physAddr(id)));
      this.all.push({ who, offset: id - PHYS_BASE, len });
    } else if (kind === 'page') {
      const page = pfn(id);
      const order = machine.pages.order[machine.pages.index(page)];
      this.all.push({ who, offset: pfnToPhys(page) - PHYS_BASE, len: PAGE_SIZE << order });
    }
  }
}

/** @returns the first byte that is neither zero nor as memory was handed out, -1 where there is none. */
export function firstWritten({ mem, pageAlloc }: Machine, { offset, len }: Taking): number {
  const { garbage } = pageAlloc;
  const unwritten = garbage * 0x01010101;
  const end = offset + len;
  for (let at = offset; at < end; at += WORD) {
    const value = mem.words[at / WORD];
    if (value === 0 || value === unwritten) continue;
    for (let i = at; i < end; i++) {
      const byte = mem.u8[i];
      if (byte !== 0 && byte !== garbage) return i - offset;
    }
  }
  return -1;
}

/**
 * Names of memory: which byte of which segment an address is, and what the API has allocated.
 * @module
 */
import { physToLinear } from '../../src/machine/address.ts';
import type { LedgerKind } from '../../src/machine/ledger.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { PFN_BASE, PHYS_BASE, pfnToPhys } from '../../src/machine/phys-mem.ts';
import { PAGE_SIZE, pfn, physAddr } from '../../src/units.ts';
import type { Placed } from '../case/placed.ts';
import type { Operation } from '../subjects/operation.ts';

/** What bytes of a list are for. */
export type Role = 'AD' | 'text' | 'tag' | 'spare';

/** A contiguous piece of a segment of the case. */
export interface Area {
  readonly list: 'src' | 'dst';
  readonly segment: number;
  /** Offset in the memory of the machine. */
  readonly from: number;
  readonly to: number;
  /** Offset of its first byte in the segment, and in the list. */
  readonly inSegment: number;
  readonly inList: number;
}

/** Memory outside the case: what the API has taken, and the lists of the request before. */
interface Block {
  readonly from: number;
  readonly to: number;
  readonly who: string;
}

/** Lengths of the parts of a list: AD, then text, then the tag. */
export interface Parts {
  readonly ad: number;
  readonly text: number;
  readonly tag: number;
}

/** Bytes outside a segment that are still named by it. */
const NEAR = PAGE_SIZE;

export class MemoryMap {
  readonly areas: readonly Area[];
  readonly parts: Parts;
  private readonly machine: Machine;
  private readonly blocks = new Map<string, Block>();

  constructor(machine: Machine, { c, input, src, dst, earlier }: Operation) {
    this.machine = machine;
    // What goes in and what comes out of compression and public keys differ in length: all of it is text.
    const text = Math.max(input.text.length, c.room);
    this.parts = { ad: input.ad.length, text, tag: c.authsize };
    this.areas = [
      ...areasOf('src', src),
      ...(c.layout.inplace === 'no' ? areasOf('dst', dst) : []),
    ];
    for (const { runs } of earlier?.src ?? []) {
      for (const { phys, len } of runs) {
        const from = phys - PHYS_BASE;
        this.blocks.set(`earlier:${phys}`, { from, to: from + len, who: 'earlier' });
      }
    }
  }

  /** Enters what was just taken. */
  take(kind: LedgerKind, id: number, who: string): void {
    const block = this.blockOf(kind, id, who);
    if (block !== null) this.blocks.set(`${kind}:${id}`, block);
  }

  drop(kind: LedgerKind, id: number): void {
    this.blocks.delete(`${kind}:${id}`);
  }

  /** The piece of a segment that an offset of memory lies in. */
  areaAt(at: number): Area | null {
    return this.areas.find(({ from, to }) => at >= from && at < to) ?? null;
  }

  roleAt({ inList, from }: Area, at: number): Role {
    const { ad, text, tag } = this.parts;
    const place = inList + at - from;
    if (place < ad) return 'AD';
    if (place < ad + text) return 'text';
    return place < ad + text + tag ? 'tag' : 'spare';
  }

  /** A range in few words: `dst[1]+8..24`, `skcipher_walk+0..16`, `3 behind src[0]`. */
  name(at: number, len: number): string {
    const area = this.areaAt(at);
    if (area !== null) {
      const offset = area.inSegment + at - area.from;
      return `${area.list}[${area.segment}]+${offset}..${offset + len}`;
    }
    for (const { from, to, who } of this.blocks.values()) {
      if (at >= from && at < to) return `${who}+${at - from}..${at - from + len}`;
    }
    const zero = at - (this.machine.zeroPage - PHYS_BASE);
    if (zero >= 0 && zero < PAGE_SIZE) return `zero page+${zero}..${zero + len}`;
    return this.nearest(at) ?? `${(PHYS_BASE + at).toString(16)}+${len}`;
  }

  /** What the bytes of a range are for: `text`, `AD to tag`; empty outside the case. */
  roles(at: number, len: number): string {
    const area = this.areaAt(at);
    if (area === null) return '';
    const first = this.roleAt(area, at);
    const last = this.roleAt(area, Math.min(at + len, area.to) - 1);
    return len < 2 || first === last ? first : `${first} to ${last}`;
  }

  private nearest(at: number): string | null {
    let best = NEAR;
    let words: string | null = null;
    for (const { list, segment, from, to } of this.areas) {
      const distance = at < from ? from - at : at - to + 1;
      if (distance >= best) continue;
      best = distance;
      words = `${distance} ${at < from ? 'before' : 'behind'} ${list}[${segment}]`;
    }
    return words;
  }

  private blockOf(kind: LedgerKind, id: number, who: string): Block | null {
    if (kind === 'page') {
      const from = pfnToPhys(pfn(id)) - PHYS_BASE;
      return { from, to: from + (PAGE_SIZE << this.machine.pages.order[id - PFN_BASE]), who };
    }
    if (kind !== 'slab') return null;
    const from = id - PHYS_BASE;
    return { from, to: from + this.machine.slab.ksize(physToLinear(physAddr(id))), who };
  }
}

function areasOf(list: 'src' | 'dst', placed: readonly Placed[]): Area[] {
  const areas: Area[] = [];
  let inList = 0;
  placed.forEach(({ runs }, segment) => {
    let inSegment = 0;
    for (const { phys, len } of runs) {
      const from = phys - PHYS_BASE;
      areas.push({ list, segment, from, to: from + len, inSegment, inList });
      inSegment += len;
      inList += len;
    }
  });
  return areas;
}

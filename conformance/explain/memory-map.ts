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
import type { CaseInput } from '../judge/observe.ts';
import type { Operation } from '../subjects/operation.ts';

/** What bytes of a list are for. */
export type Role = 'AD' | 'text' | 'tag' | 'spare';

/** A contiguous piece of a segment of the case. */
export interface Area {
  /** Number of the request in a program; 0 where there is one request. */
  readonly request: number;
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
  /** True where names of memory begin with the number of their request. */
  readonly isProgram: boolean;
  private readonly parts: readonly Parts[];
  private readonly inputs: readonly CaseInput[];
  private readonly machine: Machine;
  private readonly blocks = new Map<string, Block>();

  /** @param ops each request of a program, or the one there is */
  constructor(machine: Machine, ops: readonly Operation[], isProgram: boolean) {
    this.machine = machine;
    this.isProgram = isProgram;
    this.inputs = ops.map(({ input }) => input);
    // What goes in and what comes out of compression and public keys differ in length: all of it is text.
    this.parts = ops.map(({ c, input }) => ({
      ad: input.ad.length,
      text: Math.max(input.text.length, c.room),
      tag: c.authsize,
    }));
    this.areas = ops.flatMap(({ c, src, dst }, request) => [
      ...areasOf(request, 'src', src),
      ...(c.layout.inplace === 'no' ? areasOf(request, 'dst', dst) : []),
    ]);
    for (const { runs } of ops.flatMap(({ earlier }) => earlier?.src ?? [])) {
      for (const { phys, len } of runs) {
        const from = phys - PHYS_BASE;
        this.blocks.set(`earlier:${phys}`, { from, to: from + len, who: 'earlier' });
      }
    }
  }

  /** How long the parts of the lists of a request are. */
  partsOf({ request }: Area): Parts {
    return this.parts[request];
  }

  /** A segment as it is called: `dst[1]`, in a program with the number of its request, `#2 dst[1]`. */
  segmentName({ request, list, segment }: Area): string {
    return `${this.prefix(request)}${list}[${segment}]`;
  }

  /** Number of the request that an operation is of. */
  requestOf({ input }: Operation): number {
    return this.inputs.indexOf(input);
  }

  /** What stands before whatever is of a request of a program: `#2 `; empty where there is one request. */
  prefix(request: number): string {
    return this.isProgram ? `#${request} ` : '';
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

  roleAt(area: Area, at: number): Role {
    const { ad, text, tag } = this.partsOf(area);
    const place = area.inList + at - area.from;
    if (place < ad) return 'AD';
    if (place < ad + text) return 'text';
    return place < ad + text + tag ? 'tag' : 'spare';
  }

  /** A range in few words: `dst[1]+8..24`, `skcipher_walk+0..16`, `3 behind src[0]`. */
  name(at: number, len: number): string {
    const area = this.areaAt(at);
    if (area !== null) {
      const offset = area.inSegment + at - area.from;
      return `${this.segmentName(area)}+${offset}..${offset + len}`;
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
    for (const area of this.areas) {
      const { from, to } = area;
      const distance = at < from ? from - at : at - to + 1;
      if (distance >= best) continue;
      best = distance;
      words = `${distance} ${at < from ? 'before' : 'behind'} ${this.segmentName(area)}`;
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

function areasOf(request: number, list: 'src' | 'dst', placed: readonly Placed[]): Area[] {
  const areas: Area[] = [];
  let inList = 0;
  placed.forEach(({ runs }, segment) => {
    let inSegment = 0;
    for (const { phys, len } of runs) {
      const from = phys - PHYS_BASE;
      areas.push({ request, list, segment, from, to: from + len, inSegment, inList });
      inSegment += len;
      inList += len;
    }
  });
  return areas;
}

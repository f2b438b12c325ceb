/**
 * Watches what a caller holds of the memory of a process: at each moment of a request, every page of it as often
 * as the caller's way asks for, told from where the segments lie and not from what the caller says it took.
 *
 * Verified: pins and references of each page, each by itself; the pages that stand in for them. Not verified: whether
 * a page that was written to is marked dirty.
 * @module
 */
import { physToPfn } from '../../src/machine/phys-mem.ts';
import { offsetInPage, PAGE_SIZE, type Pfn } from '../../src/units.ts';
import type { Caller } from '../case/case.ts';
import type { Placed } from '../case/placed.ts';
import type { HeldAt } from '../judge/observe.ts';
import type { Operation } from './operation.ts';

/** How often a page must be held, and where it is first met. */
interface Wanted {
  count: number;
  readonly place: string;
}

export class HoldWatch {
  readonly moments: HeldAt[] = [];
  private readonly op: Operation;
  private readonly wanted = new Map<Pfn, Wanted>();
  /** A bio of scatterlists has references; everybody else pins. */
  private readonly kind: 'pin' | 'reference';
  /** Pages that stand in for those of the process. */
  private bounce = 0;

  /** @param lists lends to an API of scatterlists */
  constructor(op: Operation, how: Caller, lists: boolean) {
    this.op = op;
    this.kind = how === 'map' && lists ? 'reference' : 'pin';
    this.add('src', op.src, how);
    if (op.c.layout.inplace === 'no') this.add('dst', op.dst, how);
  }

  /** @param bounce pages that the caller has instead */
  look(when: HeldAt['when'], bounce: readonly Pfn[]): void {
    const { ledger } = this.op.memory.machine;
    const isHeld = when !== 'released';
    let pages = 0;
    let odd: string | null = null;
    for (const [page, { count, place }] of this.wanted) {
      for (const kind of ['pin', 'reference'] as const) {
        const held = ledger.count(kind, page);
        const right = isHeld && kind === this.kind ? count : 0;
        pages += held;
        const verb = kind === 'pin' ? 'pinned' : 'referenced';
        if (held !== right) odd ??= `${place} is ${verb} ${held} times, not ${right}`;
      }
    }
    const right = isHeld ? this.bounce : 0;
    const own = bounce.filter((page) => ledger.count('page', page) === 1).length;
    if (own !== right) odd ??= `${own} pages of the caller hold the copy, not ${right}`;
    this.moments.push({ when, pages: pages + own, odd });
  }

  private add(name: string, list: readonly Placed[], how: Caller): void {
    /** Bytes in the neighbours that end here, and where the last of them ended. */
    let copied = 0;
    let end = -1;
    for (const [i, { user, runs, len }] of list.entries()) {
      if (user === null) {
        this.bounce += Math.ceil(copied / PAGE_SIZE);
        copied = 0;
        end = -1;
        continue;
      }
      if (how === 'copy') copied += len;
      for (const [k, run] of runs.entries()) {
        const goesOn = how === 'map' && run.phys === end && offsetInPage(run.phys) > 0;
        const more = how === 'copy' || goesOn ? 0 : 1;
        const page = physToPfn(run.phys);
        const known = this.wanted.get(page);
        if (known !== undefined) known.count += more;
        else this.wanted.set(page, { count: more, place: `page ${k} of ${name}[${i}]` });
        end = run.phys + run.len;
      }
    }
    this.bounce += Math.ceil(copied / PAGE_SIZE);
  }
}

/**
 * The canaries of callers with user memory: each takes or gives back something else than it has to, once.
 * @module
 */
import { must } from '../../src/machine/access.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { physToPfn } from '../../src/machine/phys-mem.ts';
import { PAGE_SIZE, type Pfn } from '../../src/units.ts';
import { bytesLength, type Caller, type Case, resizeBytes, type Segment } from '../case/case.ts';
import type { Violation } from '../judge/judge.ts';
import { ApiSide } from '../subjects/api-side.ts';
import { ConvertedApi } from '../subjects/converted.ts';
import { LegacyApi } from '../subjects/legacy.ts';
import { type MakeCaller, newCaller, UserCaller } from '../subjects/user-caller.ts';
import { Harness } from './harness.ts';

/** Gives back before the request is over. */
class Hasty extends UserCaller {
  constructor(...about: ConstructorParameters<typeof UserCaller>) {
    super(...about);
    this.lent.pop()?.loan.release();
  }
}

/** Keeps everything where the request failed. */
class Forgetful extends UserCaller {
  protected override release(): void {
    if ((this.result ?? 0) === 0) super.release();
  }
}

/** Gives back what it has given back. */
class Twice extends UserCaller {
  protected override release(): void {
    for (const { loan } of this.lent) loan.release();
    super.release();
  }
}

/** Pins one page more. */
class Greedy extends UserCaller {
  constructor(...about: ConstructorParameters<typeof UserCaller>) {
    super(...about);
    const { memory, src } = this.op;
    const [{ runs }] = src;
    memory.machine.pinPage(physToPfn(runs[0].phys), 'canary');
  }
}

/** Has references where it must have pins. */
class Loose extends UserCaller {
  constructor(...about: ConstructorParameters<typeof UserCaller>) {
    super(...about);
    this.exchange((machine, page) => {
      machine.unpinPage(page);
      machine.getPage(page, 'canary');
    });
  }

  protected override release(): void {
    this.exchange((machine, page) => {
      machine.putPage(page);
      machine.pinPage(page, 'canary');
    });
    super.release();
  }

  private exchange(one: (machine: Machine, page: Pfn) => void): void {
    for (const { loan } of this.lent) {
      for (const { page } of loan.placed) one(this.op.memory.machine, must(page));
    }
  }
}

/** Brings home nothing, or what came of a failure. */
class Idle extends UserCaller {
  protected override mayBring(): boolean {
    return false;
  }
}
class Eager extends UserCaller {
  protected override mayBring(): boolean {
    return true;
  }
}

/** A caller that errs, in what, and the check that must name it. */
export interface CallerProbe {
  readonly name: string;
  readonly make: MakeCaller;
  readonly how: Caller;
  readonly check: 'HOLD' | 'TRAP';
  /** The request is refused, having written what it had. */
  readonly fails?: true;
}

export const CALLER_PROBES: readonly CallerProbe[] = [
  {
    name: 'given back early',
    make: (...about) => new Hasty(...about),
    how: 'extract',
    check: 'HOLD',
  },
  {
    name: 'a copy freed early',
    make: (...about) => new Hasty(...about),
    how: 'copy',
    check: 'TRAP',
  },
  {
    name: 'kept on error',
    make: (...about) => new Forgetful(...about),
    how: 'map',
    check: 'HOLD',
    fails: true,
  },
  {
    name: 'given back twice',
    make: (...about) => new Twice(...about),
    how: 'map',
    check: 'TRAP',
  },
  {
    name: 'unpinned twice',
    make: (...about) => new Twice(...about),
    how: 'extract',
    check: 'TRAP',
  },
  {
    name: 'references for pins',
    make: (...about) => new Loose(...about),
    how: 'extract',
    check: 'HOLD',
  },
  { name: 'a page too many', make: (...about) => new Greedy(...about), how: 'map', check: 'HOLD' },
  {
    name: 'copy not brought home',
    make: (...about) => new Idle(...about),
    how: 'copy',
    check: 'HOLD',
  },
  {
    name: 'failure brought home',
    make: (...about) => new Eager(...about),
    how: 'copy',
    check: 'HOLD',
    fails: true,
  },
];

/**
 * The case with all of its memory a process's.
 * @param c of a cipher that takes whole blocks
 * @param fails one byte less than those: the request is refused
 */
export function lentCase(c: Case, how: Caller, fails: boolean): Case {
  const user = ({ offset, len }: Segment): Segment => ({
    kind: 'user',
    offset: offset % PAGE_SIZE,
    len,
  });
  const { src, dst } = c.layout;
  const context = { ...c.context, caller: how, again: undefined, reuse: false };
  return {
    ...c,
    context,
    text: fails ? resizeBytes(c.text, bytesLength(c.text) - 1) : c.text,
    layout: { ...c.layout, src: src.map(user), dst: dst.map(user) },
  };
}

/** Both APIs, called by whoever is to be heard. */
export class CallerCage {
  private make: MakeCaller | null = null;
  private readonly harness: Harness;

  constructor() {
    const make: MakeCaller = (...about) => (this.make ?? newCaller)(...about);
    this.harness = new Harness((machine) => [
      new ApiSide(machine, new LegacyApi(machine), make),
      new ApiSide(machine, new ConvertedApi(machine), make),
    ]);
  }

  /** What rings of a case, on each API. @param make null for callers that do what they must */
  rings(c: Case, make: MakeCaller | null): Violation[] {
    this.make = make;
    return this.harness.judge(c);
  }

  /** Whether a caller is heard on both APIs. @param c of a cipher that takes whole blocks, and succeeds */
  hears(c: Case, { make, how, check, fails }: CallerProbe): boolean {
    const rung = this.rings(lentCase(c, how, fails === true), make);
    return ['legacy', 'converted'].every((api) =>
      rung.some((violation) => violation.check === check && violation.subject === api),
    );
  }
}

/**
 * Callers that err, and nobody hears it. Where something rings of a caller that does what it must, an API is
 * wrong, which will be found.
 */
export function deafCallers(c: Case): string[] {
  const cage = new CallerCage();
  const isSilent = ({ how, fails }: CallerProbe): boolean =>
    cage.rings(lentCase(c, how, fails === true), null).length === 0;
  return CALLER_PROBES.filter((probe) => !cage.hears(c, probe) && isSilent(probe)).map(
    ({ name, check }) => `${check} does not ring: a caller, ${name}`,
  );
}

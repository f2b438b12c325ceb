/**
 * Canaries for every check: an otherwise correct API does one forbidden thing after its operation, and
 * exactly one check must name it. A check that has never been seen failing proves nothing, so that every
 * campaign asks all of them before it trusts any.
 *
 * Verified: that each rule rings, at the first byte and at the last, and that work changes its order.
 * Not verified: that a rule is silent where nothing is wrong: the cases of the campaign show that.
 * @module
 */
import { EBADMSG, EINPROGRESS } from '../../src/errno.ts';
import { must, writeKernel } from '../../src/machine/access.ts';
import { DmaDevice } from '../../src/machine/dma/device.ts';
import { dmaMapPhys } from '../../src/machine/dma/dma.ts';
import { DMA_FROM_DEVICE } from '../../src/machine/dma/ledger.ts';
import { Machine, pageAddress } from '../../src/machine/machine.ts';
import { PHYS_BASE } from '../../src/machine/phys-mem.ts';
import { WorkQueue } from '../../src/machine/scheduler.ts';
import { PAGE_SIZE, physAddr, virtAddr } from '../../src/units.ts';
import { bytesLength, type Case, type Segment } from '../case/case.ts';
import { CaseGenerator } from '../case/generate.ts';
import { CaseMemory } from '../case/memory.ts';
import { sliceRuns } from '../case/placed.ts';
import { deafIterators } from '../iterators/canaries.ts';
import { CHECKS, type Check, judgeTrial, type Violation } from '../judge/judge.ts';
import type { Operation } from '../subjects/operation.ts';
import type { Outcome } from '../subjects/outcome.ts';
import { caseInput, expectation, unexpected } from '../subjects/reference.ts';
import { bothSides } from '../subjects/sides.ts';
import {
  Canary,
  type Harm,
  type ProgramHarm,
  spoil,
  spoilByte,
  spoilLast,
  unharmed,
  unharmedProgram,
} from './canary.ts';
import { deafCallers } from './canary-callers.ts';
import { keptPointer, lateTouch } from './canary-late.ts';
import { programProbes } from './canary-programs.ts';
import { Harness } from './harness.ts';

/** Memory of a machine in which no API runs. */
const PROBE_MEMORY = 1 << 20;
/** Cases among which the generator must draw one for each canary. */
const MOST_TRIED = 20_000;
/** Bytes of their text: more would cost time and show no more. */
const SHORTEST = 40;
const LONGEST = 512;
const BLOCK = 16;

/** Each in a page of its own. */
const FRAMES: readonly Segment[] = [0, 100, 4000].map((offset) => ({
  kind: 'page',
  offset,
  len: 1,
}));

/** A forbidden thing, and the check that must name it. */
export interface Probe {
  readonly name: string;
  readonly check: Check;
  readonly c: Case;
  readonly harm?: Harm;
  readonly programHarm?: ProgramHarm;
}

/** The first undisturbed case of an algorithm that has something. @throws Error where none is drawn */
export function caseOf(alg: string, has: (c: Case) => boolean): Case {
  const generator = new CaseGenerator([alg]);
  for (let i = 0; i < MOST_TRIED; i++) {
    const c = generator.at(1, i);
    if (!isAlone(c)) continue;
    const len = bytesLength(c.text);
    if (len < SHORTEST || len > LONGEST || !has(c)) continue;
    const { result } = expectation(c, caseInput(c));
    if (result === (c.tamper === null ? 0 : -EBADMSG)) return c;
  }
  throw new Error(`the generator draws no case of ${alg} for a canary`);
}

/** Nothing fails, and nothing is done before or behind it. */
function isAlone({ context, program }: Case): boolean {
  const { fault, failing, again, reuse } = context;
  const isDisturbed = fault > 0 || failing !== undefined || again === true || reuse;
  return !isDisturbed && program === undefined;
}

/** An encryption with IV that is not in place, succeeds, and is done once more. */
export function plainCase(): Case {
  const c = caseOf(
    'cbc(aes)',
    ({ op, layout: { inplace, src, dst } }) =>
      op === 'encrypt' && inplace === 'no' && isRoomy(src[0]) && isRoomy(dst[0]),
  );
  return { ...c, context: { ...c.context, again: true } };
}

/** The generator draws the same again: it is looked for once in a thread, and so are the probes. */
let crossing: Case | null = null;

/** An encryption whose source begins in one page and goes on in the next. */
export function crossingCase(): Case {
  crossing ??= caseOf('cbc(aes)', ({ op, text, layout: { src } }) => {
    const [{ kind, offset, len }] = src;
    const isRead = kind === 'page' && len <= bytesLength(text);
    return op === 'encrypt' && isRead && offset < PAGE_SIZE && offset + len > PAGE_SIZE;
  });
  return crossing;
}

/** A segment of some bytes in a page, with some of the page in front of it and behind it. */
function isRoomy({ kind, offset, len }: Segment): boolean {
  return kind === 'page' && offset > 0 && len > BLOCK && (offset + len) % PAGE_SIZE !== 0;
}

/** Both APIs, of which the converted one does what a probe says. */
export class CanaryCage {
  private harm: Harm = unharmed;
  private programHarm: ProgramHarm = unharmedProgram;
  private readonly harness: Harness = new Harness((machine) => {
    const [legacy, converted] = bothSides(machine);
    const canary = new Canary(
      converted,
      (op, outcome) => this.harm(op, outcome),
      (outcome, ops) => this.programHarm(outcome, ops),
    );
    return [legacy, canary];
  });

  /** What rings. */
  judge({
    c,
    harm = unharmed,
    programHarm = unharmedProgram,
  }: Pick<Probe, 'c' | 'harm' | 'programHarm'>): Violation[] {
    this.harm = harm;
    this.programHarm = programHarm;
    return this.harness.judge(c);
  }
}

/** What is heard without a canary in the cage: a reference that fails. */
const UNTOLD = ['SELF', 'ORDER', 'CALLER', 'HOLD'] as const;

/** Whether a check has a canary in {@link CANARIES}. */
export function isTold(check: Check): check is Exclude<Check, (typeof UNTOLD)[number]> {
  return !UNTOLD.some((untold) => untold === check);
}

/** One canary for each check of a single request, on {@link plainCase}. */
export const CANARIES: Readonly<Record<Exclude<Check, (typeof UNTOLD)[number]>, Harm>> = {
  TRAP: ({ memory, dst }, outcome) => {
    const [run] = sliceRuns(dst, 0, 1);
    memory.machine.store(physAddr(run.phys - 1), Uint8Array.of(0));
    return outcome;
  },
  DMA: ({ memory: { machine } }, outcome) => {
    const page = must(machine.allocPages(0, 'case'));
    const device = new DmaDevice(machine, { name: 'canary' });
    dmaMapPhys(device, pageAddress(page, 0), PAGE_SIZE, DMA_FROM_DEVICE);
    machine.ledger.drop('page', page);
    return outcome;
  },
  RET: (_op, outcome) => ({ ...outcome, ret: -22, completions: [] }),
  CB: (_op, outcome) => ({ ...outcome, completions: [0, 0] }),
  OUT: (op, outcome) => {
    spoil(op, sliceRuns(op.dst, 0, 1)[0].phys);
    return outcome;
  },
  LIVE: (_op, outcome) => ({ ...outcome, ret: -EINPROGRESS, completions: [], async: true }),
  IV: (_op, outcome) => ({ ...outcome, iv: outcome.iv.map((byte) => byte ^ 1) }),
  GUARD: (op, outcome) => {
    spoil(op, sliceRuns(op.dst, 0, 1)[0].phys - 1);
    return outcome;
  },
  SRC: (op, outcome) => {
    spoil(op, sliceRuns(op.src, 5, 1)[0].phys);
    return outcome;
  },
  REF: ({ memory }, outcome) => {
    must(memory.machine.allocPages(0, 'canary'));
    return outcome;
  },
  RESIDUE: ({ memory, input }, outcome) => {
    freeAsItIs(memory, must(input.key));
    return outcome;
  },
  ITER: (_op, outcome) => ({ ...outcome, iterators: ['src moved by 16'] }),
  FORM: (_op, outcome) => ({ ...outcome, form: ['entry 0 was changed'] }),
  STATE: (_op, outcome) => {
    const { later = outcome } = outcome;
    return { ...outcome, later: { ...later, ret: -22, completions: [] } };
  },
  WARN: ({ memory }, outcome) => {
    memory.machine.warn('canary');
    return outcome;
  },
};

/** Takes memory, puts bytes into it, and gives it back without a word. */
function freeAsItIs({ machine }: CaseMemory, bytes: Uint8Array): void {
  const at = must(machine.slab.kmalloc(2 * bytes.length, 'canary'));
  writeKernel(machine, virtAddr(at + bytes.length), bytes);
  machine.slab.kfree(at);
}

/** Encryptions whose associated data stand in front of a destination of its own. */
export const OUT_OF_PLACE_AD = ({ op, ad, layout }: Case): boolean =>
  op === 'encrypt' && layout.inplace === 'no' && bytesLength(ad) > 0;

/** Spoils a byte of a list, counted from its beginning. */
export function spoilAt(list: 'src' | 'dst', at: (op: Operation) => number): Harm {
  return (op, outcome) => {
    spoil(op, sliceRuns(op[list], at(op), 1)[0].phys);
    return outcome;
  };
}

/** Behind the last byte that was written, in a segment that ends there. */
const spoilBehind: Harm = (op, outcome) => {
  const [run] = sliceRuns(op.dst, op.input.text.length - 1, 1);
  spoil(op, run.phys + 1);
  return outcome;
};

/** Each thing that is compared, spoiled where a comparison that stops too early does not look. */
export function lastBytes(plain: Case): Probe[] {
  return [
    { name: 'text', check: 'OUT', c: plain, harm: spoilLast },
    {
      name: 'tag',
      check: 'OUT',
      c: caseOf('gcm(aes)', ({ op }) => op === 'encrypt'),
      harm: spoilLast,
    },
    { name: 'digest', check: 'OUT', c: caseOf('sha256', () => true), harm: spoilLast },
    {
      name: 'what a failure leaves',
      check: 'OUT',
      c: caseOf('gcm(aes)', ({ tamper }) => tamper?.part === 'tag'),
      harm: spoilLast,
    },
    {
      name: 'IV',
      check: 'IV',
      c: plain,
      harm: (_op, outcome) => ({
        ...outcome,
        iv: outcome.iv.map((byte, i) => (i < outcome.iv.length - 1 ? byte : ~byte)),
      }),
    },
    {
      name: 'source',
      check: 'SRC',
      c: plain,
      harm: spoilAt('src', ({ input }) => input.text.length - 1),
    },
    {
      name: 'associated data of the destination',
      check: 'GUARD',
      c: caseOf('gcm(aes)', OUT_OF_PLACE_AD),
      harm: spoilAt('dst', ({ input }) => input.ad.length - 1),
    },
    {
      name: 'the tag that was read in place',
      check: 'GUARD',
      c: caseOf('gcm(aes)', ({ op, layout, tamper }) => {
        return op === 'decrypt' && layout.inplace === 'same' && tamper === null;
      }),
      harm: spoilAt('dst', ({ c, input }) => {
        return input.ad.length + input.text.length + c.authsize - 1;
      }),
    },
    {
      name: 'behind the destination',
      check: 'GUARD',
      c: caseOf('cbc(aes)', ({ op, layout, text }) => {
        const [only, ...more] = layout.dst;
        const isExact = only?.len === bytesLength(text) && more.length === 0;
        return op === 'encrypt' && layout.inplace === 'no' && isExact && isRoomy(only);
      }),
      harm: spoilBehind,
    },
  ];
}

/** The same at the other end, where a comparison that begins too late does not look. */
function firstBytes(plain: Case): Probe[] {
  return [
    {
      name: 'first byte of the digest',
      check: 'OUT',
      c: caseOf('sha256', () => true),
      harm: first,
    },
    {
      name: 'first byte of the IV',
      check: 'IV',
      c: plain,
      harm: (_op, outcome) => ({
        ...outcome,
        iv: outcome.iv.map((byte, i) => (i > 0 ? byte : ~byte)),
      }),
    },
    { name: 'a zero in front of the destination', check: 'GUARD', c: plain, harm: zeroInFront },
    { name: 'first byte of the source', check: 'SRC', c: plain, harm: spoilAt('src', () => 0) },
  ];
}

/** A stray write of what memory often holds anyway: only garbage round the segments shows it. */
function zeroInFront(op: Operation, outcome: Outcome): Outcome {
  const { mem } = op.memory.machine;
  const at = sliceRuns(op.dst, 0, 1)[0].phys - PHYS_BASE - 1;
  mem.u8[at] = 0;
  mem.markDirty(at, 1);
  return outcome;
}

/** Changes the first byte of a digest. */
function first(_op: Operation, outcome: Outcome): Outcome {
  return { ...outcome, digest: outcome.digest.map((byte, i) => (i > 0 ? byte : ~byte)) };
}

let drawn: readonly Probe[] | null = null;

/** Every canary. @throws Error where the generator draws no case for one */
export function probes(): readonly Probe[] {
  drawn ??= draw();
  return drawn;
}

function draw(): Probe[] {
  const plain = plainCase();
  return [
    ...CHECKS.filter(isTold).map((check) => ({
      name: check,
      check,
      c: plain,
      harm: CANARIES[check],
    })),
    ...lastBytes(plain),
    ...firstBytes(plain),
    ...programProbes(),
  ];
}

/**
 * Canaries that nobody heard: each is a check that does not look where it says. A case that is not silent
 * by itself says nothing of the checks: something is wrong with an API, and will be found.
 */
export function deafChecks(): string[] {
  const cage = new CanaryCage();
  const silent = new Map<Case, boolean>();
  const isSilent = (c: Case): boolean => {
    const known = silent.get(c) ?? cage.judge({ c }).length === 0;
    silent.set(c, known);
    return known;
  };
  const lines: string[] = [];
  let made: readonly Probe[] = [];
  let crossed: Case | null = null;
  try {
    made = probes();
    crossed = crossingCase();
  } catch (error) {
    lines.push(error instanceof Error ? error.message : String(error));
  }
  for (const probe of made) {
    if (!isSilent(probe.c)) continue;
    const { check, name } = probe;
    const isHeard = cage.judge(probe).some((violation) => violation.check === check);
    if (!isHeard) lines.push(`${check} does not ring: ${name}`);
  }
  const [{ c }] = made.length > 0 ? made : [{ c: null }];
  if (c !== null && isSilent(c) && !isReferenceHeard(c))
    lines.push('SELF does not ring: a reference that fails');
  if (c !== null && isSilent(c) && !lateTouch(c, true).includes('TRAP')) {
    lines.push('TRAP does not ring: an IV that is touched late');
  }
  for (const side of [0, 1] as const) {
    if (
      crossed !== null &&
      isSilent(crossed) &&
      !keptPointer(crossed, true, side).includes('TRAP')
    ) {
      lines.push('TRAP does not ring: a pointer that is kept over the end of a page');
    }
  }
  lines.push(...deafIterators());
  if (c !== null) lines.push(...deafCallers(c));
  if (!isReordered()) lines.push('work of two queues never changes its order');
  if (!isEveryFrameSeen()) lines.push('a frame of memory is not compared with its picture');
  return lines;
}

/** Whether a reference without an answer is a finding. */
function isReferenceHeard(c: Case): boolean {
  const trial = new Harness(bothSides).run(c);
  const unanswered = judgeTrial({ ...trial, expected: unexpected('canary') });
  return unanswered.some(({ check }) => check === 'SELF');
}

/** Whether two pieces of work run in both orders. */
function isReordered(): boolean {
  const { scheduler } = new Machine({ memory: PROBE_MEMORY });
  const orders = new Set<string>();
  for (let seed = 0; seed < 32; seed++) {
    scheduler.reset(seed);
    let order = '';
    for (const name of ['a', 'b']) {
      scheduler.queueWork(new WorkQueue(name, 'task'), () => {
        order += name;
      });
    }
    scheduler.drain();
    orders.add(order);
  }
  return orders.size === 2;
}

/** Whether one byte that changes in each of several frames is a stray write in each. */
function isEveryFrameSeen(): boolean {
  const memory = new CaseMemory(new Machine({ memory: PROBE_MEMORY }));
  const placed = memory.place(FRAMES);
  memory.sync();
  for (const [{ phys }] of placed.map(({ runs }) => runs)) spoilByte(memory, phys);
  return memory.strayWrites([]).length === FRAMES.length && memory.silentWrite() < 0;
}

/**
 * Goal: callers with memory of a process take exactly its pages, hand over exactly its bytes, and give back
 * what they took, also where taking it fails half way.
 * Method: lists of segments in one page, over page ends and between kernel memory; every call that may fail,
 * one after the other, until none of them is met.
 */
import { expect, test } from 'vitest';
import { EFAULT, EINVAL, EIO, ENOMEM } from '../../src/errno.ts';
import { FAULT_POINTS, type FaultPoint } from '../../src/machine/fault.ts';
import { Machine } from '../../src/machine/machine.ts';
import { PG_ANON, PG_DIRTY } from '../../src/machine/page.ts';
import { physToPfn } from '../../src/machine/phys-mem.ts';
import { plainCase } from '../campaign/canaries.ts';
import { Harness } from '../campaign/harness.ts';
import {
  CALLERS,
  type Caller,
  type Case,
  isRefused,
  listLength,
  type Segment,
} from '../case/case.ts';
import { CaseGenerator } from '../case/generate.ts';
import { CaseMemory } from '../case/memory.ts';
import type { Placed } from '../case/placed.ts';
import { judgeTrial } from '../judge/judge.ts';
import type { Operation } from './operation.ts';
import { allSides } from './sides.ts';
import { attempt, Refused } from './submit.ts';
import { UserCaller } from './user-caller.ts';

const MEMORY = 1 << 21;
const PLAIN = plainCase();
const TEXT = 6000;

/** Three in one page that go on where the one before ended, one over a page end, one of a kernel. */
const SEGMENTS: readonly Segment[] = [
  { kind: 'user', offset: 40, len: 100 },
  { kind: 'next', offset: 0, len: 0 },
  { kind: 'next', offset: 0, len: 60 },
  { kind: 'page', offset: 9, len: 40 },
  { kind: 'user', offset: 4000, len: 5800 },
];
/** Pages held, or that stand in, of one such list. */
const PAGES: Readonly<Record<Caller, number>> = { extract: 5, map: 4, copy: 3 };

function operation(inplace: 'no' | 'same'): Operation {
  const machine = new Machine({ memory: MEMORY });
  const memory = new CaseMemory(machine);
  memory.reset(1);
  // What follows a segment of a process is the process's too.
  const placed = (): Placed[] => memory.place(SEGMENTS);
  const src = placed();
  const dst = inplace === 'same' ? src : placed();
  const text = Uint8Array.from({ length: TEXT }, (_, i) => i);
  memory.write(src, 0, text);
  memory.sync();
  machine.ledger.mark();
  const c: Case = { ...PLAIN, layout: { inplace, src: SEGMENTS, dst: SEGMENTS, chain: 0 } };
  const nothing = new Uint8Array(0);
  const input = { key: null, iv: nothing, ad: nothing, text, tag: nothing };
  return { c, input, memory, src, dst, earlier: null, later: null };
}

const EVERY = CALLERS.flatMap((how) =>
  [true, false].flatMap((lists) =>
    (['no', 'same'] as const).map((inplace) => ({ how, lists, inplace })),
  ),
);

test.each(EVERY)('$how, lists $lists, in place $inplace', ({ how, lists, inplace }) => {
  const op = operation(inplace);
  const { memory, input, dst } = op;
  const caller = new UserCaller(op, how, lists);
  expect(memory.read(caller.src, 0, TEXT)).toEqual(input.text);
  expect([...caller.src, ...caller.dst].filter(({ user }) => user !== null)).toEqual([]);
  caller.accepted();
  // What an API would do.
  const result = input.text.map((byte) => byte ^ 0xff);
  memory.write(caller.dst, 0, result);
  caller.over(0);
  caller.accepted();
  const { held, failed } = caller.end(0, TEXT);
  const most = PAGES[how] * (inplace === 'no' ? 2 : 1);
  expect(held.moments.map(({ when, pages }) => [when, pages])).toEqual([
    ['taken', most],
    ['in flight', most],
    ['over', most],
    ['released', 0],
  ]);
  expect(held.moments.filter(({ odd }) => odd !== null)).toEqual([]);
  expect([failed, held.isPending, held.arrival?.isComplete ?? true]).toEqual([
    undefined,
    false,
    true,
  ]);
  expect(memory.read(dst, 0, TEXT)).toEqual(result);
  expect(memory.machine.ledger.isAsMarked).toBe(true);
});

test.each(CALLERS)('%s: what was given back is nobody else to touch', (how) => {
  const op = operation('no');
  const caller = new UserCaller(op, how, true);
  const at = caller.dst[0].runs[0].phys;
  op.memory.machine.store(at, Uint8Array.of(1));
  caller.over(0);
  if (how === 'copy') caller.end(0, TEXT);
  expect(() => op.memory.machine.store(at, Uint8Array.of(1))).toThrow();
});

test('a copy of what failed stays where it is, and one of which a part cannot come home is a fault', () => {
  for (const [answer, isTouched] of [
    [-EINVAL, false],
    [0, true],
  ] as const) {
    const op = operation('no');
    const caller = new UserCaller(op, 'copy', false);
    op.memory.write(caller.dst, 0, op.input.text);
    caller.over(answer);
    const { held } = caller.end(answer, TEXT);
    expect(held.arrival?.isTouched).toBe(isTouched);
  }
  const op = operation('no');
  const caller = new UserCaller(op, 'copy', false);
  op.memory.write(caller.dst, 0, op.input.text);
  op.memory.machine.faults.arm([{ point: 'user-copy', nth: 2 }]);
  const { failed, held } = caller.end(0, TEXT);
  expect([failed, held.arrival]).toEqual([-EFAULT, { isComplete: false, isTouched: true }]);
  expect(op.memory.machine.ledger.isAsMarked).toBe(true);
});

/** What taking may meet. */
const MET: Readonly<Record<Caller, readonly FaultPoint[]>> = {
  extract: ['user-copy', 'gup'],
  map: ['user-copy', 'gup'],
  copy: ['page-alloc', 'user-copy'],
};

test.each(EVERY)(
  '$how, lists $lists, in place $inplace: any call fails',
  ({ how, lists, inplace }) => {
    const met = new Set<string>();
    for (const point of FAULT_POINTS) {
      for (let nth = 1; ; nth++) {
        const op = operation(inplace);
        const { machine } = op.memory;
        machine.faults.arm([{ point, nth }]);
        const caller = attempt(() => new UserCaller(op, how, lists));
        if (machine.faults.struck === 0) break;
        met.add(point);
        if (caller instanceof Refused) {
          expect([-EFAULT, -ENOMEM, -EIO]).toContain(caller.errno);
        } else {
          // A short pin is made up for by the next call.
          expect(point).toBe('gup');
          caller.end(-EINVAL, TEXT);
        }
        expect(machine.ledger.isAsMarked, `${point} ${nth}`).toBe(true);
      }
    }
    expect([...met].sort()).toEqual([...MET[how]].sort());
  },
);

test('a page that was written to is dirty behind an extraction', () => {
  for (const lists of [true, false]) {
    const op = operation('no');
    new UserCaller(op, 'extract', lists).end(0, TEXT);
    const flags = (placed: Placed): number => {
      const { pages } = op.memory.machine;
      return pages.flags[pages.index(physToPfn(placed.runs[0].phys))] & (PG_DIRTY | PG_ANON);
    };
    expect([flags(op.src[0]), flags(op.dst[0])]).toEqual([PG_ANON, PG_ANON | PG_DIRTY]);
  }
});

test('a copy of which a part is a result brings home no more than that, and nobody is to blame', () => {
  const harness = new Harness(allSides);
  // The AD of both lists is in a page and in the copy: the old API copies it, and results alone come home.
  const sealed = new CaseGenerator(['authenc(hmac(sha512),cbc(des))']);
  // A secret of 32 bytes, and a room of 33 that is told as its length.
  const agreed = new CaseGenerator(['ecdh-nist-p256']);
  let ran = 0;
  for (let i = 0; ran < 60; i++) {
    const drawn = (i % 2 === 0 ? sealed : agreed).at(1, i);
    const c: Case = { ...drawn, program: undefined };
    if (c.layout.inplace !== 'no' || isRefused(c)) continue;
    const dst: readonly Segment[] = [
      { kind: 'page', offset: 0, len: 1 },
      { kind: 'user', offset: 0, len: Math.max(1, listLength(c.layout.dst)) },
    ];
    const context = { ...c.context, fault: 0, failing: undefined, caller: 'copy' as const };
    const lent: Case = {
      ...c,
      context,
      layout: { ...c.layout, dst: i % 2 === 0 ? dst : dst.slice(1) },
    };
    expect(judgeTrial(harness.run(lent)), JSON.stringify(lent)).toEqual([]);
    ran++;
  }
});

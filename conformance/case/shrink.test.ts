/**
 * Goal: a finding shrinks to a case that a person can read, and still shows the same bug.
 * Method: break one side in a way that depends on the layout, find it, shrink it, replay it.
 */
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { PHYS_BASE } from '../../src/machine/phys-mem.ts';
import { PAGE_SIZE } from '../../src/units.ts';
import { Canary, type Harm, spoil } from '../campaign/canary.ts';
import { Harness } from '../campaign/harness.ts';
import { decodeToken, encodeToken } from '../campaign/replay.ts';
import type { Side } from '../subjects/machine-subject.ts';
import type { Operation } from '../subjects/operation.ts';
import type { Outcome } from '../subjects/outcome.ts';
import { bothSides } from '../subjects/sides.ts';
import { bytesLength, type Case } from './case.ts';
import { CaseGenerator } from './generate.ts';
import { sliceRuns } from './placed.ts';
import { shrinkCase } from './shrink.ts';

/** Loses the last byte of a destination run that ends with its page. */
class PageEndBug implements Side {
  readonly name = 'buggy';
  readonly joined = false;
  private readonly side: Side;

  constructor(side: Side) {
    this.side = side;
  }

  run(op: Operation): Outcome {
    const outcome = this.side.run(op);
    for (const { runs } of op.dst) {
      for (const { phys, len } of runs) {
        if (len === 0 || (phys + len) % PAGE_SIZE !== 0) continue;
        const at = phys + len - 1 - PHYS_BASE;
        op.memory.machine.mem.u8[at] ^= 0x5a;
        op.memory.machine.mem.markDirty(at, 1);
      }
    }
    return outcome;
  }

  renew(): void {
    this.side.renew();
  }
}

function buggy(): Harness {
  return new Harness((machine) => {
    const [legacy, converted] = bothSides(machine);
    return [legacy, new PageEndBug(converted)];
  });
}

test('a walk that loses the last byte of a page is found, shrunk, and replays elsewhere', () => {
  const harness = buggy();
  const generator = new CaseGenerator(['ctr(aes)']);
  for (let i = 0; i < 20_000; i++) {
    const c = generator.at(1, i);
    const [violation] = harness.judge(c);
    if (violation === undefined) continue;
    const small = shrinkCase(c, violation, (smaller) => harness.judge(smaller));
    const { src, dst } = small.layout;
    expect(src.length + dst.length).toBeLessThanOrEqual(3);
    const replayed = buggy().judge(decodeToken(encodeToken(small)));
    const shown = replayed.map(({ check, subject }) => `${check} ${subject}`);
    expect(shown).toContain(`${violation.check} buggy`);
    expect(new Harness(bothSides).judge(small)).toEqual([]);
    return;
  }
  expect.fail('the bug was not found');
});

test('a case that breaks nothing is returned as it is', () => {
  const harness = new Harness(bothSides);
  const c = new CaseGenerator().at(1, 1);
  const violation = { check: 'OUT' as const, subject: 'converted', detail: '' };
  expect(shrinkCase(c, violation, (smaller) => harness.judge(smaller))).toBe(c);
});

/** Both APIs, the second with harm behind each operation. */
function harmful(harm: Harm): Harness {
  return new Harness((machine) => {
    const [legacy, converted] = bothSides(machine);
    return [legacy, new Canary(converted, harm)];
  });
}

/** The first case of a campaign that `wanted` holds for and that breaks a rule, made small. */
function smallest(alg: string, harm: Harm, wanted: (c: Case) => boolean): Case {
  const harness = harmful(harm);
  const generator = new CaseGenerator([alg]);
  for (let i = 0; i < 2000; i++) {
    const c = generator.at(3, i);
    const [violation] = wanted(c) ? harness.judge(c) : [];
    if (violation !== undefined) {
      return shrinkCase(c, violation, (smaller) => harness.judge(smaller));
    }
  }
  return expect.fail('no such case');
}

test('what surrounds the request goes first, and is not in the case in the end', () => {
  const generator = new CaseGenerator(['gcm(aes)']);
  const all = Array.from({ length: 2000 }, (_, i) => generator.at(3, i));
  const c = all.find(({ context, async }) => context.reuse && context.backlog && async);
  if (c === undefined) return expect.fail('no such case');
  const violation = { check: 'OUT' as const, subject: 'x', detail: '' };
  const tried: Case[] = [];
  const small = shrinkCase(c, violation, (smaller) => {
    tried.push(smaller);
    return [violation];
  });
  const shorter = tried.find(({ text }) => bytesLength(text) < bytesLength(c.text));
  for (const { context, async } of [shorter ?? c, small]) {
    const { reuse, backlog, sleep, gather, fault } = context;
    expect([reuse, backlog, sleep, gather, fault, async]).toEqual([
      false,
      false,
      false,
      0,
      0,
      false,
    ]);
  }
  return undefined;
});

test('text and lists shrink together: what lies behind the data does not grow', () => {
  /** Writes behind the data where the list goes on for a few bytes. */
  const behind: Harm = (op, outcome) => {
    const end = op.input.text.length;
    const total = op.dst.reduce((sum, { len }) => sum + len, 0);
    if (end > 0 && total > end && total <= end + 8) spoil(op, sliceRuns(op.dst, end, 1)[0].phys);
    return outcome;
  };
  const small = smallest('ctr(aes)', behind, ({ text }) => bytesLength(text) > 1000);
  const total = small.layout.src.reduce((sum, { len }) => sum + len, 0);
  expect([bytesLength(small.text), total]).toEqual([1, total]);
  expect(total).toBeLessThanOrEqual(3);
});

test('a finding costs so many cases and no more, on any machine', () => {
  const c = new CaseGenerator(['cbc(aes)']).at(1, 7);
  const violation = { check: 'OUT' as const, subject: 'x', detail: '' };
  let runs = 0;
  /** Needs every segment, and fails in one of four such cases: it takes long to come to rest. */
  const judge = (one: Case): readonly [typeof violation] | readonly [] => {
    const isWhole = one.layout.src.length === 64 && one.layout.dst.length === 64;
    return runs++ > 0 && !(isWhole && crc32(JSON.stringify(one)) % 4 === 0) ? [] : [violation];
  };
  const src = Array.from({ length: 64 }, (_, i) => ({
    kind: 'user' as const,
    offset: 3000 + i,
    len: 5000 + i,
  }));
  const layout = { inplace: 'no' as const, src, dst: src, chain: 3 };
  shrinkCase({ ...c, text: { seed: 1, len: 300_000 }, layout }, violation, judge);
  expect(runs).toBe(1500);
});

test('what goes wrong in the request before it shrinks to that request alone', () => {
  const violation = { check: 'TRAP', subject: 'converted', detail: '' } as const;
  const c = new CaseGenerator(['cbc(aes)']).at(1, 3);
  const reused = { ...c, context: { ...c.context, reuse: true } };
  const isTwo = ({ text, layout: { src } }: Case): boolean =>
    src.length > 1 && bytesLength(text) >= 20 && bytesLength(text) <= 41;
  const apart = shrinkCase(reused, violation, (smaller) =>
    smaller.context.reuse || isTwo(smaller) ? [violation] : [],
  );
  expect([apart.context.reuse, bytesLength(apart.text)]).toEqual([false, 20]);
  const together = shrinkCase(reused, violation, (smaller) =>
    smaller.context.reuse ? [violation] : [],
  );
  expect([together.context.reuse, bytesLength(together.text)]).toEqual([true, 0]);
});

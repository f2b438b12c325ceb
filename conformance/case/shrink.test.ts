/**
 * Goal: a finding shrinks to a case that a person can read, and still shows the same bug.
 * Method: break one side in a way that depends on the layout, find it, shrink it, replay it.
 */
import { expect, test } from 'vitest';
import { PHYS_BASE } from '../../src/machine/phys-mem.ts';
import { PAGE_SIZE } from '../../src/units.ts';
import { Harness } from '../campaign/harness.ts';
import { decodeToken, encodeToken } from '../campaign/replay.ts';
import type { Operation, Outcome, Side } from '../subjects/machine-subject.ts';
import { bothSides } from '../subjects/sides.ts';
import { CaseGenerator } from './generate.ts';
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

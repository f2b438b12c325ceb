/**
 * Goal: a finding says at which step it arose and by which function, without anything being run again.
 * Method: one fault each in the converted API; the lines are read as a maintainer reads them.
 */
import { expect, test } from 'vitest';
import { must } from '../../src/machine/access.ts';
import { pageAddress } from '../../src/machine/machine.ts';
import { physAddr } from '../../src/units.ts';
import { sliceRuns } from '../case/placed.ts';
import { CANARY_CASE } from '../iterators/canaries.ts';
import type { Violation } from '../judge/judge.ts';
import { type Fault, FaultyApi } from '../laws/faulty.ts';
import { ConvertedApi } from '../subjects/converted.ts';
import { LegacyApi } from '../subjects/legacy.ts';
import { explainCase, type TracedSidesOf } from './explain.ts';
import { AD, flip, GCM, TAG, TEXT } from './testing.ts';
import { TracedSide } from './traced-api.ts';
import { whereOf } from './where.ts';

/** What is said of the first violation of a fault. */
function told(fault: Fault): { readonly violation: Violation; readonly lines: string[] } {
  const sidesOf: TracedSidesOf = (machine) => [
    TracedSide.over(machine, new LegacyApi(machine)),
    TracedSide.over(machine, new FaultyApi(new ConvertedApi(machine), fault)),
  ];
  const [violation] = explainCase(GCM, sidesOf).violations;
  return { violation, lines: whereOf(GCM, violation, sidesOf) };
}

test('a wrong byte is told by the step that wrote it, and by what was done before', () => {
  const { violation, lines } = told(flip('dst', AD + 60));
  expect(violation.check).toBe('OUT');
  expect(lines[0]).toMatch(
    /^first divergence: converted, step \d+ \(write\) at dst\[1\]\+47\.\.48: byte 60 of text and tag becomes/,
  );
  expect(lines.filter((line) => line.startsWith('  before it: '))).toHaveLength(2);
  expect(lines.join('\n')).toMatch(/, by \w+ \(converted\/[\w/-]+\.ts:\d+\)/);
});

test('a write behind the end is told as the access that it is, and no memory is said to be taken', () => {
  const { violation, lines } = told({
    operate: ({ buffers: { memory, dst } }, next) => {
      next();
      const [{ phys, len }] = sliceRuns(dst, AD + TEXT, TAG);
      memory.machine.store(phys, new Uint8Array(len + 1));
      return 0;
    },
  });
  expect(violation.detail).toMatch(
    /^KernelBug: write of red zone \(.*\), 1 byte behind dst\[1\], by an access of 17 bytes from byte \d+ of dst\[1\] on/,
  );
  expect(lines[0]).toMatch(/^first divergence: converted, step \d+ \(trap\)$/);
  expect(lines.join('\n')).not.toContain('taken: ');
});

test('memory that was given back is told with who took it and who gave it back', () => {
  const { violation, lines } = told({
    operate: ({ buffers: { memory } }, next) => {
      const { machine } = memory;
      const page = must(machine.allocPages(0, 'canary'));
      machine.freePages(page);
      machine.load(physAddr(pageAddress(page, 8)), 4);
      return next();
    },
  });
  expect(violation.check).toBe('TRAP');
  expect(lines).toContain('  taken: page of canary');
  expect(lines).toContain('  given back: page of canary');
});

test('what no step shows has no lines', () => {
  const { lines } = told({
    operate: ({ buffers: { memory, dst } }, next) => {
      const err = next();
      const [{ phys }] = sliceRuns(dst, AD + TEXT + TAG - 1, 1);
      memory.machine.mem.store(physAddr(phys + 1), Uint8Array.of(1));
      memory.machine.checkWrite(phys, 0);
      return err;
    },
  });
  expect(lines).toEqual([]);
});

test('an iterator is told command by command, that of the finding and no other', () => {
  const violation = { check: 'ITER', subject: 'iov_iter bvecq', detail: '' } as const;
  const lines = whereOf(CANARY_CASE, violation);
  expect(lines[0]).toBe('iov_iter bvecq: bytes left behind each command');
  expect(lines).toHaveLength(3);
  expect(whereOf(CANARY_CASE, { ...violation, subject: 'legacy' })).toEqual([]);
});

/**
 * Goal: each rule of reviewers that a case can break is told when it is broken, with its source, and is not
 * told of a finding that has nothing to do with it.
 * Method: deliberate violations of both APIs and of iterators, judged as in a campaign.
 */
import { expect, test } from 'vitest';
import { sgAlloc, sgSetBuf } from '../../legacy/lists/scatterlist.ts';
import { sgDmaLen } from '../../legacy/lists/sg-dma.ts';
import { EBUSY, EINPROGRESS } from '../../src/errno.ts';
import { must } from '../../src/machine/access.ts';
import { DmaDevice } from '../../src/machine/dma/device.ts';
import { dmaMapPhys, dmaUnmapPhys } from '../../src/machine/dma/dma.ts';
import { DMA_FROM_DEVICE, DMA_TO_DEVICE } from '../../src/machine/dma/ledger.ts';
import { Machine } from '../../src/machine/machine.ts';
import { CANARIES, CanaryCage, caseOf, type Probe, plainCase } from '../campaign/canaries.ts';
import { type Harm, spoil, spoilLast } from '../campaign/canary.ts';
import { isFinal, programs, rewritten, unnamed } from '../campaign/canary-programs.ts';
import { Harness } from '../campaign/harness.ts';
import { bytesLength, type Case } from '../case/case.ts';
import { isLongerThanData } from '../case/layout.ts';
import { CaseMemory } from '../case/memory.ts';
import { sliceRuns } from '../case/placed.ts';
import { CANARY_CASE, CANARY_PROGRAM, WALK_CANARIES } from '../iterators/canaries.ts';
import { walkTrial } from '../iterators/walk.ts';
import { allRuleLines, brokenRuleLines } from '../report/rules.ts';
import type { Buffers } from '../subjects/api.ts';
import { ApiSide } from '../subjects/api-side.ts';
import { LegacyApi } from '../subjects/legacy.ts';
import type { Lists } from '../subjects/lists.ts';
import { HAZARDS } from '../survey/data/hazards.ts';
import { judgeTrial, type Violation } from './judge.ts';
import { REVIEW_RULES, ruleOf, rulesBroken } from './review-rules.ts';

const cage = new CanaryCage();

/** What the first thing that rings breaks. */
function told(c: Case, violations: readonly Violation[]): string[] {
  const [first] = violations;
  return first === undefined ? [] : rulesBroken(c, first).map(({ id }) => id);
}

function after(probe: Pick<Probe, 'c' | 'harm' | 'programHarm'>): string[] {
  return told(probe.c, cage.judge(probe));
}

/** Writes a field of the caller's entries, the last time so that it stays. */
class EditingApi extends LegacyApi {
  override prepare(buffers: Buffers): Lists {
    const lists = super.prepare(buffers);
    must(lists.src).length += 1;
    return lists;
  }
}

function afterEdit(seed: number): string[] {
  const harness = new Harness((machine) => [new ApiSide(machine, new EditingApi(machine))]);
  const c = { ...plainCase(), seed };
  return [...new Set(harness.judge(c).flatMap((violation) => told(c, [violation])))];
}

function afterWalk(): string[] {
  const memory = new CaseMemory(new Machine({ memory: 1 << 20 }));
  const [{ build }] = WALK_CANARIES;
  return told(CANARY_CASE, judgeTrial(walkTrial(memory, CANARY_CASE, CANARY_PROGRAM, build)));
}

const inPlace = (c: Case): boolean => c.op === 'encrypt' && c.layout.inplace === 'same';
const apart = (c: Case): boolean => c.op === 'encrypt' && c.layout.inplace === 'no';
const completedWith =
  (...completions: readonly number[]): Harm =>
  (_op, outcome) => ({ ...outcome, ret: -EINPROGRESS, completions: [...completions] });

/** The memory of a list for a device, once in each direction. */
const mapTwice: Harm = ({ memory: { machine }, src }, outcome) => {
  const device = new DmaDevice(machine, { name: 'canary' });
  const { phys, len } = sliceRuns(src, 0, 1)[0];
  const read = dmaMapPhys(device, phys, len, DMA_TO_DEVICE);
  const written = dmaMapPhys(device, phys, len, DMA_FROM_DEVICE);
  dmaUnmapPhys(device, written, len, DMA_FROM_DEVICE);
  dmaUnmapPhys(device, read, len, DMA_TO_DEVICE);
  return outcome;
};

const { four, begun } = programs();
const later = (c: Case): boolean => c.async && c.driver.startsWith('cryptd(');

const BREACHES: Readonly<Record<string, () => string[]>> = {
  'longer-list': () =>
    after({
      c: caseOf('cbc(aes)', (c) => apart(c) && isLongerThanData(c) && c.layout.chain === 0),
      harm: (op, outcome) => {
        const room = op.dst.reduce((sum, { len }) => sum + len, 0);
        const at = Math.min(op.input.text.length, room - 1);
        spoil(op, sliceRuns(op.dst, at, 1)[0].phys);
        return outcome;
      },
    }),
  'entries-are-the-callers': () => afterEdit(1),
  'no-stack-or-vmalloc-entry': () =>
    after({
      c: plainCase(),
      harm: ({ memory: { machine } }, outcome) => {
        sgSetBuf(machine, sgAlloc(1)[0], must(machine.vmalloc.alloc(16, 'case')), 16);
        return outcome;
      },
    }),
  'one-bidirectional-mapping': () => after({ c: caseOf('cbc(aes)', inPlace), harm: mapTwice }),
  'dma-length-after-mapping': () =>
    after({
      c: plainCase(),
      harm: (_op, outcome) => {
        const [slot] = sgAlloc(1);
        slot.length = 16;
        sgDmaLen(slot);
        return outcome;
      },
    }),
  'unmapped-as-mapped': () => after({ c: plainCase(), harm: CANARIES.DMA }),
  'one-notice': () =>
    after({
      c: four,
      programHarm: rewritten((history) =>
        history.filter((one) => one.what !== 'call' || isFinal(one)),
      ),
    }),
  'notices-are-no-results': () =>
    after({ c: caseOf('cbc(aes)', (c) => apart(c) && later(c)), harm: completedWith(-EBUSY) }),
  'tag-before-completion': () =>
    after({
      c: caseOf('gcm(aes)', (c) => later(c) && c.op === 'decrypt' && c.tamper !== null),
      harm: completedWith(0),
    }),
  'request-is-gone': () => after({ c: begun, programHarm: unnamed }),
  'chain-clears-end': () =>
    after({ c: caseOf('cbc(aes)', (c) => apart(c) && c.layout.chain > 0), harm: spoilLast }),
  'copy-within-one-memory': () =>
    after({ c: caseOf('cbc(aes)', (c) => c.layout.inplace === 'twin'), harm: spoilLast }),
  'partial-block-counts': () =>
    after({
      c: caseOf('ctr(aes)', (c) => apart(c) && bytesLength(c.text) % 16 !== 0),
      harm: CANARIES.IV,
    }),
  'many-entries': () =>
    after({ c: caseOf('cbc(aes)', (c) => apart(c) && c.layout.src.length > 1), harm: spoilLast }),
  'wide-lengths': afterWalk,
};

test('every rule that a case can break has a breach here', () => {
  const checked = REVIEW_RULES.filter(({ isBroken }) => isBroken !== null);
  expect(Object.keys(BREACHES).toSorted()).toEqual(checked.map(({ id }) => id).toSorted());
});

test.each(Object.entries(BREACHES))('%s is told when it is broken', (id, breach) => {
  const ids = breach();
  expect(ids).toContain(id);
  const lines = brokenRuleLines([id]);
  expect(lines[0]).toContain(`review rule ${id}: `);
  expect(lines.slice(1).every((line) => /https:|commit [0-9a-f]{12}/.test(line))).toBe(true);
  expect(lines.length).toBeGreaterThan(1);
});

test('an entry that is changed for a time is met where it is written, in one case of eight', () => {
  expect(afterEdit(8)).toEqual(['entries-are-the-callers']);
  const harness = new Harness((machine) => [new ApiSide(machine, new EditingApi(machine))]);
  const [found] = harness.judge({ ...plainCase(), seed: 8 });
  expect(found.detail).toMatch(/^wrote length of an entry of the caller's list/);
});

test('a finding that needs none of it breaks no rule', () => {
  const c = caseOf('cbc(aes)', (one) => {
    const { src, dst, chain } = one.layout;
    const isPlain = src.length === 1 && dst.length === 1 && chain === 0;
    return apart(one) && isPlain && !isLongerThanData(one) && !one.async;
  });
  expect(cage.judge({ c, harm: spoilLast }).map(({ check }) => check)).toEqual(['OUT']);
  expect(after({ c, harm: spoilLast })).toEqual([]);
});

test('what the survey finds in a tree names rules that there are', () => {
  const named = HAZARDS.flatMap(({ id, review }) => (review === undefined ? [] : [[id, review]]));
  expect(named.length).toBeGreaterThan(0);
  for (const [hazard = '', id = ''] of named) expect(ruleOf(id)?.seen, id).toContain(hazard);
});

test('the list of all rules says of each who looks, or that nobody does', () => {
  const text = allRuleLines();
  for (const { id, sources, seen, isBroken } of REVIEW_RULES) {
    expect(sources.length, id).toBeGreaterThan(0);
    const at = text.findIndex((line) => line.startsWith(`review rule ${id}: `));
    expect(text[at + sources.length + 1]).toBe(
      `  ${isBroken === null ? 'not checked by a case' : 'looked at'}: ${seen}`,
    );
  }
  expect(text.at(-1)).toBe('17 review rules, 15 checked on every finding');
});

/**
 * Goal: every step of each side is told in order, and the step that made a fault is the one that is marked.
 * Method: one case on both APIs, whole and with one fault each: a step that the fault makes must be the
 * first divergence, with its byte, whatever the API does before and after it.
 */
import { expect, test } from 'vitest';
import { EINVAL } from '../../src/errno.ts';
import { must } from '../../src/machine/access.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { physAddr } from '../../src/units.ts';
import { Harness } from '../campaign/harness.ts';
import { CaseGenerator } from '../case/generate.ts';
import { sliceRuns } from '../case/placed.ts';
import type { Fault } from '../laws/faulty.ts';
import { LegacyApi } from '../subjects/legacy.ts';
import { allSides } from '../subjects/sides.ts';
import { painter } from '../terminal/colour.ts';
import { type Explanation, explainCase } from './explain.ts';
import { explainJson } from './json.ts';
import { AD, explainFault, flip, GCM, poke, TAG, TEXT } from './testing.ts';
import { divergenceText, explainText } from './text.ts';
import { TracedSide } from './traced-api.ts';

const PLAIN = painter({}, {});

/** The marked step of the converted side. */
function marked(e: Explanation): { kind: string; write: string; check: string; at: string } {
  const { divergence } = e;
  const side = divergence?.side;
  const step = side?.steps[divergence?.step ?? -1];
  return {
    kind: step?.kind ?? '',
    write: step?.write?.name ?? '',
    check: divergence?.violation.check ?? '',
    at: divergence === null || divergence.at < 0 ? '' : (side?.map.name(divergence.at, 1) ?? ''),
  };
}

test('steps of a case that is right: what is read, written and answered, by which function', () => {
  const { sides, divergence, violations } = explainCase(GCM);
  expect([divergence, violations]).toEqual([null, []]);
  expect(sides.map(({ name }) => name)).toEqual(['legacy', 'converted', 'lib']);
  for (const { steps } of sides.slice(0, 2)) {
    const last = steps.filter(({ phase }) => phase === 'operation').at(-1);
    expect(last).toMatchObject({ kind: 'answer', words: 'OK' });
    const tag = steps.findLast(({ write }) => write?.roles === 'tag');
    expect(tag?.write?.name).toBe(`dst[1]+${AD + TEXT - 33}..${AD + TEXT + TAG - 33}`);
    expect(tag?.stack.api.map(({ fn }) => fn)).toContain('tagWrite');
  }
  const bounce = sides[0].steps.find(({ words }) => words === 'slab of skcipher_walk');
  expect(bounce?.stack.api.map(({ symbol }) => symbol)).toContain('skcipher_walk_done');
  const frame = bounce?.stack.api.find(({ symbol }) => symbol === 'skcipher_walk_done');
  expect(frame).toMatchObject({
    fn: 'skcipherWalkDone',
    file: 'legacy/walk/skcipher-walk.ts',
    origin: 'crypto/skcipher.c',
  });
  // Every byte of the text was written on both sides.
  for (const { steps, ops } of sides) {
    const [op] = ops;
    for (const { phys } of sliceRuns(op.dst, AD, TEXT)) {
      const at = phys - 0x1_0000_0000;
      expect(
        steps.some(({ write }) => write !== null && at >= write.at && at < write.at + write.len),
      ).toBe(true);
    }
  }
});

test.each([
  ['a byte of the text', 'dst', AD + 60, 'OUT', 'dst[1]+47..48'],
  ['the last byte of the tag', 'dst', AD + TEXT + TAG - 1, 'OUT', 'dst[1]+102..103'],
  ['a byte of the source', 'src', AD + 40, 'SRC', 'src[1]+10..11'],
] as const)('%s that is spoilt is the first divergence', (_name, list, skip, check, at) => {
  const e = explainFault(flip(list, skip));
  expect(e.divergence?.side?.name).toBe('converted');
  expect(marked(e)).toEqual({ kind: 'write', write: at, check, at });
  const text = explainText(e, { all: false, side: null }, PLAIN);
  const lines = text.filter((line) => line.includes('|>'));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain(`write ${at}`);
  expect(text.every((line) => line.length <= 80)).toBe(true);
});

test('of two faults the one that was made first is marked, also where it is the later byte', () => {
  const e = explainFault({
    operate: (call, next) => {
      poke(call, 'dst', AD + 90, next);
      return poke(call, 'dst', AD + 2, () => 0);
    },
  });
  expect(marked(e).at).toBe('dst[1]+77..78');
});

test('a write behind the last segment is marked, and not the AD that a side copies', () => {
  const e = explainFault({
    operate: ({ buffers: { memory, dst } }, next) => {
      const err = next();
      const [{ phys }] = sliceRuns(dst, AD + TEXT + TAG - 1, 1);
      memory.machine.mem.store(physAddr(phys + 1), Uint8Array.of(1));
      memory.machine.checkWrite(phys, 0);
      return err;
    },
  });
  // It went past the doors of the machine, so no step shows it; the finding still does.
  expect(e.divergence).toMatchObject({ step: -1, violation: { check: 'GUARD' } });
  expect(divergenceText(e.divergence)[1]).toBe('no step shows where it arose');
});

test('a write into the red zone is marked where it was stopped', () => {
  const e = explainFault({
    operate: ({ buffers: { memory, dst } }, next) => {
      next();
      const [{ phys }] = sliceRuns(dst, AD + TEXT + TAG - 1, 1);
      memory.machine.store(physAddr(phys + 1), Uint8Array.of(1));
      return 0;
    },
  });
  expect(marked(e)).toMatchObject({ kind: 'trap', check: 'TRAP' });
  expect(e.divergence?.words).toContain('red zone');
});

test.each<[string, Fault, Record<string, string>]>([
  [
    'a wrong answer',
    { setauthsize: (size, next) => Math.min(next(size), -EINVAL) },
    { kind: 'answer', check: 'RET' },
  ],
  [
    'a stale IV',
    {
      operate: ({ bytes }, next) => {
        const err = next();
        bytes[0] ^= 1;
        return err;
      },
    },
    { kind: 'iv', check: 'IV' },
  ],
  [
    'a page that is not returned',
    {
      operate: ({ buffers: { memory } }, next) => {
        must(memory.machine.allocPages(0, 'canary'));
        return next();
      },
    },
    { kind: 'take', check: 'REF' },
  ],
  [
    'a warning',
    {
      operate: ({ buffers: { memory } }, next) => {
        memory.machine.warn('WARN_ON(canary)');
        return next();
      },
    },
    { kind: 'warn', check: 'WARN' },
  ],
])('%s is marked at the step that made it', (_name, fault, wanted) => {
  expect(marked(explainFault(fault))).toMatchObject(wanted);
});

test('what an asynchronous driver queues, runs and completes is told in that order', () => {
  const driver = 'cryptd(gcm_base(ctr-aes-accel,ghash-generic))';
  const { sides, violations } = explainCase({ ...GCM, driver, async: true });
  expect(violations).toEqual([]);
  for (const { steps } of sides.filter(({ name }) => name !== 'lib')) {
    const told = steps
      .filter(({ kind }) => ['submit', 'queue', 'answer', 'run', 'complete'].includes(kind))
      .filter(({ phase }) => phase === 'operation')
      .map(({ kind, words }) => `${kind} ${words}`);
    expect(told).toEqual([
      `submit encrypt ${AD} AD + ${TEXT}`,
      'queue cryptd/0 (task)',
      'answer EINPROGRESS',
      'run cryptd/0 (task)',
      'complete OK',
    ]);
  }
});

test('a tracer leaves the machine as it was, and steps are the same every time', () => {
  let machine: Machine | null = null;
  const run = (): Explanation =>
    explainCase(GCM, (m) => {
      machine = m;
      return [TracedSide.over(m, new LegacyApi(m))];
    });
  const first = explainJson(run());
  expect(explainJson(run())).toEqual(first);
  const fresh = must<Machine>(machine);
  const { load } = Object.getPrototypeOf(fresh);
  expect(fresh.load).toBe(load);
});

test.each(['gcm(aes)', 'sha256', 'deflate', 'rsa'])(
  'a traced %s case ends as an untraced one, with steps on every side',
  (alg) => {
    const c = new CaseGenerator([alg]).at(1, 4);
    const { trial, sides } = explainCase(c);
    expect(trial.observations).toEqual(new Harness(allSides).run(c).observations);
    for (const { steps } of sides) {
      expect(steps.filter(({ phase }) => phase === 'operation').length).toBeGreaterThan(1);
    }
  },
);

test('colour is for terminals, and NO_COLOR refuses it', () => {
  const painted = painter({ isTTY: true }, {})('red', 'x');
  expect(painted).not.toBe('x');
  for (const paint of [painter({ isTTY: true }, { NO_COLOR: '1' }), painter({}, {})]) {
    expect(paint('red', 'x')).toBe('x');
  }
});

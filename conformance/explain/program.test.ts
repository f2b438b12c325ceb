/**
 * Goal: programs of requests are told request by request, and a finding is marked at the step that made it.
 * Method: the programs of the canaries, right and with a fault of the second side; programs as they are
 * drawn end traced as they end untraced.
 */
import { expect, test } from 'vitest';
import { EBUSY, EINPROGRESS, type Errno } from '../../src/errno.ts';
import { must } from '../../src/machine/access.ts';
import { lentCase } from '../campaign/canary-callers.ts';
import { further, programOf, programs } from '../campaign/canary-programs.ts';
import { Harness } from '../campaign/harness.ts';
import { CALLERS, type Case } from '../case/case.ts';
import { CaseGenerator } from '../case/generate.ts';
import { sliceRuns } from '../case/placed.ts';
import type { Buffers, CryptMessage, SkcipherSubject } from '../subjects/api.ts';
import { ConvertedApi } from '../subjects/converted.ts';
import type { Iterators } from '../subjects/iterators.ts';
import { LegacyApi } from '../subjects/legacy.ts';
import { allSides } from '../subjects/sides.ts';
import type { Submission } from '../subjects/submit.ts';
import { painter } from '../terminal/colour.ts';
import { type Explanation, explainCase } from './explain.ts';
import { explainJson } from './json.ts';
import { explainHtml } from './page.ts';
import { explainText } from './text.ts';
import { TracedSide } from './traced-api.ts';

const { four, batch, read } = programs();
const PLAIN = painter({}, {});

function textOf(e: Explanation): string[] {
  return explainText(e, { all: false, side: null }, PLAIN);
}

type Harm = (message: CryptMessage<Iterators>, buffers: Buffers, submission: Submission) => void;

/** The converted API, with a fault when request `number` is over. */
class Spoilt extends ConvertedApi {
  number = -1;
  harm: Harm = () => {};
  /** What that request is answered instead of -EBUSY. */
  answer: Errno = -EBUSY;
  private readonly buffers = new Map<Iterators, Buffers>();

  override prepare(buffers: Buffers): Iterators {
    const at = super.prepare(buffers);
    this.buffers.set(at, buffers);
    return at;
  }

  override skcipher(driver: string): SkcipherSubject<Iterators> | Errno {
    const tfm = super.skcipher(driver);
    if (typeof tfm === 'number') return tfm;
    const request = tfm.request.bind(tfm);
    tfm.request = () => {
      const inner = request();
      return {
        ...inner,
        submit: (message, submission) => {
          const buffers = must(this.buffers.get(message.at) ?? null);
          if (submission.number === this.number)
            submission.over = () => this.harm(message, buffers, submission);
          const err = inner.submit(message, submission);
          return submission.number === this.number && err === -EBUSY ? this.answer : err;
        },
      };
    };
    return tfm;
  }
}

function explainSpoilt(
  c: Case,
  number: number,
  fault: Partial<Pick<Spoilt, 'harm' | 'answer'>>,
): Explanation {
  return explainCase(c, (machine) => {
    const spoilt = new Spoilt(machine);
    Object.assign(spoilt, { number, ...fault });
    return [TracedSide.over(machine, new LegacyApi(machine)), TracedSide.over(machine, spoilt)];
  });
}

test('a program is told request by request: given, answered, told of, run, completed', () => {
  const e = explainCase(four);
  expect([e.divergence, e.violations]).toEqual([null, []]);
  for (const { steps } of e.sides) {
    const told = steps
      .filter(({ kind, phase }) => phase === 'operation' && /answer|complete/.test(kind))
      .map(({ kind, words }) => `${kind} ${words}`);
    expect(told).toEqual([
      'answer #0 EINPROGRESS',
      'answer #1 EBUSY',
      'answer #2 ENOSPC',
      'complete #1 EINPROGRESS',
      'complete #0 OK',
      'complete #1 OK',
      'answer #3 EINPROGRESS',
      'complete #3 OK',
    ]);
    // What touches the text of a request is a step of it.
    const wrote = steps.filter(({ write }) => write?.roles === 'text');
    expect(new Set(wrote.map(({ request }) => request))).toEqual(new Set([0, 1, 3]));
    for (const { request, write } of wrote) expect(write?.name).toContain(`#${request} dst[`);
  }
  const text = textOf(e);
  expect(text.every((line) => line.length <= 80)).toBe(true);
  expect(text.filter((line) => /^converted #3: /.test(line))).toHaveLength(1);
});

test('a request that was completed before its submission returned is told so where it returns', () => {
  const early = (seed: number): Case => ({
    ...four,
    seed,
    context: { ...four.context, early: true },
  });
  let over = 0;
  for (let seed = 0; seed < 4; seed++) {
    const e = explainCase(early(seed));
    expect(e.violations).toEqual([]);
    expect(textOf(e).join(' ').replaceAll(/ +/g, ' ')).toContain(
      'work may run before a submission returns',
    );
    for (const { steps } of e.sides) {
      const completed = new Set<number>();
      for (const { kind, request, words } of steps.filter(({ phase }) => phase === 'operation')) {
        if (kind === 'complete' && !words.endsWith(' EINPROGRESS')) completed.add(request);
        if (kind !== 'answer') continue;
        expect(words.endsWith(', over already'), words).toBe(completed.has(request));
        if (completed.has(request)) over++;
      }
    }
  }
  expect(over).toBeGreaterThan(1);
});

test('requests of one submission are all given before the first is answered', () => {
  const { sides, violations } = explainCase(batch);
  expect(violations).toEqual([]);
  const kinds = sides.map(({ steps }) =>
    steps
      .filter(({ kind, phase }) => phase === 'operation' && /submit|answer/.test(kind))
      .map(({ kind, request }) => `${kind} ${request}`),
  );
  expect(kinds[1].slice(0, 3)).toEqual(['submit 0', 'submit 1', 'submit 2']);
  expect(kinds[0].slice(0, 2)).toEqual(['submit 0', 'answer 0']);
});

test('a spoilt byte is marked in the target of the request whose it is', () => {
  const harm: Harm = (_message, { dst }, { machine }) => {
    const [{ phys }] = sliceRuns(dst, 40, 1);
    machine.store(phys, Uint8Array.of(machine.mem.load(phys, 1)[0] ^ 0x55));
  };
  const e = explainSpoilt(four, 1, { harm });
  const step = e.divergence?.side?.steps[e.divergence.step];
  expect(e.divergence?.violation).toMatchObject({ check: 'OUT', subject: 'converted' });
  expect(step?.write?.name).toMatch(/^#1 dst\[/);
  expect(textOf(e).filter((line) => line.includes('|>'))).toHaveLength(1);
  expect(explainHtml(e, null)).toContain('first divergence');
});

test('a stale IV is marked at the request that it is of, in JSON too', () => {
  const harm: Harm = ({ iv }) => {
    iv[3] ^= 1;
  };
  const e = explainSpoilt(four, 1, { harm });
  expect(e.divergence).toMatchObject({ violation: { check: 'IV' } });
  expect(e.divergence?.side?.steps[e.divergence.step]).toMatchObject({ kind: 'iv', request: 1 });
  expect(explainJson(e)).toMatchObject({ divergence: { check: 'IV', side: 'converted' } });
});

test('an answer out of order is marked where it was given, not at the last word of its request', () => {
  const e = explainSpoilt(four, 1, { answer: -EINPROGRESS });
  expect(e.divergence?.violation).toMatchObject({ check: 'ORDER', request: 1 });
  const step = e.divergence?.side?.steps[e.divergence.step];
  expect(step).toMatchObject({ kind: 'answer', request: 1 });
});

test('what the caller does to a request in flight is a step, with what it was called', () => {
  const { sides } = explainCase(read);
  for (const { steps } of sides) {
    const misuse = steps.filter(({ kind }) => kind === 'misuse');
    expect(misuse.map(({ words }) => words)).toEqual([
      '#1 source of request 1: caller changed src[1] while request 1 was in flight',
    ]);
  }
});

test('programs end traced as they end untraced, and every step of a request names it', () => {
  const generator = new CaseGenerator(undefined, /* onlyPrograms */ true);
  const harness = new Harness(allSides);
  for (let i = 0; i < 12; i++) {
    const c = generator.at(4, i * 17);
    const e = explainCase(c);
    expect([c.driver, e.violations]).toEqual([c.driver, harness.judge(c)]);
    for (const { steps, ops } of e.sides) {
      for (const { read, write, request } of steps) {
        const touch = write ?? read;
        if (touch === null || touch.roles === '') continue;
        expect(touch.name.split(' ')[0]).toBe(`#${request}`);
        expect(request).toBeLessThan(ops.length);
      }
    }
  }
});

test.each(CALLERS)(
  '%s: what a caller takes of a process and gives back are steps of its request',
  (how) => {
    const { program: _program, ...alone } = four;
    const c = lentCase(alone, how, false);
    const stepsOf = (e: Explanation, request: number): string[][] =>
      e.sides
        .filter(({ name }) => name !== 'lib')
        .map(({ steps }) =>
          steps
            .filter((step) => step.request === request && step.phase === 'operation')
            .filter(({ kind }) => ['lend', 'back', 'submit', 'complete'].includes(kind))
            .map(({ kind }) => kind),
        );
    const one = explainCase(c);
    expect(one.violations).toEqual([]);
    const order = ['lend', 'submit', 'complete', 'back', ...(how === 'copy' ? ['back'] : [])];
    expect(stepsOf(one, 0)).toEqual([order, order]);
    const two = explainCase(programOf(c, [further(c, { when: 'settled' })]));
    expect(two.violations).toEqual([]);
    expect(stepsOf(two, 1)).toEqual([order, order]);
    const words = two.sides[0].steps.filter(({ kind }) => kind === 'lend' || kind === 'back');
    expect(words[0].words).toMatch(/^#0 \d+ pages /);
    expect(textOf(one).join('\n')).toMatch(/lend \d+ pages/);
    // What it could not have is told, too.
    const failing = { point: how === 'copy' ? 'page-alloc' : 'gup', nth: 1 } as const;
    const refused = explainCase({ ...c, context: { ...c.context, failing } });
    expect(
      refused.sides[0].steps.filter(({ kind }) => kind === 'lend').map(({ words: w }) => w),
    ).toEqual([expect.stringMatching(/^refused, E(FAULT|NOMEM)$/)]);
  },
);

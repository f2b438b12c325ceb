/**
 * Making a case about iterators small: fewer commands, fewer segments, smaller numbers, as long as it
 * breaks the same rule on the same subject.
 * @module
 */
import { type Case, walkCase } from './case.ts';
import {
  type IteratorCommand,
  type IteratorProgram,
  iteratorContradiction,
} from './iterator-case.ts';

/** What may change. */
interface Small {
  readonly program: IteratorProgram;
  readonly spans: readonly { readonly offset: number; readonly len: number }[];
}

/** Cases that one finding may cost, all together. */
const MOST_RUNS = 1500;

/** @param fails tells whether a case still does; must be deterministic */
export function shrinkWalk(c: Case, iterator: IteratorProgram, fails: (c: Case) => boolean): Case {
  let runs = 0;
  const caseOf = ({ program, spans }: Small): Case => walkCase(program, spans, c.seed);
  const stillFails = (small: Small): boolean =>
    iteratorContradiction(small.program, small.spans) === null &&
    runs++ < MOST_RUNS &&
    fails(caseOf(small));
  let best: Small = { program: iterator, spans: c.layout.src };
  for (;;) {
    const next = smallerOf(best).find(stillFails);
    if (next === undefined) return caseOf(best);
    best = next;
  }
}

/** What is a little smaller, the largest steps first. */
function smallerOf({ program, spans }: Small): Small[] {
  const { commands } = program;
  const withProgram = (less: Partial<IteratorProgram>): Small => ({
    program: { ...program, ...less },
    spans,
  });
  return [
    ...fewer(commands).map((list) => withProgram({ commands: list })),
    ...fewer(spans).map((list) => ({ program, spans: list })),
    ...plainer(program).map(withProgram),
    ...spans.flatMap((span, i) =>
      less(span.len).map((len) => ({ program, spans: spans.with(i, { ...span, len }) })),
    ),
    ...commands.flatMap((command, i) =>
      lessOf(command).map((small) => withProgram({ commands: commands.with(i, small) })),
    ),
    ...spans.flatMap((span, i) =>
      less(span.offset).map((offset) => ({ program, spans: spans.with(i, { ...span, offset }) })),
    ),
  ];
}

/** The list without a half, a quarter, ... one of its members. */
function fewer<T>(list: readonly T[]): T[][] {
  const lists: T[][] = [];
  for (let size = Math.ceil(list.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let from = list.length - size; from >= 0; from -= size) {
      lists.push([...list.slice(0, from), ...list.slice(from + size)]);
    }
  }
  return lists;
}

/** Parts of the program that a reader need not think of. */
function plainer({
  folios,
  first,
  hole,
  locked,
  slots,
  before,
}: IteratorProgram): Partial<IteratorProgram>[] {
  return [
    ...(hole === null ? [] : [{ hole: null }]),
    ...(locked === null ? [] : [{ locked: null }]),
    ...(first === 0 ? [] : [{ first: 0 }]),
    ...(before === 0 ? [] : [{ before: 0 }]),
    ...(slots === 29 ? [] : [{ slots: 29 }]),
    ...(folios.length === 1 ? [] : [{ folios: folios.slice(0, -1) }]),
    ...(folios.every((order) => order === 0) ? [] : [{ folios: folios.map(() => 0) }]),
  ];
}

function lessOf(command: IteratorCommand): IteratorCommand[] {
  const { a, b } = command;
  return [
    ...less(a).map((smaller) => ({ ...command, a: smaller })),
    ...less(b).map((smaller) => ({ ...command, b: smaller })),
  ];
}

/** Numbers below `n`, the smallest first. */
function less(n: number): number[] {
  const list: number[] = [];
  for (let by = n; by >= 1; by = Math.floor(by / 2)) list.push(n - by);
  return list;
}

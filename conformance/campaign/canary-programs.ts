/**
 * Canaries of programs: several requests over cryptd with a queue of one, of which something is seen
 * otherwise than it was.
 * @module
 */
import { EINPROGRESS } from '../../src/errno.ts';
import {
  bytesLength,
  type Case,
  type FurtherRequest,
  type MISUSES,
  type Program,
} from '../case/case.ts';
import { CaseGenerator } from '../case/generate.ts';
import { isPartlyInPlace } from '../case/shared.ts';
import type { Check } from '../judge/judge.ts';
import type { Happening } from '../judge/observe.ts';
import { type ProgramHarm, spoilLast } from './canary.ts';

/** Cases among which the generator must draw one that fits. */
const MOST_TRIED = 20_000;
/** Bytes of each text. */
const LONGEST = 512;

/** Programs with what is known of them. */
export interface Programs {
  /** The first waits, the second in the backlog, the third finds no room, the fourth comes from a completion. */
  readonly four: Case;
  /** A caller who sets the key, and one who frees the transform, with requests in flight. */
  readonly rekeyed: Case;
  readonly freed: Case;
  /** One that changes what the second request reads, and one that is at its IV. */
  readonly read: Case;
  readonly begun: Case;
  /** Three in one submission, the last of them refused. */
  readonly batch: Case;
  /** Three of which some are completed before their submission has returned. */
  readonly early: Case;
}

/** An encryption by cryptd that nothing disturbs. @throws Error where none is drawn */
function alone(): Case {
  const generator = new CaseGenerator(['cbc(aes)']);
  for (let i = 0; i < MOST_TRIED; i++) {
    const c = generator.at(1, i);
    const { context, driver, op, layout, text, program } = c;
    const { fault, failing, again, reuse } = context;
    const isDisturbed =
      fault > 0 || failing !== undefined || again === true || reuse || context.early === true;
    const isPlain = !isDisturbed && program === undefined;
    const len = bytesLength(text);
    const isWhole = len > 0 && len <= LONGEST && len % 16 === 0;
    // To one segment of its own, with a byte before it, so that what is named in the lists has a known place.
    const [, last] = layout.src;
    const [target] = layout.dst;
    const isSimple =
      layout.src.length === 2 && layout.dst.length === 1 && last.len > 0 && target.offset > 0;
    const isFit =
      op === 'encrypt' && layout.inplace === 'no' && !isPartlyInPlace(layout) && isWhole;
    if (isPlain && isFit && isSimple && driver.startsWith('cryptd(')) {
      const hash = { final: 'digest', updates: [], reimport: false } as const;
      return { ...c, hash, context: { ...context, backlog: true } };
    }
  }
  throw new Error('the generator draws no case of cryptd for a canary');
}

/** The request of a case again, with changes. */
export function further(c: Case, change: Partial<FurtherRequest>): FurtherRequest {
  const { op, iv, ad, text, tag, room, tamper, layout, hash } = c;
  const plain = { tfm: 0, when: 'now', steps: 0, of: 0, reuse: false, cpu: 0 } as const;
  const message = { op, iv, ad, text, tag, room, tamper, layout, hash };
  return { ...plain, backlog: true, ...message, ...change };
}

/** A case with further requests and a queue of one. */
export function programOf(
  c: Case,
  requests: readonly FurtherRequest[],
  change: Partial<Program> = {},
): Case {
  const program = { transforms: [], queue: 1, freeEarly: false, misuse: null, requests };
  return { ...c, program: { ...program, ...change } };
}

/** @throws Error where the generator draws no case for them */
export function programs(): Programs {
  const c = alone();
  const four = programOf(c, [
    further(c, {}),
    further(c, { backlog: false }),
    further(c, { when: 'callback', of: 1, reuse: true }),
  ]);
  const rekeyed = programOf(c, [further(c, {})], { misuse: { what: 'rekey', after: 1 } });
  const freed = programOf(c, [further(c, {})], { misuse: { what: 'free', after: 0 } });
  const atFault = (what: (typeof MISUSES)[number]): Case =>
    programOf(c, [further(c, {})], { misuse: { what, after: 1 } });
  const joined = further(c, { batch: true });
  const batch = programOf(c, [joined, { ...joined, backlog: false }]);
  const three = programOf(c, [further(c, {}), further(c, {})], { queue: 0, freeEarly: true });
  const early = { ...three, context: { ...c.context, early: true as const } };
  return { four, rekeyed, freed, read: atFault('source'), begun: atFault('iv'), batch, early };
}

/** A program that happened otherwise than it did. */
export function rewritten(change: (history: Happening[]) => readonly Happening[]): ProgramHarm {
  return (outcome) => ({ ...outcome, history: change([...outcome.history]) });
}

export const isFinal = ({ what, err }: Happening): boolean =>
  what === 'call' && err !== -EINPROGRESS;

/** The first completion comes behind the second. */
export const swapped: ProgramHarm = rewritten((history) => {
  const at = history.findIndex(isFinal);
  const [first] = history.splice(at, 1);
  return history.toSpliced(at + 1, 0, first);
});

/** What was completed before its submission returned is answered as if it had never been accepted. */
export const takenBack: ProgramHarm = rewritten((history) =>
  history.map((happening, i) => {
    const isOver = history
      .slice(0, i)
      .some((other) => isFinal(other) && isSameCall(other, happening));
    return happening.what === 'answer' && isOver ? { ...happening, err: 0 } : happening;
  }),
);

function isSameCall(a: Happening, b: Happening): boolean {
  return a.request === b.request && a.step === b.step;
}

/** A misuse that nobody named. */
export const unnamed: ProgramHarm = (outcome) => ({
  ...outcome,
  misuse: { ...outcome.misuse, named: null },
});

/** Harm to the result of one request that is not the first. */
export function spoilFurther(number: number): ProgramHarm {
  return (outcome, ops) => ({
    ...outcome,
    outcomes: outcome.outcomes.map((o, i) => (i === number ? spoilLast(ops[i], o) : o)),
  });
}

/** What rings for programs only. @throws Error where the generator draws no case for them */
export function programProbes(): {
  readonly name: string;
  readonly check: Check;
  readonly c: Case;
  readonly programHarm: ProgramHarm;
}[] {
  const { four, rekeyed, freed, read, begun, batch, early } = programs();
  return [
    { name: 'two completions change places', check: 'ORDER', c: four, programHarm: swapped },
    { name: 'a key is set in flight', check: 'CALLER', c: rekeyed, programHarm: unnamed },
    { name: 'a transform is freed in flight', check: 'CALLER', c: freed, programHarm: unnamed },
    { name: 'a source is changed in flight', check: 'CALLER', c: read, programHarm: unnamed },
    { name: 'an IV is changed in flight', check: 'CALLER', c: begun, programHarm: unnamed },
    { name: 'text of the second request', check: 'OUT', c: four, programHarm: spoilFurther(1) },
    { name: 'text of the second of a batch', check: 'OUT', c: batch, programHarm: spoilFurther(1) },
    { name: 'completed early, and refused', check: 'ORDER', c: early, programHarm: takenBack },
    { name: 'two of a batch change places', check: 'ORDER', c: batch, programHarm: swapped },
  ];
}

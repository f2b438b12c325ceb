/**
 * A side that somebody else has written: what it throws and what it answers is told in one line, and of no
 * answer the judge is asked.
 * @module
 */
import { KernelBug } from '../../../src/assert.ts';
import type { Case, Program } from '../../case/case.ts';
import type { Side } from '../machine-subject.ts';
import type { Operation } from '../operation.ts';
import type { Outcome, ProgramOutcome } from '../outcome.ts';
import { SubjectError } from '../subject-error.ts';

export class GuardedSide implements Side {
  readonly name: string;
  readonly joined: boolean;
  readonly isForeign = true;
  readonly runProgram?: (ops: readonly Operation[], program: Program) => ProgramOutcome;
  private readonly side: Side;

  constructor(side: Side) {
    this.side = side;
    this.name = side.name;
    this.joined = side.joined;
    if (side.runProgram === undefined) return;
    this.runProgram = (ops, program) => {
      const outcome = guarded(() => side.runProgram?.(ops, program));
      if (outcome === undefined || !Array.isArray(outcome.outcomes)) {
        throw new SubjectError(`answered nonsense: outcomes is ${shown(outcome?.outcomes)}`);
      }
      outcome.outcomes.forEach(check);
      return outcome;
    };
  }

  declines(c: Case): string | null {
    return guarded(
      () => this.side.declines?.(c) ?? ((this.side.offers?.(c) ?? true) ? null : 'no such driver'),
    );
  }

  run(op: Operation): Outcome {
    const outcome = guarded(() => this.side.run(op));
    check(outcome);
    return outcome;
  }

  renew(): void {
    guarded(() => this.side.renew());
  }
}

/** @throws what the kernel would crash with, as it is; anything else as one line that says where. */
function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof KernelBug || error instanceof SubjectError) throw error;
    throw new SubjectError(`threw ${inOneLine(error)}`);
  }
}

/** An error, and the innermost place that its stack names. */
export function inOneLine(error: unknown): string {
  if (!(error instanceof Error)) return shown(error);
  const [message] = error.message.split('\n');
  const place = /\(?((?:file:|\/)[^()\s]*:\d+):\d+\)?$/m.exec(error.stack ?? '');
  return `${error.name}: ${message}${place === null ? '' : ` at ${place[1].replace('file://', '')}`}`;
}

const ERRNOS = ['setkey', 'setauthsize', 'ret', 'length'] as const;
const BYTES = ['iv', 'digest'] as const;
const FLAGS = ['async'] as const;
const LISTS = ['completions', 'form', 'iterators'] as const;

/** @throws SubjectError naming the first field of an outcome that is no such thing. */
function check(outcome: Outcome): void {
  const given: unknown = outcome;
  if (given instanceof Promise) {
    given.catch(() => undefined);
    throw new SubjectError('answered nonsense: a promise; run() waits for what it has submitted');
  }
  if (typeof given !== 'object' || given === null) {
    throw new SubjectError(`answered nonsense: ${shown(given)}`);
  }
  const fields: Record<string, unknown> = { ...given };
  const wrong =
    ERRNOS.find((name) => !Number.isSafeInteger(fields[name])) ??
    BYTES.find((name) => !(fields[name] instanceof Uint8Array)) ??
    LISTS.find((name) => !Array.isArray(fields[name])) ??
    FLAGS.find((name) => typeof fields[name] !== 'boolean');
  if (wrong === undefined) return;
  throw new SubjectError(`answered nonsense: ${wrong} is ${shown(fields[wrong])}`);
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

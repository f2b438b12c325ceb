/**
 * A caller with memory of a process, and a tracer in front: what it takes, what it gives back, and what it brings
 * home.
 * @module
 */
import { type Errno, errnoName } from '../../src/errno.ts';
import type { Caller } from '../case/case.ts';
import { type CallerOutcome, type MakeCaller, UserCaller } from '../subjects/user-caller.ts';
import type { Tracer } from './tracer.ts';

/** What it does with pages, and how that is undone. */
const WORDS: Readonly<Record<Caller, readonly [taken: string, back: string]>> = {
  extract: ['pinned', 'unpinned'],
  map: ['held by a bio', 'let go by a bio'],
  copy: ['of its own for a copy', 'of its own freed'],
};

class TracedCaller extends UserCaller {
  private readonly tracer: Tracer;

  constructor(tracer: Tracer, ...about: ConstructorParameters<typeof UserCaller>) {
    super(...about);
    this.tracer = tracer;
  }

  get taken(): string {
    return `${this.pages} pages ${WORDS[this.how][0]}`;
  }

  override end(result: Errno, produced: number): CallerOutcome {
    const { tracer, op } = this;
    if (this.how !== 'copy') return super.end(result, produced);
    const home = (): CallerOutcome => super.end(result, produced);
    return tracer.caller(op, 'back', home, ({ held: { arrival }, failed }) => {
      if (failed !== undefined) return `the copy did not come home, ${errnoName(failed)}`;
      return arrival?.isTouched === true ? `${produced} bytes came home` : 'nothing to bring home';
    });
  }

  protected override release(): void {
    // Where not all could be had it is given back before there is a tracer.
    const tracer: Tracer | undefined = this.tracer;
    const { pages } = this;
    const back = (): void => super.release();
    if (tracer === undefined || pages === 0) back();
    else tracer.caller(this.op, 'back', back, () => `${pages} pages ${WORDS[this.how][1]}`);
  }

  private get pages(): number {
    return this.lent.reduce((sum, { loan }) => sum + loan.placed.length, 0);
  }
}

/** Callers whose doings are steps. */
export function tracedCallers(tracer: Tracer): MakeCaller {
  return (...about) =>
    tracer.caller(
      about[0],
      'lend',
      () => new TracedCaller(tracer, ...about),
      ({ taken }) => taken,
    );
}

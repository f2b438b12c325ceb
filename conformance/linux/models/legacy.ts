/**
 * The scatterlist API as a model: requests by name, recorded walks, scatterlist helpers. It is the API
 * of 6.1; for later releases it has the walk of 6.14, and the associated data of those algorithms that
 * library code hashes. It answers as `module/skcipher.c`, `aead.c`, `hash.c`, `walk.c` and `sg.c` do.
 * @module
 */

import { hasEmptyEntry, type TextCase } from '../text/case.ts';
import { emptyResult, type TextResult } from '../text/result.ts';
import { runAead } from './aead.ts';
import { runHash } from './hash.ts';
import { hashesByLibrary } from './library.ts';
import { answered, type ModelSubject, type Series } from './model.ts';
import { runSg } from './sg.ts';
import { runSkcipher } from './skcipher.ts';
import { walksAnew } from './walk-7.ts';
import { type Answer, newWorld, type World } from './world.ts';

/** Cases after which the machine starts anew, so that leaks cannot exhaust it. */
const RENEW_AFTER = 500;

/** Empty entries end a hash (`compat`), or library code passes over them (`fixed`). */
type ZeroLength = 'compat' | 'fixed';

function zeroLengthOf(c: TextCase, series: Series): ZeroLength {
  return hashesByLibrary(c, series) ? 'fixed' : 'compat';
}

/** Compressors, public keys and programs are of the campaign: its subjects answer them. */
const TAKEN: readonly TextCase['op'][] = ['skcipher', 'aead', 'hash', 'sg'];

/** The legacy model. */
export class LegacyModel implements ModelSubject {
  readonly name = 'legacy';
  private readonly worlds: Record<ZeroLength, World> = {
    compat: newWorld('compat'),
    fixed: newWorld('fixed'),
  };
  private age = 0;

  readonly takes = (c: TextCase): boolean => TAKEN.includes(c.op);

  readonly variant = (c: TextCase, series: Series): string => {
    if (c.op !== 'skcipher' && c.op !== 'aead') return '';
    if (c.geometry !== null) return walksAnew(series) ? 'new' : 'old';
    return hasEmptyEntry(c) ? zeroLengthOf(c, series) : '';
  };

  readonly run = (c: TextCase, series: Series): TextResult => {
    const zeroLength = zeroLengthOf(c, series);
    if (this.age++ >= RENEW_AFTER) this.renew();
    const world = this.worlds[zeroLength];
    world.series = series;
    const answer: Answer = { ...emptyResult(c.id, 'done', '') };
    const { context } = world.machine;
    const { pagefault } = context;
    const run = (): TextResult => {
      world.arena.fill(c);
      if (c.op === 'hash') runHash(world, c, answer);
      else if (c.op === 'sg') runSg(world, c, answer);
      else if (c.op === 'aead') runAead(world, c, answer);
      else if (c.op === 'skcipher') runSkcipher(world, c, answer);
      answer.refs = world.arena.release();
      const leaked = context.pagefault - pagefault;
      if (leaked !== 0) answer.leak = `pagefault ${leaked} preempt 0`;
      return answer;
    };
    return answered(c, run, () => this.renew());
  };

  private renew(): void {
    this.worlds.compat = newWorld('compat');
    this.worlds.fixed = newWorld('fixed');
    this.age = 0;
  }
}

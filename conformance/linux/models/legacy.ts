/**
 * The scatterlist API of Linux 6.1 as a model: requests by name and recorded walks.
 * It answers as `module/cipher.c`, `hash.c` and `walk.c` do.
 * @module
 */
import { KernelBug } from '../../../src/assert.ts';
import type { TextCase } from '../text/case.ts';
import { emptyResult, type TextResult } from '../text/result.ts';
import { runAead } from './aead.ts';
import { runHash } from './hash.ts';
import type { ModelDivergence, ModelSubject } from './model.ts';
import { runSg } from './sg.ts';
import { runSkcipher } from './skcipher.ts';
import { type Answer, newWorld, type World } from './world.ts';

/** Cases after which the machine starts anew, so that leaks cannot exhaust it. */
const RENEW_AFTER = 500;

/** The legacy model. */
export class LegacyModel implements ModelSubject {
  readonly name = 'legacy';
  readonly release = '6.1';
  readonly divergences: readonly ModelDivergence[] = [];
  private world: World = newWorld();
  private age = 0;

  run(c: TextCase): TextResult {
    if (c.op === 'iter') return emptyResult(c.id, 'skip', 'iov_iter');
    if (this.age++ >= RENEW_AFTER) this.renew();
    const { world } = this;
    const answer: Answer = { ...emptyResult(c.id, 'done', '') };
    const { context } = world.machine;
    const { pagefault } = context;
    try {
      world.arena.fill(c);
      if (c.op === 'hash') runHash(world, c, answer);
      else if (c.op === 'sg') runSg(world, c, answer);
      else if (c.op === 'aead') runAead(world, c, answer);
      else runSkcipher(world, c, answer);
    } catch (error) {
      if (!(error instanceof KernelBug)) throw error;
      this.renew();
      return emptyResult(c.id, 'crash', error.message);
    }
    const leaked = context.pagefault - pagefault;
    if (leaked !== 0) answer.leak = `pagefault ${leaked} preempt 0`;
    return answer;
  }

  private renew(): void {
    this.world = newWorld();
    this.age = 0;
  }
}

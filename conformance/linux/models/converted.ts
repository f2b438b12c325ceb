/**
 * The crypto API over iov_iter as a model: the requests of text cases through iterators, the parts of an
 * AEAD named one by one. It answers as `module/skcipher.c`, `aead.c` and `hash.c` do.
 *
 * Not offered: recorded walks (drivers of this API see lists of bio_vecs), and scatterlist helpers.
 * @module
 */

import type { TextCase } from '../text/case.ts';
import { emptyResult, type TextResult } from '../text/result.ts';
import { runConvertedAead } from './converted-aead.ts';
import { runConvertedHash } from './converted-hash.ts';
import { runConvertedSkcipher } from './converted-skcipher.ts';
import { type ConvertedWorld, newConvertedWorld } from './converted-world.ts';
import { answered, type ModelSubject } from './model.ts';
import type { Answer } from './world.ts';

const RENEW_AFTER = 500;

/** The converted crypto API. */
export class ConvertedModel implements ModelSubject {
  readonly name = 'converted';
  private worlds = newWorlds();
  private age = 0;

  readonly takes = (c: TextCase): boolean =>
    c.op === 'hash' || ((c.op === 'skcipher' || c.op === 'aead') && c.geometry === null);

  readonly variant = (): string => '';

  readonly run = (c: TextCase): TextResult => {
    if (this.age++ >= RENEW_AFTER) this.renew();
    const world = givesStateAway(c) ? this.worlds.plain : this.worlds.fastest;
    const answer: Answer = { ...emptyResult(c.id, 'done', '') };
    const run = (): TextResult => {
      world.arena.fill(c);
      if (c.op === 'hash') runConvertedHash(world, c, answer);
      else if (c.op === 'aead') runConvertedAead(world, c, answer);
      else if (c.op === 'skcipher') runConvertedSkcipher(world, c, answer);
      answer.refs = world.arena.release();
      return answer;
    };
    return answered(c, run, () => this.renew());
  };

  private renew(): void {
    this.worlds = newWorlds();
    this.age = 0;
  }
}

/** The drivers of highest priority, and those that are plain code. */
function newWorlds(): Readonly<Record<'fastest' | 'plain', ConvertedWorld>> {
  return { fastest: newConvertedWorld(/* accel */ true), plain: newConvertedWorld(false) };
}

/** The drivers of the library keep the state of a hash to themselves: only plain code exports it. */
function givesStateAway(c: TextCase): boolean {
  return c.op === 'hash' && c.parts.some(({ reimport }) => reimport);
}

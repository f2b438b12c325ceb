/**
 * One case of the structural tier: both APIs against the flat model.
 *
 * Verified: which bytes a range of a list is, in which order; counts of entries and pages; positions
 * after moves; what two lists have in common; that too short a list is refused. Not verified: anything
 * with bytes, user memory, types of iterators other than bio_vecs, kept lists and chains: the random
 * cases of `conform` do that.
 * @module
 */
import { iovIterCopy } from '../../converted/iter/iov-iter.ts';
import { iovIterSaveState } from '../../converted/iter/position.ts';
import { iovIterNpages } from '../../converted/iter/query.ts';
import { bvecConflict, bvecOverlap } from '../../converted/lower/overlap.ts';
import { sgNents, sgNentsForLen } from '../../legacy/lists/scatterlist.ts';
import { BvecList } from '../../src/bvec.ts';
import { EINVAL } from '../../src/errno.ts';
import { Machine } from '../../src/machine/machine.ts';
import { type StructureCase, sizeOf } from './draw.ts';
import { entriesFor, meet, Position, pagesOf, type Ranges, rangesOf } from './flat.ts';
import {
  filled,
  Lowering,
  lengthsOf,
  moved,
  type Shapes,
  scatterlistOf,
  shapesOf,
  walkRanges,
} from './subjects.ts';

/** The rules, and what each compares. */
export const STRUCTURE_CHECKS = ['RANGE', 'COUNT', 'POSITION', 'OVERLAP', 'SHORT', 'TRAP'] as const;

export interface Difference {
  readonly check: (typeof STRUCTURE_CHECKS)[number];
  /** Whose answer differs from the flat model's. */
  readonly subject: string;
  readonly detail: string;
}

const MANY_PAGES = 2 ** 30;
const MACHINE_MEMORY = 1 << 20;

/** Runs cases; it keeps only lists that are filled anew for each. */
export class StructureChecker {
  /** Iterators belong to one; nothing of its memory is touched. */
  private readonly machine: Machine = new Machine({ memory: MACHINE_MEMORY });
  private readonly lowering = new Lowering();
  private readonly src: BvecList = new BvecList(64);
  private readonly dst: BvecList = new BvecList(64);
  private readonly got: number[] = [];
  private differences: Difference[] = [];

  /**
   * Everything in which a case differs from the flat model.
   * @param model what the model is told: the case, but for a canary, which must be heard
   */
  check(c: StructureCase, model: StructureCase = c): readonly Difference[] {
    this.differences = [];
    try {
      filled(this.src, c.src);
      filled(this.dst, c.dst);
      const shapes = shapesOf(this.machine, c.src, c.part, this.src);
      this.scatterlist(c, model);
      this.ranges(c, model, shapes);
      this.overlap(model);
      this.positions(c, model, shapes);
    } catch (error) {
      this.add('TRAP', 'either', error instanceof Error ? error.message : String(error));
    }
    return this.differences;
  }

  private scatterlist({ src, chunk, skip, len }: StructureCase, model: StructureCase): void {
    const sg = scatterlistOf(src, chunk);
    const lengths = model.src.map((piece) => piece.len);
    this.number('COUNT', 'sg_nents', sgNents(sg), lengths.length);
    this.same('COUNT', 'sg_next', lengthsOf(sg), lengths);
    const isShort = skip + len > sizeOf(model.src);
    const nents = isShort ? -EINVAL : entriesFor(model.src, skip + len);
    const found = sgNentsForLen(sg, skip + len);
    this.number(isShort ? 'SHORT' : 'COUNT', 'sg_nents_for_len', found, nents);
    const err = this.lowering.bridged(sg, skip, len, this.got);
    this.number('SHORT', 'sgToBvec', err, isShort ? -EINVAL : 0);
    const expected = isShort ? [] : rangesOf(model.src, skip, len);
    this.same('RANGE', 'sgToBvec', this.got, expected);
    if (!isShort) this.same('RANGE', 'scatterwalk', walkRanges(sg, skip, len), expected);
  }

  private ranges({ skip, len }: StructureCase, { src }: StructureCase, shapes: Shapes): void {
    const isShort = skip + len > sizeOf(src);
    const expected = isShort ? [] : rangesOf(src, skip, len);
    for (const [name, shape] of Object.entries(shapes)) {
      const iter = iovIterCopy(shape);
      moved(iter, 'advance', skip, { iovOffset: 0, count: 0, nrSegs: 0 });
      const err = this.lowering.lowered(iter, len, this.got);
      this.number('SHORT', name, err, isShort ? -EINVAL : 0);
      this.same('RANGE', name, this.got, expected);
    }
  }

  private overlap({ src, dst }: StructureCase): void {
    const [a, b] = [rangesOf(src, 0, sizeOf(src)), rangesOf(dst, 0, sizeOf(dst))];
    const [overlap, conflict] = [meet(a, b, false), meet(a, b, true)];
    if (bvecOverlap(this.src, this.dst) !== overlap) {
      this.add('OVERLAP', 'bvecOverlap', `says ${!overlap}`);
    }
    if (bvecConflict(this.src, this.dst) !== conflict) {
      this.add('OVERLAP', 'bvecConflict', `says ${!conflict}`);
    }
  }

  private positions({ moves }: StructureCase, { src }: StructureCase, shapes: Shapes): void {
    const total = sizeOf(src);
    for (const [name, iter] of Object.entries(shapes)) {
      const position = new Position(total);
      let saved = iovIterSaveState(iter);
      for (const move of moves) {
        saved = moved(iter, move.what, position.move(move), saved);
        this.number('POSITION', `${name} ${move.what}`, iter.count, position.end - position.at);
      }
      const left = position.end - position.at;
      const expected = rangesOf(src, position.at, left);
      this.number('SHORT', name, this.lowering.lowered(iter, left, this.got), 0);
      this.same('POSITION', name, this.got, expected);
      // An empty bio_vec counts as a page for the kernel: only the list, which has none, is compared.
      if (name === 'list')
        this.number('COUNT', name, iovIterNpages(iter, MANY_PAGES), pagesOf(expected));
    }
  }

  private number(check: Difference['check'], subject: string, got: number, expected: number): void {
    if (got !== expected) this.add(check, subject, `${got} instead of ${expected}`);
  }

  private same(check: Difference['check'], subject: string, got: Ranges, expected: Ranges): void {
    let isSame = got.length === expected.length;
    for (let k = 0; isSame && k < got.length; k++) isSame = got[k] === expected[k];
    if (!isSame) this.add(check, subject, `[${got.join(' ')}] instead of [${expected.join(' ')}]`);
  }

  private add(check: Difference['check'], subject: string, detail: string): void {
    this.differences.push({ check, subject, detail });
  }
}

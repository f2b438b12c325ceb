import { describe, expect, test } from 'vitest';
import { deafChecks } from './canaries.ts';
import { StructureChecker } from './check.ts';
import { type StructureCase, StructureGenerator, sizeOf } from './draw.ts';
import { runStructure } from './run.ts';

const QUIET = { progress: (): void => {}, stopped: (): boolean => false };

describe('the structural tier', () => {
  test('finds nothing in what both APIs do with lists, and draws all that it may', async () => {
    const result = await runStructure({ seed: 3, cases: 6000, bail: false }, QUIET);
    expect(result).toMatchObject({ cases: 6000, failed: 0, findings: [], deaf: [] });
    expect(Object.entries(result.drawn).filter(([, count]) => count === 0)).toEqual([]);
  });

  test('hears every canary', () => {
    expect(deafChecks()).toEqual([]);
  });

  test('is deaf where a checker always agrees', () => {
    class Agreeable extends StructureChecker {
      override check(): readonly [] {
        return [];
      }
    }
    expect(deafChecks(new Agreeable())).toHaveLength(6);
  });

  test('draws a case from its number alone', () => {
    const generator = new StructureGenerator();
    const first = generator.at(1, 5);
    generator.at(9, 9);
    expect(generator.at(1, 5)).toEqual(first);
    expect(generator.at(1, 6)).not.toEqual(first);
    expect(generator.at(2, 5)).not.toEqual(first);
  });

  test('counts a kind of difference once, with its first case', async () => {
    class Wrong extends StructureChecker {
      override check(c: StructureCase): ReturnType<StructureChecker['check']> {
        return super.check(c, { ...c, src: [...c.src, { offset: 0, len: sizeOf(c.src) % 2 }] });
      }
    }
    const result = await runStructure({ seed: 1, cases: 300, bail: false }, QUIET, new Wrong());
    const nents = result.findings.find(({ subject }) => subject === 'sg_nents');
    expect(nents).toMatchObject({ check: 'COUNT', number: 0, cases: 300 });
    const one = await runStructure({ seed: 1, cases: 300, bail: true }, QUIET, new Wrong());
    expect(one.cases).toBe(1);
  });

  test('stops when it is told to', async () => {
    const stopped = { progress: (): void => {}, stopped: (): boolean => true };
    expect((await runStructure({ seed: 1, cases: 10, bail: false }, stopped)).cases).toBe(0);
  });
});

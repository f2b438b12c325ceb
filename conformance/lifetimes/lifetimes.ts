/**
 * The lifetimes report: which memory bugs are noticed, depending on how a buffer is described.
 *
 * Every bug is run, many times with different seeds, through each representation, on two builds of
 * the machine: `generic` has the byte-exact shadow with red zones and quarantine, as
 * CONFIG_KASAN_GENERIC; `tags` has tagged pointers instead, as CONFIG_KASAN_SW_TAGS. No kernel has
 * both.
 *
 * Verified: who throws, at which access. Not verified: bugs without an access or a free, races.
 * @module
 */
import { Machine } from '../../src/machine/machine.ts';
import { Prng } from '../../src/prng.ts';
import { BUGS, type MemoryBug, NO_BUG } from './bugs.ts';
import { REPRESENTATIONS, type Representation, type RepresentationName } from './representation.ts';
import { type Detector, type Path, Rig } from './rig.ts';

/** Which sanitizer the kernel is built with. */
export type Build = 'generic' | 'tags';

/** What became of one bug, through one representation, on one path and build. */
export interface LifetimesCell {
  readonly bug: string;
  readonly description: string;
  readonly representation: RepresentationName;
  readonly path: Path;
  readonly build: Build;
  readonly runs: number;
  /** Runs in which a kernel would have noticed. */
  readonly caught: number;
  /** Runs in which only the simulated device did. */
  readonly harnessOnly: number;
  readonly detector: Detector | null;
  /** What the detector said the first time; null when nobody noticed. */
  readonly message: string | null;
}

/** One bug through one representation: caught when some build notices it most of the time. */
export interface LifetimesVerdict {
  readonly bug: string;
  readonly representation: RepresentationName;
  readonly caught: boolean;
  readonly detector: Detector | null;
  readonly message: string | null;
}

export interface LifetimesReport {
  readonly seed: number;
  /** Runs of each cell. */
  readonly runs: number;
  readonly cells: readonly LifetimesCell[];
  readonly verdicts: readonly LifetimesVerdict[];
  /** What the detectors said where nothing was wrong. Must be empty. */
  readonly falseAlarms: readonly string[];
  /** Why the columns differ, and where they do not. */
  readonly notes: readonly string[];
}

/** Enough that a tag which is right by chance (1 in 14) shows as a fraction. */
const RUNS = 28;
const MEMORY = 1 << 20;

const BUILDS: readonly { readonly build: Build; readonly checks: boolean }[] = [
  { build: 'generic', checks: true },
  { build: 'tags', checks: false },
];

const NOTES: readonly string[] = [
  'The shadow belongs to the address of a byte, so every representation profits from it alike; it is' +
    ' blind where the byte is allocated again, or belongs to a neighbour.',
  'A tag belongs to the pointer. Scatterlist and bio_vec keep page and offset; a pointer made from' +
    ' them has the tag of the page, and that is match-all for slab. The late iterator keeps the' +
    " caller's pointer, so the difference between the columns is the tag and nothing else.",
  'Early lowering is arithmetic and looks at nothing. A check at submission would notice what had' +
    ' happened before it, and still nothing that happens in flight.',
  'Tags miss what is left of the last 16 bytes of an object, one bug in fourteen by chance, and' +
    ' everything after the addresses have become physical: a buffer freed while it is mapped is' +
    ' noticed by no kernel, whatever describes it.',
  'A double free before the block is reused is noticed by the allocator, which needs no pointer tag.',
  'On the DMA path the check is one at the moment of mapping. Linux has none there today; without it' +
    ' that table would be empty in every column.',
];

/**
 * Runs every bug.
 * @param seed decides sizes, tags and places. @param runs runs of each cell.
 */
export function runLifetimes(seed: number, runs: number = RUNS): LifetimesReport {
  const cells: LifetimesCell[] = [];
  const falseAlarms: string[] = [];
  for (const { build, checks } of BUILDS) {
    const machine = new Machine({ memory: MEMORY, checks, tags: build === 'tags' });
    for (const bug of [NO_BUG, ...BUGS]) {
      for (const path of bug.paths) {
        for (const representation of REPRESENTATIONS) {
          const cell = runCell(machine, bug, representation, path, build, seed, runs);
          if (bug !== NO_BUG) cells.push(cell);
          else if (cell.message !== null) falseAlarms.push(cell.message);
        }
      }
    }
  }
  return { seed, runs, cells, verdicts: verdictsOf(cells), falseAlarms, notes: NOTES };
}

/** True when late iterators miss nothing that scatterlists catch, and catch something more. */
export function lateCatchesMore(report: LifetimesReport): boolean {
  const by = (name: RepresentationName): LifetimesCell[] =>
    report.cells.filter((cell) => cell.representation === name);
  const list = by('scatterlist');
  const late = by('iov_iter, late');
  const never = late.every((cell, i) => cell.caught >= list[i].caught);
  return never && late.some((cell, i) => cell.caught > list[i].caught);
}

function runCell(
  machine: Machine,
  bug: MemoryBug,
  representation: Representation,
  path: Path,
  build: Build,
  seed: number,
  runs: number,
): LifetimesCell {
  const prng = new Prng(seed);
  let caught = 0;
  let harnessOnly = 0;
  let detector: Detector | null = null;
  let message: string | null = null;
  for (let run = 0; run < runs; run++) {
    machine.reset(prng.u32());
    const seen = new Rig(machine, prng, path, representation).sight(bug.script);
    if (seen === null) continue;
    if (seen.detector === 'harness') harnessOnly++;
    else caught++;
    detector ??= seen.detector;
    message ??= seen.message;
  }
  return {
    bug: bug.name,
    description: bug.description,
    representation: representation.name,
    path,
    build,
    runs,
    caught,
    harnessOnly,
    detector,
    message,
  };
}

function verdictsOf(cells: readonly LifetimesCell[]): LifetimesVerdict[] {
  return BUGS.flatMap(({ name }) =>
    REPRESENTATIONS.map((representation) => {
      const own = cells.filter(
        (cell) => cell.bug === name && cell.representation === representation.name,
      );
      const best = own.reduce((a, b) => (b.caught > a.caught ? b : a));
      const caught = 2 * best.caught > best.runs;
      return {
        bug: name,
        representation: representation.name,
        caught,
        detector: caught ? best.detector : null,
        message: caught ? best.message : null,
      };
    }),
  );
}

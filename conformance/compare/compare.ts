/**
 * The dispute in numbers: one operation of a kernel, by three ways to hand out scattered memory.
 *
 * All three use the portable byte kernels, so that what differs is the way. Counted on a machine that
 * checks every access; timed on one that does not, as a minimum over runs, and good for ratios only.
 * @module
 */
import { performance } from 'node:perf_hooks';
import { iovIterCopy } from '../../converted/iter/iov-iter.ts';
import { LIB_HASHES } from '../../converted/lib/hash.ts';
import { assert, KernelBug } from '../../src/assert.ts';
import { KernelMemory } from '../../src/machine/kernel-memory.ts';
import { Machine } from '../../src/machine/machine.ts';
import { fillSeeded } from '../../src/prng.ts';
import { CaseMemory } from '../case/memory.ts';
import type { Placed } from '../case/placed.ts';
import { Iterators } from '../subjects/iterators.ts';
import { sgListOf } from './caller-scatterlist.ts';
import { type Costs, counted } from './counted.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';
import { makeWays, WAYS, type Way, type Ways } from './ways.ts';
import type { AeadWork, HashWork } from './work.ts';

/** One way of one scenario. */
export interface WayRow extends Costs {
  /** Lines of the caller, its helpers included. */
  readonly lines: number;
  /** Entries that the caller wrote to describe its memory again. */
  readonly entries: number;
  /** Bytes read from memory, as a multiple of the message. */
  readonly passes: number;
  readonly ns: number;
}

/** One scenario, by all ways. */
export interface Comparison {
  readonly id: string;
  readonly who: string;
  readonly alg: string;
  readonly bytes: number;
  readonly pieces: number;
  readonly ways: Readonly<Record<Way, WayRow>>;
}

const MEMORY = 4 << 20;
const SEED = 1;
const POISON = 0x5a;
/** Runs before timing; rounds in which the ways take turns; runs of a round, or as many as its time allows. */
const WARM = 20;
const ROUNDS = 6;
const ROUND_RUNS = 40;
const ROUND_MS = 6;
const NEVER = Number.POSITIVE_INFINITY;

/** All scenarios. @throws KernelBug when two ways do not give the same bytes. */
export function compareWays(progress: (done: number, all: number) => void): Comparison[] {
  return SCENARIOS.map((scenario, i) => {
    progress(i, SCENARIOS.length);
    return compareScenario(scenario);
  });
}

/** One scenario. @param rounds of timing; 1 is not good for figures. */
export function compareScenario(scenario: Scenario, rounds: number = ROUNDS): Comparison {
  const checked = new Stage(scenario, true);
  const fast = new Stage(scenario, false);
  const outputs = WAYS.map((way) => checked.output(way));
  if (outputs.some((bytes) => Buffer.compare(bytes, outputs[0]) !== 0)) {
    throw new KernelBug('three ways, one result', { scenario: scenario.id });
  }
  const ns = fast.times(rounds);
  const row = (way: Way): WayRow => {
    const costs = checked.costs(way);
    return {
      ...costs,
      lines: checked.ways[way].lines,
      entries: entriesOf(way, scenario, checked),
      passes: Math.round((costs.bytesRead * 10) / checked.bytes) / 10,
      ns: ns[way],
    };
  };
  return {
    id: scenario.id,
    who: scenario.who,
    alg: scenario.alg,
    bytes: checked.bytes,
    pieces: checked.src.length + (scenario.dst === null ? 0 : checked.dst.length),
    ways: { scatterlist: row('scatterlist'), iov_iter: row('iov_iter'), library: row('library') },
  };
}

/** A scenario in the memory of a machine. */
class Stage {
  readonly src: readonly Placed[];
  readonly dst: readonly Placed[];
  readonly ways: Ways;
  /** Associated data and text. */
  readonly bytes: number;
  private readonly memory: CaseMemory;
  private readonly work: AeadWork & HashWork;
  private readonly scenario: Scenario;

  constructor(scenario: Scenario, checks: boolean) {
    const machine = new Machine({ memory: MEMORY, checks, seed: SEED });
    const memory = new CaseMemory(machine);
    memory.reset(SEED);
    this.scenario = scenario;
    this.memory = memory;
    this.bytes = scenario.adLen + scenario.len;
    this.src = memory.place(scenario.src);
    this.dst = scenario.dst === null ? this.src : memory.place(scenario.dst);
    const { src, dst } = this;
    const layout = { inplace: dst === src ? ('same' as const) : ('no' as const), chain: 0 };
    const iterators = new Iterators({ memory, layout, src, dst });
    const { adLen, len, tagLen, enc } = scenario;
    this.work = {
      ...{ src, dst, adLen, len, tagLen, enc },
      iv: new Uint8Array(16),
      result: new Uint8Array(LIB_HASHES.get(scenario.alg)?.digestsize ?? 0),
      complete: () => {
        throw new KernelBug('a synchronous operation called back');
      },
      from: () => iovIterCopy(iterators.src),
      to: () => iovIterCopy(iterators.dst),
      mem: new KernelMemory(machine),
    };
    this.ways = makeWays(machine, scenario);
  }

  /** What the destination or the result holds after one operation on fresh memory. */
  output(way: Way): Uint8Array {
    this.fill();
    this.operate(way);
    const { kind, adLen, len, tagLen } = this.scenario;
    if (kind === 'ahash') return this.work.result.slice();
    return this.memory.read(this.dst, adLen, len + tagLen);
  }

  costs(way: Way): Costs {
    this.fill();
    const { bounced } = this.ways[way];
    bounced.bytes = 0;
    bounced.times = 0;
    const costs = counted(this.memory.machine, () => this.operate(way));
    // In and out again.
    return {
      ...costs,
      bytesCopied: costs.bytesCopied + 2 * bounced.bytes,
      bounces: costs.bounces + 2 * bounced.times,
    };
  }

  /** Nanoseconds of one operation each way, the least of many: load on the machine only adds. */
  times(rounds: number): Readonly<Record<Way, number>> {
    const best = { scatterlist: NEVER, iov_iter: NEVER, library: NEVER };
    this.fill();
    const warm = rounds > 1 ? WARM : 1;
    for (const way of WAYS) for (let i = 0; i < warm; i++) this.operate(way);
    for (let round = 0; round < rounds; round++) {
      for (const way of WAYS) best[way] = Math.min(best[way], this.round(way));
    }
    return best;
  }

  private round(way: Way): number {
    let best = NEVER;
    const end = performance.now() + ROUND_MS;
    for (let i = 0, now = performance.now(); i < ROUND_RUNS && (i < 2 || now < end); i++) {
      this.operate(way);
      const then = performance.now();
      best = Math.min(best, then - now);
      now = then;
    }
    return Math.round(best * 1e6);
  }

  private fill(): void {
    const total = this.src.reduce((sum, { len }) => sum + len, 0);
    const bytes = new Uint8Array(total);
    fillSeeded(bytes, SEED);
    if (this.dst !== this.src) {
      const room = this.dst.reduce((sum, { len }) => sum + len, 0);
      this.memory.write(this.dst, 0, new Uint8Array(room).fill(POISON));
    }
    this.memory.write(this.src, 0, bytes);
    this.work.result.fill(0);
  }

  private operate(way: Way): void {
    // The first byte of an IV of CCM says how long its length field is.
    this.work.iv.fill(0).set([this.scenario.alg.startsWith('ccm') ? 3 : 0]);
    const err = this.ways[way].run(this.work);
    assert(err === 0, 'an operation of a scenario succeeds');
  }
}

/**
 * What a user must describe anew. A scatterlist is nobody's own form. Of iterators, a user of bio_vecs or
 * kvecs has the arrays; an skb has neither; who has both writes a kvec for each header and trailer.
 */
function entriesOf(way: Way, { native, dst }: Scenario, stage: Stage): number {
  const lists = dst === null ? [stage.src] : [stage.src, stage.dst];
  if (way === 'scatterlist') {
    return lists.reduce((sum, pieces) => sum + sgListOf(pieces).length, 0);
  }
  const pieces = lists.flat();
  if (native === 'bio_vec' || native === 'kvec') return 0;
  return native === 'skb' ? pieces.length : pieces.filter(({ kind }) => kind === 'slab').length;
}

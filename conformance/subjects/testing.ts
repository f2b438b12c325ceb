/**
 * What the tests of compression, public keys and key agreement share: one transform on one side, and
 * requests over memory that is cut in two.
 * @module
 */
import { errnoName } from '../../src/errno.ts';
import { Machine } from '../../src/machine/machine.ts';
import type { Layout, Segment } from '../case/case.ts';
import { CaseMemory } from '../case/memory.ts';
import type { DataApi, DataKind, DataOperation, DataSubject, Prepared } from './api.ts';
import { ConvertedApi } from './converted.ts';
import { LegacyApi } from './legacy.ts';
import { Submission } from './submit.ts';

/** The sides, for `describe.each`. */
export const BOTH_APIS = ['legacy', 'converted'] as const;

const MEMORY = 1 << 24;
const FILL = 0xee;
/** Where memory is cut. */
const CUT = 7;
const CONTEXT = {
  ...{ sleep: true, backlog: false, atomic: false, reuse: false, fault: 0, gather: 0 },
  forbidWeak: false,
};

/** One transform, and what may be done with it. */
export interface DataWorld {
  setkey(key: Uint8Array): number;
  maxSize(): number;
  /** @returns the result, the length that the request tells, and all of the room. */
  run(
    operation: DataOperation,
    bytes: Uint8Array,
    room: number,
    digest?: Uint8Array,
  ): { readonly err: number; readonly len: number; readonly out: Buffer };
  /** @throws Error when something was not given back, or written elsewhere. */
  close(): void;
}

/** A transform of its own on a machine of its own. */
export function dataWorld(
  side: (typeof BOTH_APIS)[number],
  driver: string,
  kind: DataKind,
): DataWorld {
  const machine = new Machine({ memory: MEMORY });
  const memory = new CaseMemory(machine);
  memory.reset(1, 0);
  return side === 'legacy'
    ? new World(memory, new LegacyApi(machine), driver, kind)
    : new World(memory, new ConvertedApi(machine), driver, kind);
}

class World<P extends Prepared> implements DataWorld {
  private readonly memory: CaseMemory;
  private readonly api: DataApi<P>;
  private readonly tfm: DataSubject<P>;
  private readonly wrong: string[] = [];

  constructor(memory: CaseMemory, api: DataApi<P>, driver: string, kind: DataKind) {
    const tfm = api.data(driver, kind);
    if (typeof tfm === 'number') throw new Error(`${driver}: ${errnoName(tfm)}`);
    this.memory = memory;
    this.api = api;
    this.tfm = tfm;
  }

  setkey(key: Uint8Array): number {
    return this.tfm.setkey(key, /* forbidWeak */ false);
  }

  maxSize(): number {
    return this.tfm.maxSize();
  }

  run(operation: DataOperation, bytes: Uint8Array, room: number, digest = new Uint8Array(0)) {
    const { memory } = this;
    const src = memory.place(cutSegments(bytes.length + digest.length));
    const dst = memory.place(cutSegments(room));
    memory.write(src, 0, bytes);
    memory.write(src, bytes.length, digest);
    memory.write(dst, 0, new Uint8Array(room).fill(FILL));
    memory.sync();
    const layout: Pick<Layout, 'inplace' | 'chain'> = { inplace: 'no', chain: 0 };
    const at = this.api.prepare({ memory, layout, src, dst });
    const submission = new Submission(memory.machine, { context: CONTEXT });
    const size = operation === 'verify' ? digest.length : room;
    const { err, length } = this.tfm.run(operation, at, bytes.length, size, submission);
    at.release();
    const stray = memory.strayWrites(dst.flatMap(({ runs }) => runs));
    this.wrong.push(...at.changes(), ...at.moved(), ...stray.map((byte) => `stray byte ${byte}`));
    return { err, len: length, out: Buffer.from(memory.read(dst, 0, room)) };
  }

  close(): void {
    this.tfm.free();
    const held = this.memory.machine.ledger.holdings().filter(({ who }) => who !== 'case');
    const wrong = [...this.wrong, ...held.map(({ kind, who }) => `${kind} of ${who}`)];
    if (wrong.length > 0) throw new Error(wrong[0]);
  }
}

function cutSegments(len: number): Segment[] {
  const cut = Math.min(CUT, len);
  return [
    { kind: 'slab', offset: 3, len: cut },
    { kind: 'page', offset: 11, len: len - cut },
  ];
}

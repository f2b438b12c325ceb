/**
 * Watches what a caller has lent to an API while requests are in flight: the bytes that are read, those
 * that are written, and the IV. What differs behind a turn in which the caller alone has run is the
 * caller's doing, and no fault of the API, which wrote in other turns.
 *
 * Verified: every byte that a turn leaves changed, of every request that is in flight then. Not verified:
 * what is put back in the same turn, and what is changed through lists or iterators: FORM and ITER.
 * @module
 */
import type { Errno } from '../../src/errno.ts';
import { PHYS_BASE } from '../../src/machine/phys-mem.ts';
import type { MISUSES } from '../case/case.ts';
import { type Placed, type Run, sliceRuns } from '../case/placed.ts';
import type { CallerIv } from './caller-iv.ts';
import type { Operation, RequestCaller } from './operation.ts';

/** What a request borrows. */
const LENT = ['source', 'target', 'iv'] as const;
type Lent = (typeof LENT)[number];

/** A message whose memory is lent. */
export interface LentMessage {
  readonly op: Operation;
  readonly iv: Pick<CallerIv, 'bytes'>;
  /** Whose memory it is, where a process lends it for the request alone. */
  readonly caller: RequestCaller | null;
}

/** True for what changes memory that a request has borrowed. */
export function isLent(what: (typeof MISUSES)[number]): what is Lent {
  return LENT.some((lent) => lent === what);
}

/** Memory of a request as it was. */
interface Picture {
  readonly src: readonly Uint8Array[];
  readonly dst: readonly Uint8Array[];
  readonly iv: Uint8Array;
}

export class CallerWatch {
  private readonly messages: readonly LentMessage[];
  private readonly inFlight = new Set<number>();
  /** What the caller did to each request that it spoiled. */
  readonly found: Map<number, string> = new Map();

  constructor(messages: readonly LentMessage[]) {
    this.messages = messages;
  }

  /** The API has it from here on. */
  begin(number: number): void {
    this.inFlight.add(number);
    this.messages[number].caller?.accepted();
  }

  /** The API has given it back. */
  end(number: number): void {
    this.inFlight.delete(number);
  }

  /** All of a message is over. */
  over(number: number, result: Errno): void {
    this.messages[number].caller?.over(result);
  }

  /** Runs what the caller does. @returns what of it is a fault, in words; null for nothing. */
  turn(work: () => void): string | null {
    const lent = [...this.inFlight].map((number) => [number, this.picture(number)] as const);
    work();
    let first: string | null = null;
    for (const [number, before] of lent) {
      const place = firstDifference(before, this.picture(number));
      if (place === null) continue;
      const words = `caller changed ${place} while request ${number} was in flight`;
      this.found.set(number, words);
      first ??= words;
    }
    return first;
  }

  /** Whether a request has borrowed a byte of that. */
  lends(number: number, what: Lent): boolean {
    return what === 'iv'
      ? this.messages[number].iv.bytes.length > 0
      : this.byteOf(number, what) !== null;
  }

  /** Changes one byte, as no caller may. */
  spoil(number: number, what: Lent): void {
    const { op, iv } = this.messages[number];
    if (what === 'iv') {
      iv.bytes[0] ^= 0xff;
      return;
    }
    const run = this.byteOf(number, what);
    if (run === null) return;
    const { mem } = op.memory.machine;
    mem.store(
      run.phys,
      mem.load(run.phys, 1).map((byte) => byte ^ 0xff),
    );
  }

  /** A byte in the last segment that has one, of what is read, or of what is to be written. */
  private byteOf(number: number, what: 'source' | 'target'): Run | null {
    const { src, dst, input, c } = this.messages[number].op;
    const list = what === 'source' ? src : dst;
    const text = c.kind === 'acomp' || c.kind === 'kpp' ? c.room : input.text.length;
    const len = what === 'source' ? input.ad.length + input.text.length : input.ad.length + text;
    const room = list.reduce((sum, placed) => sum + placed.len, 0);
    const last = Math.min(len, room);
    return last === 0 ? null : (sliceRuns(list, last - 1, 1)[0] ?? null);
  }

  private picture(number: number): Picture {
    const { op, iv } = this.messages[number];
    const { u8 } = op.memory.machine.mem;
    const bytesOf = ({ runs }: Placed): Uint8Array =>
      Buffer.concat(
        runs.map(({ phys, len }) => u8.subarray(phys - PHYS_BASE, phys - PHYS_BASE + len)),
      );
    return { src: op.src.map(bytesOf), dst: op.dst.map(bytesOf), iv: iv.bytes.slice() };
  }
}

function firstDifference(before: Picture, after: Picture): string | null {
  const lists = [
    ['src', before.src, after.src],
    ['dst', before.dst, after.dst],
  ] as const;
  for (const [name, was, is] of lists) {
    const at = was.findIndex((bytes, i) => Buffer.compare(bytes, is[i]) !== 0);
    if (at >= 0) return `${name}[${at}]`;
  }
  return Buffer.compare(before.iv, after.iv) === 0 ? null : 'the IV';
}

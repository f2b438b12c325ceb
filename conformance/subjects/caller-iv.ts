/**
 * The IV of a caller, in the memory of the machine: exactly its bytes, red zone behind them. It stays until all
 * is over; or it is gone when its request is over, freed with it or on the stack of a caller who then returns,
 * where it begins at an odd byte. Whoever touches it later traps, or meets poison.
 *
 * Verified: no use of an IV that is named (`ivBytes`) goes over its end, or comes when it is gone; nobody
 * writes it then, named or not. Not verified: reads that are not named, of which the poison goes into the result.
 * @module
 */
import { KernelBug } from '../../src/assert.ts';
import { must } from '../../src/machine/access.ts';
import { linearToPhys } from '../../src/machine/address.ts';
import { GFP_ATOMIC } from '../../src/machine/context.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { PHYS_BASE } from '../../src/machine/phys-mem.ts';
import { physAddr, type VirtAddr } from '../../src/units.ts';

/** What stands where an IV was. */
const POISON = 0x6b;
/** Bytes by which IVs on a stack are misaligned. */
const SKEWED = 3;

/** Where an IV is: with the caller, on its stack, or in what it frees with the request. */
export type IvPlace = 'heap' | 'stack' | 'request';

export class CallerIv {
  /** What the API gets. */
  readonly bytes: Uint8Array;
  private readonly machine: Machine;
  private readonly place: IvPlace;
  private readonly memory: VirtAddr | null;
  private last: Uint8Array | null = null;

  constructor(machine: Machine, iv: Uint8Array, place: IvPlace) {
    this.machine = machine;
    this.place = place;
    if (iv.length === 0) {
      this.bytes = iv;
      this.memory = null;
      return;
    }
    const skew = place === 'stack' ? SKEWED : 0;
    this.memory = must(machine.keys.kmalloc(skew + iv.length, 'case', GFP_ATOMIC));
    const at = physAddr(linearToPhys(this.memory) + skew);
    machine.store(at, iv);
    this.bytes = machine.mem.u8.subarray(at - PHYS_BASE, at - PHYS_BASE + iv.length);
    machine.lent.set(this.bytes, at);
  }

  /** The IV as it is, or as it was when the caller returned. */
  get value(): Uint8Array {
    return this.last ?? this.bytes;
  }

  /** The request is over: what does not stay is gone. */
  readonly leave = (): void => {
    if (this.place !== 'heap') this.release();
  };

  /** All is over. @throws KernelBug when somebody wrote to the IV since it was gone. */
  end(): void {
    this.release();
    if (this.memory === null || this.bytes.every((byte) => byte === POISON)) return;
    throw new KernelBug(
      'IV of a request that is over was written, which its caller has taken back',
    );
  }

  private release(): void {
    if (this.last !== null || this.memory === null) return;
    this.last = this.bytes.slice();
    this.bytes.fill(POISON);
    this.machine.keys.kfree(this.memory);
  }
}

/**
 * What a transform keeps of its key, in the memory of the machine: a driver that goes on with it when the
 * transform is freed meets a freed object. It is allocated with the transform in C, so no call that is made
 * to fail takes it away. On a machine without checks there is none.
 *
 * Verified: that nobody begins an operation under the key of a transform that is gone. Not verified: reads of
 * the schedules of the byte kernels, which lie outside of the machine.
 * C: include/crypto/algapi.h crypto_tfm_ctx, crypto/api.c crypto_alloc_tfmmem, crypto_destroy_tfm (6.1)
 * @module
 */
import { must } from '../machine/access.ts';
import { linearToPhys } from '../machine/address.ts';
import { GFP_ATOMIC } from '../machine/context.ts';
import type { Machine } from '../machine/machine.ts';
import type { VirtAddr } from '../units.ts';

export class KeyMemory {
  private readonly machine: Machine;
  private at: VirtAddr | null = null;
  private len = 0;
  private isHeld = false;
  /** A machine that was reset has forgotten it. */
  private epoch = 0;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  /** Keeps a key instead of the one before. */
  keep(key: Uint8Array, who: string): void {
    const { machine } = this;
    if (!machine.checks) return;
    this.release();
    this.at = null;
    if (key.length === 0) return;
    this.at = must(machine.keys.kmalloc(key.length, who, GFP_ATOMIC));
    machine.store(linearToPhys(this.at), key);
    this.len = key.length;
    this.isHeld = true;
    this.epoch = machine.epoch;
  }

  /** What every operation begins with. @throws KernelBug when it was released. */
  read(): void {
    const { machine, at } = this;
    if (at !== null && this.epoch === machine.epoch) machine.checkRead(linearToPhys(at), this.len);
  }

  /** Overwrites and frees it. */
  release(): void {
    const { machine, at } = this;
    if (at !== null && this.isHeld && this.epoch === machine.epoch) machine.keys.kfreeSensitive(at);
    this.isHeld = false;
  }
}

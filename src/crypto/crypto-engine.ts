/**
 * The queue in front of hardware: requests wait until the device has room, and are told when they leave
 * the backlog.
 *
 * Not modelled: an engine runs from the start and for good, and so -ESHUTDOWN of a transfer before that, -EBUSY of a
 * second start and the waiting of a stop never come; nor does a driver that gives a request back
 * (`retry_support`), since it is asked first whether it has room. The limit is the machine's, not 10.
 * C: crypto/crypto_engine.c (6.1)
 * @module
 */
import { EBUSY, EINPROGRESS, ENOSPC, type Errno } from '../errno.ts';
import type { Machine } from '../machine/machine.ts';
import { WorkQueue } from '../machine/scheduler.ts';
import { type CryptoAsyncRequest, CryptoQueue } from './queue.ts';

/** What a driver does for its engine. */
export interface CryptoEngineOps<R extends CryptoAsyncRequest> {
  /** Whether the device takes another request now. */
  readonly hasRoom: () => boolean;
  /**
   * Starts a request. @returns null when its interrupt will come, and the driver then finalizes it; else
   * its result. @kernel do_one_request
   */
  readonly doOne: (req: R) => Errno | null;
  /** Completes a request, or tells it with -EINPROGRESS that it has left the backlog. */
  readonly complete: (req: R, err: Errno) => void;
}

/** @kernel crypto_engine */
export class CryptoEngine<R extends CryptoAsyncRequest> {
  private readonly machine: Machine;
  private readonly ops: CryptoEngineOps<R>;
  private readonly work: WorkQueue;
  private queue = new CryptoQueue<R>(0);
  private epoch = 0;

  constructor(machine: Machine, name: string, ops: CryptoEngineOps<R>) {
    this.machine = machine;
    this.ops = ops;
    this.work = new WorkQueue(`${name}/engine`, 'task');
  }

  /** @returns -EINPROGRESS, -EBUSY behind the limit with MAY_BACKLOG, -ENOSPC without. @kernel crypto_transfer_request */
  transfer(req: R): Errno {
    // A machine that was reset has forgotten its work, and these requests with it.
    if (this.epoch !== this.machine.epoch) this.queue = new CryptoQueue(0);
    this.epoch = this.machine.epoch;
    if (this.machine.faults.hit('queue')) return -ENOSPC;
    this.queue.maxQlen = this.machine.queueLength;
    const err = this.queue.enqueue(req);
    if (err === -EINPROGRESS || err === -EBUSY) {
      this.kick();
      this.machine.scheduler.meanwhile();
    }
    return err;
  }

  /** Ends a request that was started, and looks for the next one. @kernel crypto_finalize_request */
  finalize(req: R, err: Errno): void {
    this.complete(req, err);
    if (this.queue.qlen > 0) this.kick();
  }

  private kick(): void {
    if (this.work.items.length > 0) return;
    this.machine.scheduler.queueWork(this.work, () => this.pump());
  }

  /** Starts one request; the next one gets a work item of its own. @kernel crypto_pump_requests */
  private pump(): void {
    if (this.queue.qlen === 0 || !this.ops.hasRoom()) return;
    const backlog = this.queue.getBacklog();
    const req = this.queue.dequeue();
    if (req === null) return;
    if (backlog !== null) this.complete(backlog, -EINPROGRESS);
    const answer = this.ops.doOne(req);
    if (answer !== null) this.complete(req, answer);
    if (this.queue.qlen > 0) this.kick();
  }

  /** Completes with bottom halves disabled. */
  private complete(req: R, err: Errno): void {
    this.machine.context.withBhDisabled(() => this.ops.complete(req, err));
  }
}

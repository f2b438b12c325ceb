/**
 * cryptd: makes any synchronous driver asynchronous, through one queue for each processor and one work
 * item per operation.
 * C: crypto/cryptd.c (6.1)
 *
 * A template of two steps: wait in the queue, then the child on the same lists. The worker is what goes
 * on with the second step.
 * @module
 */
import {
  CRYPTO_ALG_ASYNC,
  CRYPTO_ALG_INTERNAL,
  CRYPTO_ALG_OPTIONAL_KEY,
  CRYPTO_ALG_TYPE_AEAD,
  CRYPTO_ALG_TYPE_AHASH,
  CRYPTO_ALG_TYPE_SKCIPHER,
  CRYPTO_TFM_REQ_MAY_SLEEP,
  type CryptoAlg,
} from '../../src/crypto/algorithm.ts';
import { CryptoQueue } from '../../src/crypto/queue.ts';
import { EBUSY, EINPROGRESS, ENOSPC, type Errno } from '../../src/errno.ts';
import { NR_CPUS } from '../../src/machine/context.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { WorkQueue } from '../../src/machine/scheduler.ts';
import {
  type AhashOp,
  ahashDigest,
  ahashFinal,
  ahashFinup,
  ahashInit,
  ahashUpdate,
} from '../ahash.ts';
import { callAead, callShash, callSkcipher } from '../child.ts';
import { type CryptoOp, isPending, opAccepted, opComplete } from '../op.ts';
import { type Step, stepContext } from '../steps.ts';
import {
  type AeadTemplateOp,
  type AhashTemplateOp,
  aeadTemplate,
  ahashTemplate,
  type CryptoTemplate,
  type SkcipherTemplateOp,
  skcipherTemplate,
  templateByType,
} from '../template.ts';

/** What an instance adds to the priority of its child. */
const CRYPTD_PRIORITY = 50;
const NAMES = [{ name: 'cryptd', params: 1 }];
const CHILD = 0;

type Defer = (op: CryptoOp) => Errno;

/** The queue of one processor. @kernel cryptd_cpu_queue */
class CryptdCpuQueue {
  private readonly machine: Machine;
  private queue = new CryptoQueue<CryptoOp>(0);
  private readonly work: WorkQueue;
  private epoch = 0;

  constructor(machine: Machine, cpu: number) {
    this.machine = machine;
    this.work = new WorkQueue(`cryptd/${cpu}`, 'task', cpu);
  }

  enqueue(op: CryptoOp): Errno {
    // A machine that was reset has forgotten its work, and these operations with it.
    if (this.epoch !== this.machine.epoch) this.queue = new CryptoQueue(0);
    this.epoch = this.machine.epoch;
    const pending = this.work.items.length > 0;
    this.queue.maxQlen = this.machine.queueLength;
    if (this.machine.faults.hit('queue')) return -ENOSPC;
    const err = this.queue.enqueue(op);
    if (err !== -EINPROGRESS && err !== -EBUSY) return err;
    if (!pending) this.schedule();
    opAccepted(op);
    return err;
  }

  private schedule(): void {
    this.machine.scheduler.queueWork(this.work, () => this.worker());
  }

  /** Takes one operation off the queue; the backlog moves up first. @kernel cryptd_queue_worker */
  private worker(): void {
    const backlog = this.queue.getBacklog();
    const op = this.queue.dequeue();
    if (op === null) return;
    if (this.queue.qlen > 0) this.schedule();
    if (backlog !== null) this.complete(backlog, -EINPROGRESS);
    const rctx = stepContext(op);
    const err = rctx.goOn();
    if (!isPending(err, rctx.flags)) this.complete(op, err);
  }

  /** The worker is a task, and completes with bottom halves disabled. */
  private complete(op: CryptoOp, err: Errno): void {
    this.machine.context.withBhDisabled(() => opComplete(op, err));
  }
}

/** Step: waits for the worker of this processor. @returns -EINPROGRESS, -EBUSY or -ENOSPC. @kernel cryptd_enqueue_request */
function deferOn(machine: Machine): Defer {
  const cpus = Array.from({ length: NR_CPUS }, (_, cpu) => new CryptdCpuQueue(machine, cpu));
  return (op) => cpus[machine.context.cpu].enqueue(op);
}

/** A cipher may sleep whatever the caller said, because the worker is a task. */
function cryptStep(op: SkcipherTemplateOp): Errno {
  stepContext(op).flags = CRYPTO_TFM_REQ_MAY_SLEEP;
  return callSkcipher(op, CHILD, op.src, op.dst, op.len, op.iv);
}

function aeadStep(op: AeadTemplateOp): Errno {
  return callAead(op, CHILD, op.ad, op.src, op.dst, op.len, op.iv);
}

function skcipherCryptd(defer: Defer): CryptoTemplate {
  return skcipherTemplate({
    names: NAMES,
    children: [{ kind: 'skcipher', sync: true }],
    instance: ([child]) => cryptdInstance(child),
    encrypt: [defer, cryptStep],
    decrypt: [defer, cryptStep],
  });
}

function aeadCryptd(defer: Defer): CryptoTemplate {
  return aeadTemplate({
    names: NAMES,
    children: [{ kind: 'aead', sync: true }],
    instance: ([child]) => cryptdInstance(child),
    encrypt: [defer, aeadStep],
    decrypt: [defer, aeadStep],
  });
}

function ahashCryptd(defer: Defer): CryptoTemplate {
  const queued = (operation: (op: AhashOp) => Errno): Step<AhashTemplateOp>[] => [
    defer,
    (op) => callShash(op, CHILD, operation),
  ];
  return ahashTemplate({
    names: NAMES,
    children: [{ kind: 'ahash', sync: true }],
    instance: ([child]) => cryptdInstance(child),
    init: queued(ahashInit),
    update: queued(ahashUpdate),
    final: queued(ahashFinal),
    finup: queued(ahashFinup),
    digest: queued(ahashDigest),
  });
}

/** The sizes of the child under another driver name. */
function cryptdInstance<A extends CryptoAlg>(child: A): A {
  return {
    ...child,
    driverName: `cryptd(${child.driverName})`,
    priority: child.priority + CRYPTD_PRIORITY,
    flags: CRYPTO_ALG_ASYNC | (child.flags & (CRYPTO_ALG_INTERNAL | CRYPTO_ALG_OPTIONAL_KEY)),
  };
}

/** The template of one machine, whose queues its instances share. @kernel none: cryptd_tmpl */
export function cryptd(machine: Machine): CryptoTemplate {
  const defer = deferOn(machine);
  return templateByType(
    NAMES,
    new Map([
      [CRYPTO_ALG_TYPE_SKCIPHER, skcipherCryptd(defer)],
      [CRYPTO_ALG_TYPE_AEAD, aeadCryptd(defer)],
      [CRYPTO_ALG_TYPE_AHASH, ahashCryptd(defer)],
    ]),
  );
}

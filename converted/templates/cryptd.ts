/**
 * cryptd: makes any synchronous driver asynchronous, through one queue and one work item per operation.
 * C: crypto/cryptd.c (6.1)
 *
 * A template of two steps: wait in the queue, then the child on the same lists. The worker is what goes
 * on with the second step.
 * @module
 */
import {
  CRYPTO_ALG_ASYNC,
  CRYPTO_ALG_INSTANCE,
  CRYPTO_ALG_TYPE_MASK,
  CRYPTO_TFM_REQ_MAY_SLEEP,
  type CryptoAlg,
} from '../../src/crypto/algorithm.ts';
import { CryptoQueue } from '../../src/crypto/queue.ts';
import { EBUSY, EINPROGRESS, EINVAL, type Errno } from '../../src/errno.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { WorkQueue } from '../../src/machine/scheduler.ts';
import { type AeadAlg, isAead } from '../aead.ts';
import {
  type AhashAlg,
  type AhashOp,
  ahashDigest,
  ahashFinal,
  ahashFinup,
  ahashInit,
  ahashUpdate,
  isAhash,
} from '../ahash.ts';
import {
  callAead,
  callAhash,
  callSkcipher,
  childHash,
  childSetauthsize,
  childSetkey,
  hashOf,
  type TemplateCtx,
} from '../child.ts';
import type { CryptoApi } from '../crypto-api.ts';
import { type CryptoOp, isPending, opComplete } from '../op.ts';
import { isSkcipher, type SkcipherAlg } from '../skcipher.ts';
import { stepContext, stepsStart } from '../steps.ts';
import {
  type AeadTemplateOp,
  contextFor,
  freeChildren,
  type InstanceBase,
  instanceBase,
  type SkcipherTemplateOp,
} from '../template.ts';

/** Operations that are queued before the backlog begins. @kernel cryptd_max_cpu_qlen */
const MAX_QLEN = 1000;
/** A cryptd instance outranks its child by so much. */
const PRIORITY = 50;
const CHILD = 0;

/** The queue of one machine. @kernel cryptd_queue */
class CryptdQueue {
  private readonly machine: Machine;
  private queue = new CryptoQueue<CryptoOp>(MAX_QLEN);
  private readonly work = new WorkQueue('cryptd', 'task');
  /** Step: waits for the worker. @returns -EINPROGRESS, -EBUSY or -ENOSPC. @kernel cryptd_enqueue_request */
  readonly defer: (op: CryptoOp) => Errno = (op) => this.enqueue(op);

  constructor(machine: Machine) {
    this.machine = machine;
  }

  private enqueue(op: CryptoOp): Errno {
    // A machine that was reset has forgotten its work, and these operations with it.
    const pending = this.work.items.length > 0;
    if (!pending && this.queue.qlen > 0) this.queue = new CryptoQueue(MAX_QLEN);
    const err = this.queue.enqueue(op);
    if (!pending && (err === -EINPROGRESS || err === -EBUSY)) this.schedule();
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
    const { context } = this.machine;
    context.localBhDisable();
    try {
      opComplete(op, err);
    } finally {
      context.localBhEnable();
    }
  }
}

/** @kernel none, module_init of crypto/cryptd.c */
export function registerCryptd(api: CryptoApi): void {
  const queue = new CryptdQueue(api.machine);
  api.registry.registerTemplate('cryptd', (registry, params, type, mask) => {
    const [name] = params;
    if (name === undefined || params.length !== 1) return -EINVAL;
    // Only a synchronous child: two queues in a row would reorder requests.
    const wanted = type & CRYPTO_ALG_TYPE_MASK;
    const child = registry.find(name, wanted, (mask & CRYPTO_ALG_TYPE_MASK) | CRYPTO_ALG_ASYNC);
    if (typeof child === 'number') return child;
    if (isSkcipher(child)) return skcipherInstance(queue, child);
    if (isAead(child)) return aeadInstance(queue, child);
    return isAhash(child) ? ahashInstance(queue, child) : -EINVAL;
  });
}

/** What instances of all kinds have in common. */
function common(
  child: SkcipherAlg | AeadAlg | AhashAlg,
): InstanceBase & Pick<CryptoAlg, 'driverName' | 'priority'> {
  return {
    ...instanceBase(0, 0, [child]),
    flags: child.flags | CRYPTO_ALG_ASYNC | CRYPTO_ALG_INSTANCE,
    driverName: `cryptd(${child.driverName})`,
    priority: child.priority + PRIORITY,
  };
}

function skcipherInstance(queue: CryptdQueue, child: SkcipherAlg): SkcipherAlg<TemplateCtx> {
  const steps = [queue.defer, cryptStep];
  return {
    ...child,
    ...common(child),
    exit: freeChildren,
    setkey: (tfm, key) => childSetkey(tfm, CHILD, key),
    initOp: (op) => contextFor(op, 0),
    encrypt: (op) => stepsStart(op, steps),
    decrypt: (op) => stepsStart(op, steps),
  };
}

function aeadInstance(queue: CryptdQueue, child: AeadAlg): AeadAlg<TemplateCtx> {
  const steps = [queue.defer, aeadStep];
  return {
    ...child,
    ...common(child),
    exit: freeChildren,
    setkey: (tfm, key) => childSetkey(tfm, CHILD, key),
    setauthsize: (tfm, authsize) => childSetauthsize(tfm, CHILD, authsize),
    initOp: (op) => contextFor(op, 0),
    encrypt: (op) => stepsStart(op, steps),
    decrypt: (op) => stepsStart(op, steps),
  };
}

function ahashInstance(queue: CryptdQueue, child: AhashAlg): AhashAlg<TemplateCtx> {
  const queued = (operation: (op: AhashOp) => Errno): ((op: AhashOp<TemplateCtx>) => Errno) => {
    const steps = [queue.defer, (op: AhashOp<TemplateCtx>) => hashStep(op, operation)];
    return (op) => stepsStart(op, steps);
  };
  return {
    ...child,
    ...common(child),
    exit: freeChildren,
    setkey: (tfm, key) => childSetkey(tfm, CHILD, key),
    newState: (tfm) => child.newState(childHash(tfm, CHILD)),
    initOp: (op) => contextFor(op, 0),
    initState: queued(ahashInit),
    update: queued(ahashUpdate),
    final: queued(ahashFinal),
    finup: queued(ahashFinup),
    digest: queued(ahashDigest),
  };
}

/** A cipher may sleep whatever the caller said, because the worker is a task. */
function cryptStep(op: SkcipherTemplateOp): Errno {
  stepContext(op).flags = CRYPTO_TFM_REQ_MAY_SLEEP;
  return callSkcipher(op, CHILD, op.src, op.dst, op.len, op.iv);
}

function aeadStep(op: AeadTemplateOp): Errno {
  return callAead(op, CHILD, op.ad, op.src, op.dst, op.len, op.iv);
}

/** The message is the parent's: it is what export and import see. */
function hashStep(op: AhashOp<TemplateCtx>, operation: (op: AhashOp) => Errno): Errno {
  const child = hashOf(op, CHILD);
  child.state = op.state;
  const err = callAhash(op, CHILD, operation, op.src, op.result);
  op.state = child.state;
  return err;
}

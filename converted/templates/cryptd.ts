/**
 * cryptd: makes any synchronous driver asynchronous, through one queue and one work item per request.
 * C: crypto/cryptd.c (6.1)
 *
 * The request itself goes through the queue and the child works on its lists, so nothing is lowered or
 * copied a second time.
 * @module
 */
import { KernelBug } from '../../src/assert.ts';
import {
  CRYPTO_ALG_ASYNC,
  CRYPTO_ALG_INSTANCE,
  CRYPTO_ALG_TYPE_MASK,
  type CryptoAlg,
} from '../../src/crypto/algorithm.ts';
import {
  CryptoQueue,
  cryptoRequestAccepted,
  cryptoRequestComplete,
} from '../../src/crypto/queue.ts';
import { EBUSY, EINPROGRESS, EINVAL, type Errno } from '../../src/errno.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { WorkQueue } from '../../src/machine/scheduler.ts';
import {
  type AeadAlg,
  type AeadRequest,
  type CryptoAead,
  cryptoAeadSetauthsize,
  cryptoAeadSetkey,
  cryptoAllocAead,
  cryptoFreeAead,
} from '../aead.ts';
import {
  type AhashAlg,
  type AhashRequest,
  type CryptoAhash,
  cryptoAhashSetkey,
  cryptoAllocAhash,
  cryptoFreeAhash,
} from '../ahash.ts';
import type { CryptoAlgorithm, CryptoApi } from '../crypto-api.ts';
import {
  type CryptoSkcipher,
  cryptoAllocSkcipher,
  cryptoFreeSkcipher,
  cryptoSkcipherSetkey,
  type SkcipherAlg,
  type SkcipherRequest,
} from '../skcipher.ts';
import { type AnyTfm, tfmComplete } from '../tfm.ts';

/** Requests that are queued before the backlog begins. @kernel cryptd_max_cpu_qlen */
const MAX_QLEN = 1000;
/** A cryptd instance outranks its child by so much. */
const PRIORITY = 50;

type AnyRequest = SkcipherRequest | AeadRequest | AhashRequest;
/** What a queued request does when its turn comes. */
type Handler = () => Errno;

/** The queue of one machine. @kernel cryptd_queue */
export class CryptdQueue {
  private readonly machine: Machine;
  private readonly queue = new CryptoQueue<AnyRequest>(MAX_QLEN);
  private readonly work = new WorkQueue('cryptd', 'task');
  private readonly handlers = new Map<AnyRequest, Handler>();
  private scheduled = false;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  /** Queues a request of `tfm`. @returns -EINPROGRESS, -EBUSY or -ENOSPC. */
  enqueue(req: AnyRequest, tfm: AnyTfm, handler: Handler): Errno {
    const err = this.queue.enqueue(req);
    if (err !== -EINPROGRESS && err !== -EBUSY) return err;
    this.handlers.set(req, handler);
    tfm.inFlight++;
    this.schedule();
    return cryptoRequestAccepted(req, err);
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    this.machine.scheduler.queueWork(this.work, () => this.worker());
  }

  /** Takes one request off the queue; the backlog moves up first. */
  private worker(): void {
    this.scheduled = false;
    const backlog = this.queue.getBacklog();
    const req = this.queue.dequeue();
    if (req === null) return;
    if (this.queue.qlen > 0) this.schedule();
    if (backlog !== null) this.complete(() => cryptoRequestComplete(backlog, -EINPROGRESS));
    const handler = this.handlers.get(req);
    if (handler === undefined) throw new KernelBug('queued request without a handler');
    this.handlers.delete(req);
    const err = handler();
    this.complete(() => tfmComplete(req.tfm, req, err));
  }

  /** The worker is a task, and completes with bottom halves disabled. */
  private complete(call: () => void): void {
    const { context } = this.machine;
    context.localBhDisable();
    try {
      call();
    } finally {
      context.localBhEnable();
    }
  }
}

/** @kernel none, module_init of crypto/cryptd.c */
export function registerCryptd(api: CryptoApi): void {
  api.registry.registerTemplate('cryptd', (registry, params, type, mask) => {
    const [name] = params;
    if (name === undefined || params.length !== 1) return -EINVAL;
    // Only a synchronous child: two queues in a row would reorder requests.
    const wanted = type & CRYPTO_ALG_TYPE_MASK;
    const child = registry.find(name, wanted, (mask & CRYPTO_ALG_TYPE_MASK) | CRYPTO_ALG_ASYNC);
    if (typeof child === 'number') return child;
    return instance(api, child);
  });
}

function instance(api: CryptoApi, child: CryptoAlgorithm): CryptoAlgorithm {
  if (child.kind === 'skcipher') return skcipherInstance(api, child);
  return child.kind === 'aead' ? aeadInstance(api, child) : ahashInstance(api, child);
}

function common(child: CryptoAlg): Pick<CryptoAlg, 'driverName' | 'priority' | 'flags' | 'spawns'> {
  return {
    driverName: `cryptd(${child.driverName})`,
    priority: child.priority + PRIORITY,
    flags: child.flags | CRYPTO_ALG_ASYNC | CRYPTO_ALG_INSTANCE,
    spawns: [child],
  };
}

/** Flags that a parent hands down to its child at setkey. @kernel CRYPTO_TFM_REQ_MASK */
const REQ_MASK = 0x000fff00;

function handDown(parent: AnyTfm, child: AnyTfm): void {
  child.flags = (child.flags & ~REQ_MASK) | (parent.flags & REQ_MASK);
}

function skcipherInstance(api: CryptoApi, child: SkcipherAlg): SkcipherAlg<CryptoSkcipher> {
  return {
    ...child,
    ...common(child),
    init: () => cryptoAllocSkcipher(api, child.driverName, 0, CRYPTO_ALG_ASYNC),
    exit: cryptoFreeSkcipher,
    setkey: (tfm, key) => {
      handDown(tfm, tfm.ctx);
      return cryptoSkcipherSetkey(tfm.ctx, key);
    },
    encrypt: (req, tfm) => api.cryptd.enqueue(req, tfm, () => tfm.ctx.alg.encrypt(req, tfm.ctx)),
    decrypt: (req, tfm) => api.cryptd.enqueue(req, tfm, () => tfm.ctx.alg.decrypt(req, tfm.ctx)),
  };
}

function aeadInstance(api: CryptoApi, child: AeadAlg): AeadAlg<CryptoAead> {
  return {
    ...child,
    ...common(child),
    init: () => cryptoAllocAead(api, child.driverName, 0, CRYPTO_ALG_ASYNC),
    exit: cryptoFreeAead,
    setkey: (tfm, key) => {
      handDown(tfm, tfm.ctx);
      return cryptoAeadSetkey(tfm.ctx, key);
    },
    setauthsize: (tfm, authsize) => cryptoAeadSetauthsize(tfm.ctx, authsize),
    encrypt: (req, tfm) => api.cryptd.enqueue(req, tfm, () => tfm.ctx.alg.encrypt(req, tfm.ctx)),
    decrypt: (req, tfm) => api.cryptd.enqueue(req, tfm, () => tfm.ctx.alg.decrypt(req, tfm.ctx)),
  };
}

function ahashInstance(api: CryptoApi, child: AhashAlg): AhashAlg<CryptoAhash> {
  const queued =
    (operation: (req: AhashRequest, tfm: CryptoAhash) => Errno) =>
    (req: AhashRequest, tfm: CryptoAhash<CryptoAhash>): Errno =>
      api.cryptd.enqueue(req, tfm, () => operation(req, tfm.ctx));
  return {
    ...child,
    ...common(child),
    init: () => cryptoAllocAhash(api, child.driverName, 0, CRYPTO_ALG_ASYNC),
    exit: cryptoFreeAhash,
    setkey: (tfm, key) => {
      handDown(tfm, tfm.ctx);
      return cryptoAhashSetkey(tfm.ctx, key);
    },
    newState: (tfm) => tfm.ctx.alg.newState(tfm.ctx),
    initState: queued(child.initState),
    update: queued(child.update),
    final: queued(child.final),
    finup: queued(child.finup),
    digest: queued(child.digest),
  };
}

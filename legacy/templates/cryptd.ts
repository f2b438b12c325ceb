/**
 * cryptd: makes any synchronous driver asynchronous, through one queue for each processor and one work item
 * per request.
 *
 * A template of two steps: wait in the queue, then the child. Requests wait in a queue of limited length
 * with a backlog behind it. The worker runs one request in task context and completes it with bottom
 * halves disabled.
 * C: crypto/cryptd.c (6.1)
 * @module
 */
import { KernelBug } from '../../src/assert.ts';
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
import { likeAead, likeSkcipher } from '../../src/crypto/instance.ts';
import { CryptoQueue } from '../../src/crypto/queue.ts';
import { EBUSY, EINPROGRESS, ENOSPC, type Errno } from '../../src/errno.ts';
import { type Context, NR_CPUS } from '../../src/machine/context.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { WorkQueue } from '../../src/machine/scheduler.ts';
import { type AeadRequest, aeadRequestSetTfm, CryptoAead } from '../aead.ts';
import {
  type AhashRequest,
  cryptoAhashDigest,
  cryptoAhashExport,
  cryptoAhashFinal,
  cryptoAhashFinup,
  cryptoAhashImport,
  cryptoAhashInit,
  cryptoAhashUpdate,
} from '../ahash.ts';
import { ahashSubreq, callAhash, callSkcipher, childSetauthsize, childSetkey } from '../child.ts';
import { type Step, type StepRequest, StepState, stepContext } from '../steps.ts';
import {
  type AeadTemplateReq,
  type AhashTemplateReq,
  aeadTemplate,
  ahashTemplate,
  type CryptoTemplate,
  type SkcipherTemplateReq,
  skcipherTemplate,
  type TemplateName,
  templateByType,
} from '../template.ts';
import { cryptoTfmRequestComplete } from '../tfm.ts';

const CHILD = 0;
/** What an instance adds to the priority of its child. */
const CRYPTD_PRIORITY = 50;
/** Saved completion in front of the child's request. */
const REQUEST_HEAD = 8;

const NAMES: readonly TemplateName[] = [{ name: 'cryptd', params: 1 }];

/** The queue of one processor. @kernel cryptd_cpu_queue */
class CryptdCpuQueue {
  private readonly machine: Machine;
  private queue = new CryptoQueue<StepRequest>(0);
  private readonly work: WorkQueue;

  constructor(machine: Machine, cpu: number) {
    this.machine = machine;
    this.work = new WorkQueue(`cryptd/${cpu}`, 'task', cpu);
  }

  enqueue(req: StepRequest): Errno {
    // A machine that was reset has forgotten its work, and these requests with it.
    const pending = this.work.items.length > 0;
    if (!pending && this.queue.qlen > 0) this.queue = new CryptoQueue(0);
    this.queue.maxQlen = this.machine.queueLength;
    if (this.machine.faults.hit('queue')) return -ENOSPC;
    const err = this.queue.enqueue(req);
    if (err !== -EINPROGRESS && err !== -EBUSY) return err;
    if (!pending) this.schedule();
    this.machine.scheduler.meanwhile();
    return err;
  }

  private schedule(): void {
    this.machine.scheduler.queueWork(this.work, () => this.worker());
  }

  /** Takes one request; the next one gets a work item of its own. @kernel cryptd_queue_worker */
  private worker(): void {
    const backlog = this.queue.getBacklog();
    const req = this.queue.dequeue();
    if (req === null) return;
    if (this.queue.qlen > 0) this.schedule();
    if (backlog !== null) this.complete(backlog, backlog.tfm, -EINPROGRESS);
    const { tfm } = req;
    this.complete(req, tfm, stepContext(req, StepState).goOn());
  }

  /** Completes with bottom halves disabled. */
  private complete(req: StepRequest, tfm: StepRequest['tfm'], err: Errno): void {
    this.machine.context.withBhDisabled(() => cryptoTfmRequestComplete(tfm, req, err));
  }
}

/** The queues of one machine. @kernel cryptd_queue */
class CryptdQueue {
  private readonly cpus: readonly CryptdCpuQueue[];
  private readonly context: Context;
  /**
   * Step: waits for the worker of this processor.
   * @returns -EINPROGRESS, -EBUSY behind the limit with MAY_BACKLOG, -ENOSPC without.
   * @kernel cryptd_enqueue_request
   */
  readonly defer: (req: StepRequest) => Errno = (req) => this.cpus[this.context.cpu].enqueue(req);

  constructor(machine: Machine) {
    this.context = machine.context;
    this.cpus = Array.from({ length: NR_CPUS }, (_, cpu) => new CryptdCpuQueue(machine, cpu));
  }
}

/** The template of one machine, whose queues its instances share. @kernel none: cryptd_tmpl */
export function cryptd(machine: Machine): CryptoTemplate {
  const queue = new CryptdQueue(machine);
  return templateByType(
    NAMES,
    new Map([
      [CRYPTO_ALG_TYPE_SKCIPHER, cryptdSkcipher(queue)],
      [CRYPTO_ALG_TYPE_AEAD, cryptdAead(queue)],
      [CRYPTO_ALG_TYPE_AHASH, cryptdHash(queue)],
    ]),
  );
}

/** @kernel cryptd_create_skcipher */
function cryptdSkcipher(queue: CryptdQueue): CryptoTemplate {
  return skcipherTemplate({
    names: NAMES,
    children: [{ kind: 'skcipher', sync: true }],
    instance: ([child]) => ({ ...likeSkcipher(child), ...cryptdInitInstance(child) }),
    own: REQUEST_HEAD,
    setkey: (tfm, key) => childSetkey(tfm, CHILD, key),
    encrypt: [restored, queue.defer, skcipherCrypt],
    decrypt: [restored, queue.defer, skcipherCrypt],
  });
}

/** @kernel cryptd_create_aead */
function cryptdAead(queue: CryptdQueue): CryptoTemplate {
  return aeadTemplate({
    names: NAMES,
    children: [{ kind: 'aead', sync: true, request: false }],
    instance: ([child]) => ({ ...likeAead(child), ...cryptdInitInstance(child) }),
    own: ([child]) => Math.max(REQUEST_HEAD, child.reqsize ?? 0),
    setkey: (tfm, key) => childSetkey(tfm, CHILD, key),
    setauthsize: (tfm, authsize) => childSetauthsize(tfm, CHILD, authsize),
    encrypt: [kept, queue.defer, aeadCrypt],
    decrypt: [kept, queue.defer, aeadCrypt],
  });
}

/** @kernel cryptd_create_hash */
function cryptdHash(queue: CryptdQueue): CryptoTemplate {
  const queued = (operation: (req: AhashRequest) => Errno): Step<AhashTemplateReq>[] => [
    restored,
    queue.defer,
    (req) => hashStep(req, operation),
  ];
  return ahashTemplate({
    names: NAMES,
    children: [{ kind: 'ahash', sync: true }],
    instance: ([child]) => {
      const { blocksize, digestsize, statesize, keyed } = child;
      return { blocksize, digestsize, statesize, keyed, ...cryptdInitInstance(child) };
    },
    own: REQUEST_HEAD,
    setkey: (tfm, key) => childSetkey(tfm, CHILD, key),
    initState: queued(cryptoAhashInit),
    update: queued(cryptoAhashUpdate),
    final: queued(cryptoAhashFinal),
    finup: queued(cryptoAhashFinup),
    digest: queued(cryptoAhashDigest),
    export: (req, out) => cryptoAhashExport(ahashSubreq(req, CHILD), out),
    import: (req, from) => cryptoAhashImport(ahashSubreq(req, CHILD), from),
  });
}

/** @kernel cryptd_init_instance */
function cryptdInitInstance({
  name,
  driverName,
  priority,
  flags,
}: CryptoAlg): Pick<CryptoAlg, 'name' | 'driverName' | 'priority' | 'flags'> {
  return {
    name,
    driverName: `cryptd(${driverName})`,
    priority: priority + CRYPTD_PRIORITY,
    flags: CRYPTO_ALG_ASYNC | (flags & (CRYPTO_ALG_INTERNAL | CRYPTO_ALG_OPTIONAL_KEY)),
  };
}

/** A cipher may sleep whatever the caller said, because the worker is a task. @kernel cryptd_skcipher_encrypt */
function skcipherCrypt(req: SkcipherTemplateReq): Errno {
  stepContext(req, StepState).flags = CRYPTO_TFM_REQ_MAY_SLEEP;
  return callSkcipher(req, CHILD, req.src, req.dst, req.cryptlen, req.iv);
}

/**
 * Gives the request itself to the child: it stays the child's, so that a caller who submits it again
 * without setting its transform runs the child synchronously.
 * @kernel cryptd_aead_crypt
 */
function aeadCrypt(req: AeadTemplateReq): Errno {
  const { enc } = stepContext(req, StepState);
  const [child] = req.tfm.ctx.children;
  if (!(child instanceof CryptoAead)) throw new KernelBug('child that is no AEAD');
  const handed: AeadRequest = req;
  aeadRequestSetTfm(handed, child);
  return enc ? child.alg.encrypt(handed) : child.alg.decrypt(handed);
}

function hashStep(req: AhashTemplateReq, operation: (req: AhashRequest) => Errno): Errno {
  stepContext(req, StepState).flags = 0;
  return callAhash(req, CHILD, operation, req.src, req.nbytes, req.result);
}

/**
 * Step: puts a completion of cryptd's into the request, which calls the caller's. It is taken out again
 * when the request completes, so not when it is refused; that of an AEAD stays in any case.
 * @kernel cryptd_skcipher_encrypt_enqueue, cryptd_aead_enqueue, cryptd_hash_enqueue
 */
function keepCompletion(req: StepRequest, stays: boolean): Errno {
  const { complete } = req;
  req.complete = (data, err) => {
    if (!stays && err !== -EINPROGRESS) req.complete = complete;
    complete?.(data, err);
  };
  return 0;
}

const restored = (req: StepRequest): Errno => keepCompletion(req, false);
const kept = (req: StepRequest): Errno => keepCompletion(req, true);

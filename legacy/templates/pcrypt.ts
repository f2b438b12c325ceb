/**
 * pcrypt(aead): requests run in parallel and complete in the order in which they came.
 *
 * A template of one step, which never goes on by itself: the worker runs the child, and who is done waits
 * for those before it.
 * C: crypto/pcrypt.c, kernel/padata.c (6.1)
 * @module
 */
import {
  CRYPTO_ALG_ASYNC,
  CRYPTO_ALG_TYPE_AEAD,
  CRYPTO_TFM_REQ_MAY_SLEEP,
} from '../../src/crypto/algorithm.ts';
import { likeAead } from '../../src/crypto/instance.ts';
import { EINPROGRESS, type Errno } from '../../src/errno.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { WorkQueue } from '../../src/machine/scheduler.ts';
import { callAead, childSetauthsize, childSetkey } from '../child.ts';
import { StepContext, stepContext } from '../steps.ts';
import {
  type AeadTemplateReq,
  aeadTemplate,
  type CryptoTemplate,
  templateByType,
} from '../template.ts';
import { cryptoTfmRequestComplete, isPending } from '../tfm.ts';

const CHILD = 0;
/** What an instance adds to the priority of its child. */
const PCRYPT_PRIORITY = 100;
/** struct padata_priv and a pointer in front of the child's request. */
const REQUEST_HEAD = 64;

/** A request in the order of submission, and what became of it. @kernel pcrypt_request */
class PcryptRequestCtx extends StepContext<AeadTemplateReq> {
  info: Errno = -EINPROGRESS;
  padata: PadataInstance | null = null;

  /** @kernel pcrypt_aead_done */
  override resume(err: Errno): void {
    if (err !== -EINPROGRESS) this.padata?.doSerial(this, err);
  }
}

/** Parallel work of one machine, and the order in which it is over. @kernel padata_instance */
class PadataInstance {
  private readonly machine: Machine;
  private readonly parallel = [0, 1].map((cpu) => new WorkQueue(`pencrypt/${cpu}`, 'task'));
  private readonly serial = new WorkQueue('pencrypt', 'task');
  private order: PcryptRequestCtx[] = [];
  private epoch = 0;
  private cpu = 0;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  /** Gives the request to the next CPU. @returns -EINPROGRESS. @kernel padata_do_parallel */
  doParallel(req: AeadTemplateReq): Errno {
    // A machine that was reset has forgotten its work, and these requests with it.
    if (this.epoch !== this.machine.epoch) this.order = [];
    this.epoch = this.machine.epoch;
    const rctx = stepContext(req, PcryptRequestCtx);
    rctx.info = -EINPROGRESS;
    rctx.padata = this;
    rctx.flags &= ~CRYPTO_TFM_REQ_MAY_SLEEP;
    this.order.push(rctx);
    this.cpu ^= 1;
    this.machine.scheduler.queueWork(this.parallel[this.cpu], () => this.parallelWorker(rctx));
    this.machine.scheduler.meanwhile();
    return -EINPROGRESS;
  }

  /** @kernel padata_do_serial */
  doSerial(rctx: PcryptRequestCtx, err: Errno): void {
    rctx.info = err;
    this.machine.scheduler.queueWork(this.serial, () => this.serialWorker());
  }

  /** @kernel padata_parallel_worker, pcrypt_aead_enc, pcrypt_aead_dec */
  private parallelWorker(rctx: PcryptRequestCtx): void {
    const { req } = rctx;
    const { src, dst, assoclen, cryptlen, iv } = req;
    this.machine.context.withBhDisabled(() => {
      const err = callAead(req, CHILD, src, dst, assoclen, cryptlen, iv);
      if (!isPending(err, rctx.flags)) this.doSerial(rctx, err);
    });
  }

  /** Completes what is done and has nobody before it. @kernel padata_serial_worker */
  private serialWorker(): void {
    this.machine.context.withBhDisabled(() => {
      while (this.order.length > 0 && this.order[0].info !== -EINPROGRESS) {
        const [{ req, info }] = this.order.splice(0, 1);
        cryptoTfmRequestComplete(req.tfm, req, info);
      }
    });
  }
}

/** The template of one machine, whose CPUs its instances share. @kernel none: pcrypt_tmpl */
export function pcrypt(machine: Machine): CryptoTemplate {
  const padata = new PadataInstance(machine);
  const names = [{ name: 'pcrypt', params: 1 }];
  const parallel = (req: AeadTemplateReq): Errno => padata.doParallel(req);
  const aead = aeadTemplate({
    names,
    children: [{ kind: 'aead' }],
    instance: ([child]) => ({
      ...likeAead(child),
      name: child.name,
      driverName: `pcrypt(${child.driverName})`,
      priority: child.priority + PCRYPT_PRIORITY,
      flags: CRYPTO_ALG_ASYNC,
      // Registration sets what the template leaves open.
      chunksize: child.blocksize,
    }),
    own: REQUEST_HEAD,
    rctx: PcryptRequestCtx,
    setkey: (tfm, key) => childSetkey(tfm, CHILD, key),
    setauthsize: (tfm, authsize) => childSetauthsize(tfm, CHILD, authsize),
    encrypt: [parallel],
    decrypt: [parallel],
  });
  return templateByType(names, new Map([[CRYPTO_ALG_TYPE_AEAD, aead]]));
}

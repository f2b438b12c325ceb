/**
 * pcrypt(aead): operations run in parallel and complete in the order in which they came.
 * C: crypto/pcrypt.c, kernel/padata.c (6.1)
 *
 * A template of one step, which never goes on by itself: the worker runs the child, and who is done waits
 * for those before it.
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
import { callAead, hearChild } from '../child.ts';
import { isPending, opAccepted, opComplete } from '../op.ts';
import { stepContext } from '../steps.ts';
import {
  type AeadTemplateOp,
  aeadTemplate,
  type CryptoTemplate,
  templateByType,
} from '../template.ts';

const CHILD = 0;
/** What an instance adds to the priority of its child. */
const PCRYPT_PRIORITY = 100;

/** An operation in the order of submission, and what became of it. @kernel padata_priv */
interface PadataPriv {
  readonly op: AeadTemplateOp;
  info: Errno;
}

/** Parallel work of one machine, and the order in which it is over. @kernel padata_instance */
class PadataInstance {
  private readonly machine: Machine;
  private readonly parallel = [0, 1].map((cpu) => new WorkQueue(`pencrypt/${cpu}`, 'task'));
  private readonly serial = new WorkQueue('pencrypt', 'task');
  private order: PadataPriv[] = [];
  private epoch = 0;
  private cpu = 0;
  /** Step: gives the operation to the next CPU. @kernel padata_do_parallel */
  readonly doParallel: (op: AeadTemplateOp) => Errno = (op) => {
    // A machine that was reset has forgotten its work, and these operations with it.
    if (this.epoch !== this.machine.epoch) this.order = [];
    this.epoch = this.machine.epoch;
    const priv = { op, info: -EINPROGRESS };
    this.order.push(priv);
    this.cpu ^= 1;
    this.machine.scheduler.queueWork(this.parallel[this.cpu], () => this.parallelWorker(priv));
    opAccepted(op);
    return -EINPROGRESS;
  };

  constructor(machine: Machine) {
    this.machine = machine;
  }

  /** @kernel padata_parallel_worker, pcrypt_aead_enc, pcrypt_aead_dec */
  private parallelWorker(priv: PadataPriv): void {
    const { op } = priv;
    stepContext(op).flags = op.flags & ~CRYPTO_TFM_REQ_MAY_SLEEP;
    hearChild(op, CHILD, (_, err) => {
      if (err !== -EINPROGRESS) this.doSerial(priv, err);
    });
    this.machine.context.withBhDisabled(() => {
      const err = callAead(op, CHILD, op.ad, op.src, op.dst, op.len, op.iv);
      if (!isPending(err, stepContext(op).flags)) this.doSerial(priv, err);
    });
  }

  /** @kernel padata_do_serial */
  private doSerial(priv: PadataPriv, err: Errno): void {
    priv.info = err;
    this.machine.scheduler.queueWork(this.serial, () => this.serialWorker());
  }

  /** Completes what is done and has nobody before it. @kernel padata_serial_worker */
  private serialWorker(): void {
    this.machine.context.withBhDisabled(() => {
      while (this.order.length > 0 && this.order[0].info !== -EINPROGRESS) {
        const [{ op, info }] = this.order.splice(0, 1);
        opComplete(op, info);
      }
    });
  }
}

/** The template of one machine, whose CPUs its instances share. @kernel none: pcrypt_tmpl */
export function pcrypt(machine: Machine): CryptoTemplate {
  const { doParallel } = new PadataInstance(machine);
  const names = [{ name: 'pcrypt', params: 1 }];
  const aead = aeadTemplate({
    names,
    children: [{ kind: 'aead' }],
    instance: ([child]) => ({
      ...likeAead(child),
      name: child.name,
      priority: child.priority + PCRYPT_PRIORITY,
      flags: CRYPTO_ALG_ASYNC,
      // Registration sets what the template leaves open.
      chunksize: child.blocksize,
    }),
    encrypt: [doParallel],
    decrypt: [doParallel],
  });
  return templateByType(names, new Map([[CRYPTO_ALG_TYPE_AEAD, aead]]));
}

/**
 * Waiting for a request: what a caller does who may sleep.
 *
 * -EBUSY is waited for whatever the flags say, as in C: without MAY_BACKLOG it is a refusal, no callback
 * comes, and the caller hangs. That is why a full queue answers -ENOSPC then.
 * C: include/linux/crypto.h crypto_wait_req, crypto/api.c crypto_req_done (6.1)
 * @module
 */
import { assert, KernelBug } from '../assert.ts';
import { EBUSY, EINPROGRESS, type Errno } from '../errno.ts';
import type { Machine } from '../machine/machine.ts';

/** What a waiting caller gives as the data of its callback. @kernel crypto_wait */
export class CryptoWait {
  /** The final result, once there is one. */
  err: Errno = -EINPROGRESS;
  done = false;
}

/** The callback to wait with; its data is a `CryptoWait`. The notice of a backlog is not the end. @kernel crypto_req_done */
export function cryptoReqDone(data: unknown, err: Errno): void {
  assert(data instanceof CryptoWait, 'a wait as the data of its callback');
  if (err === -EINPROGRESS) return;
  data.err = err;
  data.done = true;
}

/**
 * Sleeps until the request is over, when `err`, the answer of its submission, says that it was accepted. The
 * wait may be used again afterwards.
 * @returns the final result.
 * @throws KernelBug where the caller must not sleep, or nothing is left that could complete the request.
 * @kernel crypto_wait_req
 */
export function cryptoWaitReq(
  { context, scheduler }: Machine,
  err: Errno,
  wait: CryptoWait,
): Errno {
  if (err !== -EINPROGRESS && err !== -EBUSY) return err;
  context.mightSleep('crypto_wait_req');
  while (!wait.done) {
    if (!scheduler.runOne()) throw new KernelBug('wait for a request that nobody completes');
  }
  wait.done = false;
  return wait.err;
}

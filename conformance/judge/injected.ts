/**
 * What an injected fault may come to: the errnos of each point, and where nothing may have been written.
 * @module
 */
import {
  EFAULT,
  EIO,
  ENOKEY,
  ENOMEM,
  ENOSPC,
  type Errno,
  ETIMEDOUT,
  errnoName,
} from '../../src/errno.ts';
import type { FaultPoint } from '../../src/machine/fault.ts';
import type { Case } from '../case/case.ts';
import type { Observation } from './observe.ts';

/** What a call that fails is answered with, by the callee or by whoever gives up because of it. */
const ERRNOS: Readonly<Record<FaultPoint, readonly Errno[]>> = {
  kmalloc: [-ENOMEM],
  'page-alloc': [-ENOMEM],
  'user-copy': [-EFAULT],
  // A pin that is short is no address at all to whoever wanted all of it.
  gup: [-ENOMEM, -EFAULT],
  'dma-map': [-ENOMEM, -EIO],
  queue: [-ENOSPC],
  device: [-EIO, -ETIMEDOUT],
};

/** True for a result that an injected fault explains: the operation failed, as the API says it would. */
export function isInjected({ struck, setkey, result }: Observation, { context }: Case): boolean {
  const { fault, failing } = context;
  if (fault > 0) return result === -ENOMEM;
  if (failing === undefined || struck === 0) return false;
  const errnos = ERRNOS[failing.point];
  return errnos.includes(result) || (errnos.includes(setkey) && result === -ENOKEY);
}

/** True for a setkey that an injected fault explains. */
export function isSetkeyInjected({ struck, setkey }: Observation, { context }: Case): boolean {
  const { failing } = context;
  return failing !== undefined && struck > 0 && ERRNOS[failing.point].includes(setkey);
}

/**
 * Templates that write to the destination, and then give it to a child that asks for memory of its own:
 * xts and lrw whiten it, krb5enc puts the checksum behind the text and encrypts both.
 */
const WRITES_FIRST = /\b(?:xts|lrw|krb5enc)\(/;

/** @returns what was written although the fault came before anything, or null. */
export function writtenBeside(o: Observation, c: Case): string | null {
  if (o.isUntouched || o.trap !== null || o.struck === 0 || !isInjected(o, c)) return null;
  const isEarly = o.setkey !== 0 || c.context.failing?.point === 'gup';
  if (!isEarly && (!promisesNothing(o) || WRITES_FIRST.test(c.driver))) return null;
  return `written to, and failed with ${errnoName(o.result)}`;
}

/** The iov_iter API, with drivers of its own, takes what it needs before it writes the first byte. */
function promisesNothing({ joined, partial, result }: Observation): boolean {
  return !joined && partial !== true && result === -ENOMEM;
}

/**
 * Errno values and names.
 * C: include/uapi/asm-generic/errno-base.h, errno.h (6.1)
 * @module
 */

export const ENOENT = 2;
export const EINTR = 4;
export const EIO = 5;
export const EAGAIN = 11;
export const ENOMEM = 12;
export const EFAULT = 14;
export const EBUSY = 16;
export const EEXIST = 17;
export const EINVAL = 22;
export const ENOSPC = 28;
export const EDEADLK = 35;
export const ENAMETOOLONG = 36;
export const ENOSYS = 38;
export const ELOOP = 40;
export const EBADMSG = 74;
export const EOVERFLOW = 75;
export const ELIBBAD = 80;
export const EMSGSIZE = 90;
export const EOPNOTSUPP = 95;
export const ESHUTDOWN = 108;
export const ETIMEDOUT = 110;
export const EINPROGRESS = 115;
export const EREMOTEIO = 121;
export const ECANCELED = 125;
export const ENOKEY = 126;
export const EKEYREJECTED = 129;

/** 0 or a negative errno. */
export type Errno = number;

const NAMES: ReadonlyMap<number, string> = new Map([
  [ENOENT, 'ENOENT'],
  [EINTR, 'EINTR'],
  [EIO, 'EIO'],
  [EAGAIN, 'EAGAIN'],
  [ENOMEM, 'ENOMEM'],
  [EFAULT, 'EFAULT'],
  [EBUSY, 'EBUSY'],
  [EEXIST, 'EEXIST'],
  [EINVAL, 'EINVAL'],
  [ENOSPC, 'ENOSPC'],
  [EDEADLK, 'EDEADLK'],
  [ENAMETOOLONG, 'ENAMETOOLONG'],
  [ENOSYS, 'ENOSYS'],
  [ELOOP, 'ELOOP'],
  [EBADMSG, 'EBADMSG'],
  [EOVERFLOW, 'EOVERFLOW'],
  [ELIBBAD, 'ELIBBAD'],
  [EMSGSIZE, 'EMSGSIZE'],
  [EOPNOTSUPP, 'EOPNOTSUPP'],
  [ESHUTDOWN, 'ESHUTDOWN'],
  [ETIMEDOUT, 'ETIMEDOUT'],
  [EINPROGRESS, 'EINPROGRESS'],
  [EREMOTEIO, 'EREMOTEIO'],
  [ECANCELED, 'ECANCELED'],
  [ENOKEY, 'ENOKEY'],
  [EKEYREJECTED, 'EKEYREJECTED'],
]);

/** The errno of a name, `EBADMSG` is 74; null for a name that none has here. */
export function errnoNumber(name: string): number | null {
  for (const [number, known] of NAMES) if (known === name) return number;
  return null;
}

/** The name of an errno, given as a positive or negative number: `-74` is `EBADMSG`, 0 is `OK`. */
export function errnoName(err: number): string {
  if (err === 0) return 'OK';
  return NAMES.get(Math.abs(err)) ?? `errno ${Math.abs(err)}`;
}

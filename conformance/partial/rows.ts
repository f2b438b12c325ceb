/**
 * What a driver says of itself, whichever API it is registered with.
 * @module
 */
import type { CryptoAlg } from '../../src/crypto/algorithm.ts';

/** Names, priority and properties: a shim has those of its driver. */
export function namesOf({
  name,
  driverName,
  priority,
  flags,
  blocksize,
  alignmask,
}: CryptoAlg): Pick<
  CryptoAlg,
  'name' | 'driverName' | 'priority' | 'flags' | 'blocksize' | 'alignmask'
> {
  return { name, driverName, priority, flags, blocksize, alignmask };
}

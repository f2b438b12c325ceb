/**
 * One operation as a user of cryptography in a kernel has it before it turns to an API.
 * @module
 */
import type { IovIter } from '../../converted/iter/iov-iter.ts';
import type { CryptoCompletion } from '../../src/crypto/queue.ts';
import type { ByteMemory } from '../../src/provider/provider.ts';
import type { Placed } from '../case/placed.ts';

interface Work {
  /** The memory, piece by piece. */
  readonly src: readonly Placed[];
  readonly len: number;
  readonly complete: CryptoCompletion;
  /** Iterators over what the user has: no piece is described anew where it has bio_vecs or kvecs. */
  readonly from: () => IovIter<'source'>;
  /** Memory by virtual address. */
  readonly mem: ByteMemory;
}

export interface CipherWork extends Work {
  readonly dst: readonly Placed[];
  readonly to: () => IovIter<'dest'>;
  readonly enc: boolean;
  readonly iv: Uint8Array;
}

/** Source and destination begin with the associated data. */
export interface AeadWork extends CipherWork {
  readonly adLen: number;
  readonly tagLen: number;
}

export interface HashWork extends Work {
  readonly result: Uint8Array;
}

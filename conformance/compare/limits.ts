/**
 * What cannot be expressed by a way, or costs its users something that no figure shows.
 * @module
 */
import type { Way } from './ways.ts';

export const LIMITS: Readonly<Record<Way, readonly string[]>> = {
  scatterlist: [
    'associated data, text and tag must be one list: who has them apart builds one list of all',
    'memory without struct page, and vmalloc memory but page by page',
    'user memory but pinned, page by page',
    'a message in several calls, for an AEAD: the tag is known for a whole list only',
  ],
  iov_iter: [
    'fragments of an skb but described anew: there is no iterator over them',
    'a message in several calls, for an AEAD: as with scatterlists',
    'memory of several kinds but as a chain of iterators, a type that Linux does not have',
  ],
  library: [
    'asynchronous devices, DMA, a backlog: a call is done when it returns',
    'user memory and highmem but mapped by the caller, piece by piece',
    'block modes over pieces that do not end at a block: the caller joins them',
    'CBC with stolen ciphertext (CTS) over pieces: a message at once, in one buffer',
    'XTS over pieces but at blocks, and at least a block in the last call',
    'XCBC with keys of 192 and 256 bits, which 6.1 takes',
    'BLAKE2s beside the others: the crypto API of 6.1 has no such names, only the reference has',
    'NH: the library takes one message of at most 1,024 bytes at a time',
    'DES (single blocks), Curve25519 and ML-DSA: lib/crypto of 7.3 has them, this library not',
    'text that is withheld until its tag is known to be right: it is in the destination before',
  ],
};

/**
 * Hashes of whole messages: gathered, then one call. A message longer than a chunk goes through a hash
 * object, chunk by chunk.
 * @module
 */
import { createHash, hash } from 'node:crypto';
import type { BvecList } from '../../bvec.ts';
import type { HashEngine } from '../engine.ts';
import { CHUNK, type Kernels } from './kernels.ts';

type HashName = 'sha256';

/** A hash without a key. */
export class PlainHashEngine implements HashEngine {
  private readonly k: Kernels;
  private readonly name: HashName;

  constructor(kernels: Kernels, name: HashName) {
    this.k = kernels;
    this.name = name;
  }

  digest(src: BvecList, len: number, out: Uint8Array): void {
    const { k, name } = this;
    k.begin(src, src);
    if (len <= CHUNK) {
      out.set(hash(name, len === 0 ? k.textOf(0) : k.take(len), 'buffer'));
      return;
    }
    const running = createHash(name);
    for (let done = 0; done < len; done += CHUNK) {
      running.update(k.take(Math.min(CHUNK, len - done)));
    }
    out.set(running.digest());
  }
}

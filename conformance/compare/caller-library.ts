/**
 * The same user on the library: no request, and every piece is a call.
 * @module
 */
import { copyFromIter, copyToIter } from '../../converted/iter/copy.ts';
import { iovIterAdvance } from '../../converted/iter/position.ts';
import {
  BlockHashCtx,
  blockHashFinal,
  blockHashInit,
  blockHashUpdate,
} from '../../converted/lib/blocks.ts';
import type { LibHash } from '../../converted/lib/hash.ts';
import { cryptMessage, cryptPieces, dataPieces } from '../../converted/lib/pieces.ts';
import { EFAULT, EINVAL, type Errno } from '../../src/errno.ts';
import type { HashState } from '../../src/provider/provider.ts';
import type { AeadCalls, CipherKey, LibCipher } from '../subjects/lib-calls.ts';
import type { AeadWork, CipherWork, HashWork } from './work.ts';

export function aeadLibrary(calls: AeadCalls, work: AeadWork): Errno {
  const { mem, adLen, len, tagLen, enc } = work;
  const [src, dst, tag] = [work.from(), work.to(), new Uint8Array(tagLen)];
  const err = calls.init(work.iv, adLen, len);
  if (err !== 0) return err;
  if (dataPieces(null, mem, src, adLen, calls.auth) < adLen) return -EFAULT;
  iovIterAdvance(dst, adLen);
  const update = enc ? calls.encrypt : calls.decrypt;
  if (cryptPieces(null, mem, dst, src, len, update) < len) return -EFAULT;
  if (!enc) return copyFromIter(tag, tagLen, src) < tagLen ? -EFAULT : calls.open(tag);
  calls.seal(tag);
  return copyToIter(tag, tagLen, dst) < tagLen ? -EFAULT : 0;
}

export function cipherLibrary(
  key: CipherKey,
  { ends }: LibCipher,
  { mem, len, iv, enc, ...work }: CipherWork,
): Errno {
  const calls = key(iv);
  const update = enc ? calls.encrypt : calls.decrypt;
  return cryptMessage(null, mem, work.to(), work.from(), len, update, ends) < len ? -EINVAL : 0;
}

export function hashLibrary(hash: LibHash, key: HashState, work: HashWork): Errno {
  const ctx = new BlockHashCtx(hash.blocksize);
  blockHashInit(ctx, key);
  const done = dataPieces(ctx, work.mem, work.from(), work.len, blockHashUpdate);
  blockHashFinal(ctx, work.result);
  return done < work.len ? -EFAULT : 0;
}

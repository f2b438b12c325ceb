/**
 * Compressors of linear data as drivers over lists: a message is read once and its result written once.
 * C: crypto/scompress.c scomp_acomp_comp_decomp (6.1)
 * @module
 */
import { assert } from '../../src/assert.ts';
import { COMPRESS_DRIVERS, SCOMP_SCRATCH_SIZE } from '../../src/crypto/compressors.ts';
import { EINVAL, ENOSPC, type Errno } from '../../src/errno.ts';
import type { Compressor } from '../../src/provider/compress/compressors.ts';
import { type AcompAlg, type AcompOp, cryptoRegisterAcomp } from '../acomp.ts';
import type { CryptoApi } from '../crypto-api.ts';
import { bvecRead, bvecWrite } from '../lower/copy.ts';

/** Registers the rows of the table. @kernel none: deflate_mod_init, lz4_mod_init */
export function registerScomp(api: CryptoApi): void {
  for (const { compressor, ...row } of COMPRESS_DRIVERS) {
    const alg: AcompAlg = {
      ...row,
      init: () => null,
      exit: () => undefined,
      compress: (op) => convert(op, compressor, compressor.compress),
      decompress: (op) => convert(op, compressor, compressor.decompress),
    };
    assert(cryptoRegisterAcomp(api, alg) === 0, 'driver registration');
  }
}

/** @kernel scomp_acomp_comp_decomp */
function convert(
  op: AcompOp,
  { clearsLength }: Compressor,
  run: (bytes: Uint8Array, room: number) => Uint8Array | Errno,
): Errno {
  const { walk, src, dst, srcLen } = op;
  if (srcLen === 0 || srcLen > SCOMP_SCRATCH_SIZE || op.dstLen === 0) return -EINVAL;
  op.dstLen = Math.min(op.dstLen, SCOMP_SCRATCH_SIZE);
  const bytes = new Uint8Array(srcLen);
  bvecRead(walk.mem, src, 0, bytes);
  const result = run(bytes, op.dstLen);
  if (typeof result === 'number') {
    if (clearsLength === true) op.dstLen = 0;
    return result;
  }
  const room = op.dstLen;
  op.dstLen = result.length;
  if (result.length > room) return -ENOSPC;
  bvecWrite(walk.mem, dst, 0, result);
  return 0;
}

/**
 * cmac(cipher) and cbcmac(cipher).
 * C: crypto/cmac.c, crypto/ccm.c cbcmac_create (6.1)
 * @module
 */
import { CRYPTO_ALG_TYPE_AHASH } from '../../src/crypto/algorithm.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import type { HashState } from '../../src/provider/provider.ts';
import { type CbcChain, cbcMac, cmac } from '../../src/provider/soft/block-mac.ts';
import type { AhashAlg } from '../ahash.ts';
import type { CipherKernel } from '../cipher.ts';
import {
  checkNames,
  cryptoAlgtInheritedMask,
  cryptoCheckAttrType,
  cryptoGrabCipher,
  instanceFlags,
  type TemplateRequest,
} from '../internal.ts';
import { cryptoInitShashOpsAsync } from '../shash.ts';

const BLOCK = 16;

/** @returns -EINVAL for a cipher whose blocks are not 16 bytes. @kernel cmac_create */
export function cmacCreate(request: TemplateRequest): AhashAlg | Errno {
  return macCreate(request, 'cmac', cmac, { blocksize: BLOCK, statesize: 40 });
}

/** @returns -EINVAL for a cipher whose blocks are not 16 bytes. @kernel cbcmac_create */
export function cbcmacCreate(request: TemplateRequest): AhashAlg | Errno {
  return macCreate(request, 'cbcmac', cbcMac, { blocksize: 1, statesize: 20 });
}

function macCreate(
  request: TemplateRequest,
  template: string,
  mac: (chain: CbcChain) => HashState,
  sizes: Pick<AhashAlg, 'blocksize' | 'statesize'>,
): AhashAlg | Errno {
  const err = cryptoCheckAttrType(request, CRYPTO_ALG_TYPE_AHASH);
  if (err !== 0) return err;
  const cipher = cryptoGrabCipher(request.api, request.params[0], cryptoAlgtInheritedMask(request));
  if (typeof cipher === 'number') return cipher;
  if (cipher.blocksize !== BLOCK) return -EINVAL;
  const name = `${template}(${cipher.name})`;
  const driverName = `${template}(${cipher.driverName})`;
  const tooLong = checkNames(name, driverName);
  if (tooLong !== 0) return tooLong;
  return {
    ...sizes,
    kind: 'ahash',
    name,
    driverName,
    priority: cipher.priority,
    flags: instanceFlags(CRYPTO_ALG_TYPE_AHASH, [cipher]),
    alignmask: 0,
    digestsize: BLOCK,
    keyed: true,
    spawns: [cipher],
    init: cryptoInitShashOpsAsync,
    shash: (key) => {
      const size = key.length;
      if (size < cipher.minKeysize || size > cipher.maxKeysize) return -EINVAL;
      const kernel = cipher.setkey(key, 0);
      if (typeof kernel === 'number') return kernel;
      const keyed = mac(chainOf(kernel));
      return () => keyed.clone();
    },
  };
}

function chainOf(kernel: CipherKernel): CbcChain {
  return (chain, blocks) => {
    for (let at = 0; at < blocks.length; at += BLOCK) {
      for (let i = 0; i < BLOCK; i++) chain[i] ^= blocks[at + i];
      kernel.encryptBlock(chain);
    }
  };
}

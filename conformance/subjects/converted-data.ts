/**
 * Compression, public keys and key agreement of the iov_iter API, as the harness calls them.
 * @module
 */
import {
  type AcompReq,
  acompRequestAlloc,
  acompRequestFree,
  acompRequestSetCallback,
  acompRequestSetParams,
  type CryptoAcomp,
  cryptoAcompCompress,
  cryptoAcompDecompress,
  cryptoAllocAcomp,
  cryptoFreeAcomp,
} from '../../converted/acomp.ts';
import {
  type AkcipherRequest,
  akcipherRequestAlloc,
  akcipherRequestFree,
  akcipherRequestSetCallback,
  akcipherRequestSetCrypt,
  akcipherRequestSetDigest,
  type CryptoAkcipher,
  cryptoAkcipherDecrypt,
  cryptoAkcipherEncrypt,
  cryptoAkcipherMaxsize,
  cryptoAkcipherSetPrivKey,
  cryptoAkcipherSetPubKey,
  cryptoAkcipherSign,
  cryptoAkcipherVerify,
  cryptoAllocAkcipher,
  cryptoFreeAkcipher,
} from '../../converted/akcipher.ts';
import type { CryptoApi } from '../../converted/crypto-api.ts';
import { type IovIter, ITER_DEST, iovIterKvec } from '../../converted/iter/iov-iter.ts';
import {
  type CryptoKpp,
  cryptoAllocKpp,
  cryptoFreeKpp,
  cryptoKppComputeSharedSecret,
  cryptoKppGeneratePublicKey,
  cryptoKppMaxsize,
  cryptoKppSetSecret,
  kppRequestAlloc,
  kppRequestFree,
  kppRequestSetCallback,
  kppRequestSetInput,
  kppRequestSetOutput,
} from '../../converted/kpp.ts';
import type { Errno } from '../../src/errno.ts';
import {
  type DataAnswer,
  type DataKind,
  type DataRequest,
  type DataSubject,
  runOnce,
} from './api.ts';
import { isPrivateKey, operationOf } from './data.ts';
import { behind, type Iterators } from './iterators.ts';
import { granted, isAsync } from './submit.ts';

/** A transform of one of these kinds. */
export function convertedData(
  api: CryptoApi,
  driver: string,
  kind: DataKind,
): DataSubject<Iterators> | Errno {
  switch (kind) {
    case 'acomp': {
      const tfm = cryptoAllocAcomp(api, driver, 0, 0);
      return typeof tfm === 'number' ? tfm : new ConvertedAcomp(tfm);
    }
    case 'akcipher': {
      const tfm = cryptoAllocAkcipher(api, driver, 0, 0);
      return typeof tfm === 'number' ? tfm : new ConvertedAkcipher(tfm);
    }
    case 'kpp': {
      const tfm = cryptoAllocKpp(api, driver, 0, 0);
      return typeof tfm === 'number' ? tfm : new ConvertedKpp(tfm);
    }
  }
}

const COMPRESSION: Readonly<Record<string, (req: AcompReq) => Errno>> = {
  compress: cryptoAcompCompress,
  decompress: cryptoAcompDecompress,
};

class ConvertedAcomp implements DataSubject<Iterators> {
  readonly async: boolean;
  private readonly tfm: CryptoAcomp;

  constructor(tfm: CryptoAcomp) {
    this.async = isAsync(tfm.alg);
    this.tfm = tfm;
  }

  setkey(): Errno {
    return 0;
  }

  maxSize(): number {
    return 0;
  }

  free(): void {
    cryptoFreeAcomp(this.tfm);
  }

  request(): DataRequest<Iterators> {
    const req = granted(acompRequestAlloc(this.tfm));
    return {
      submit: (operation, { src, dst }, len, room, submission) => {
        acompRequestSetCallback(req, submission.flags, submission.complete, submission);
        acompRequestSetParams(req, src, dst, len, room);
        const call = operationOf(COMPRESSION, operation);
        return submission.run(() => call(req));
      },
      length: () => req.dstLen,
      free: () => acompRequestFree(req),
    };
  }

  run(...operation: Parameters<DataRequest<Iterators>['submit']>): DataAnswer {
    return runOnce(this.request(), ...operation);
  }
}

const PUBLIC_KEY: Readonly<Record<string, (req: AkcipherRequest) => Errno>> = {
  encrypt: cryptoAkcipherEncrypt,
  decrypt: cryptoAkcipherDecrypt,
  sign: cryptoAkcipherSign,
  verify: cryptoAkcipherVerify,
};

class ConvertedAkcipher implements DataSubject<Iterators> {
  readonly async: boolean;
  private readonly tfm: CryptoAkcipher;

  constructor(tfm: CryptoAkcipher) {
    this.async = isAsync(tfm.alg);
    this.tfm = tfm;
  }

  setkey(key: Uint8Array): Errno {
    return isPrivateKey(key)
      ? cryptoAkcipherSetPrivKey(this.tfm, key)
      : cryptoAkcipherSetPubKey(this.tfm, key);
  }

  maxSize(): number {
    return cryptoAkcipherMaxsize(this.tfm);
  }

  free(): void {
    cryptoFreeAkcipher(this.tfm);
  }

  request(): DataRequest<Iterators> {
    const req = granted(akcipherRequestAlloc(this.tfm));
    return {
      submit: (operation, { src, dst }, len, room, submission) => {
        akcipherRequestSetCallback(req, submission.flags, submission.complete, submission);
        if (operation === 'verify') {
          akcipherRequestSetCrypt(req, src, nowhere(this.tfm), len, 0);
          akcipherRequestSetDigest(req, behind(src, len), room);
        } else {
          akcipherRequestSetCrypt(req, src, dst, len, room);
        }
        const call = operationOf(PUBLIC_KEY, operation);
        return submission.run(() => call(req));
      },
      length: () => req.dstLen,
      free: () => akcipherRequestFree(req),
    };
  }

  run(...operation: Parameters<DataRequest<Iterators>['submit']>): DataAnswer {
    return runOnce(this.request(), ...operation);
  }
}

class ConvertedKpp implements DataSubject<Iterators> {
  readonly async: boolean;
  private readonly tfm: CryptoKpp;

  constructor(tfm: CryptoKpp) {
    this.async = isAsync(tfm.alg);
    this.tfm = tfm;
  }

  setkey(secret: Uint8Array): Errno {
    return cryptoKppSetSecret(this.tfm, secret);
  }

  maxSize(): number {
    return cryptoKppMaxsize(this.tfm);
  }

  free(): void {
    cryptoFreeKpp(this.tfm);
  }

  request(): DataRequest<Iterators> {
    const req = granted(kppRequestAlloc(this.tfm));
    return {
      submit: (operation, { src, dst }, len, room, submission) => {
        kppRequestSetCallback(req, submission.flags, submission.complete, submission);
        if (operation === 'agree') kppRequestSetInput(req, src, len);
        kppRequestSetOutput(req, dst, room);
        return submission.run(() =>
          operation === 'agree'
            ? cryptoKppComputeSharedSecret(req)
            : cryptoKppGeneratePublicKey(req),
        );
      },
      length: () => req.dstLen,
      free: () => kppRequestFree(req),
    };
  }

  run(...operation: Parameters<DataRequest<Iterators>['submit']>): DataAnswer {
    return runOnce(this.request(), ...operation);
  }
}

/** No room at all: a verification writes nothing. */
function nowhere({ api }: CryptoAkcipher): IovIter<'dest'> {
  return iovIterKvec(api.machine, ITER_DEST, [], 0, 0);
}

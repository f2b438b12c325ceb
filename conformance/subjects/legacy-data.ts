/**
 * Compression, public keys and key agreement of the scatterlist API, as the harness calls them.
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
} from '../../legacy/acomp.ts';
import {
  type AkcipherRequest,
  akcipherRequestAlloc,
  akcipherRequestFree,
  akcipherRequestSetCallback,
  akcipherRequestSetCrypt,
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
} from '../../legacy/akcipher.ts';
import type { CryptoApi } from '../../legacy/crypto-api.ts';
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
} from '../../legacy/kpp.ts';
import type { Errno } from '../../src/errno.ts';
import {
  type DataAnswer,
  type DataKind,
  type DataRequest,
  type DataSubject,
  runOnce,
} from './api.ts';
import { isPrivateKey, operationOf } from './data.ts';
import type { Lists } from './lists.ts';
import { granted, isAsync } from './submit.ts';

/** A transform of one of these kinds. */
export function legacyData(
  api: CryptoApi,
  driver: string,
  kind: DataKind,
): DataSubject<Lists> | Errno {
  switch (kind) {
    case 'acomp': {
      const tfm = cryptoAllocAcomp(api, driver, 0, 0);
      return typeof tfm === 'number' ? tfm : new LegacyAcomp(tfm);
    }
    case 'akcipher': {
      const tfm = cryptoAllocAkcipher(api, driver, 0, 0);
      return typeof tfm === 'number' ? tfm : new LegacyAkcipher(tfm);
    }
    case 'kpp': {
      const tfm = cryptoAllocKpp(api, driver, 0, 0);
      return typeof tfm === 'number' ? tfm : new LegacyKpp(tfm);
    }
  }
}

const COMPRESSION: Readonly<Record<string, (req: AcompReq) => Errno>> = {
  compress: cryptoAcompCompress,
  decompress: cryptoAcompDecompress,
};

class LegacyAcomp implements DataSubject<Lists> {
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

  request(): DataRequest<Lists> {
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

  run(...operation: Parameters<DataRequest<Lists>['submit']>): DataAnswer {
    return runOnce(this.request(), ...operation);
  }
}

const PUBLIC_KEY: Readonly<Record<string, (req: AkcipherRequest) => Errno>> = {
  encrypt: cryptoAkcipherEncrypt,
  decrypt: cryptoAkcipherDecrypt,
  sign: cryptoAkcipherSign,
  verify: cryptoAkcipherVerify,
};

class LegacyAkcipher implements DataSubject<Lists> {
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

  request(): DataRequest<Lists> {
    const req = granted(akcipherRequestAlloc(this.tfm));
    return {
      submit: (operation, { src, dst }, len, room, submission) => {
        akcipherRequestSetCallback(req, submission.flags, submission.complete, submission);
        akcipherRequestSetCrypt(req, src, operation === 'verify' ? null : dst, len, room);
        const call = operationOf(PUBLIC_KEY, operation);
        return submission.run(() => call(req));
      },
      // The length of a digest is what the caller has given.
      length: (operation) => (operation === 'verify' ? 0 : req.dstLen),
      free: () => akcipherRequestFree(req),
    };
  }

  run(...operation: Parameters<DataRequest<Lists>['submit']>): DataAnswer {
    return runOnce(this.request(), ...operation);
  }
}

class LegacyKpp implements DataSubject<Lists> {
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

  request(): DataRequest<Lists> {
    const req = granted(kppRequestAlloc(this.tfm));
    return {
      submit: (operation, { src, dst }, len, room, submission) => {
        kppRequestSetCallback(req, submission.flags, submission.complete, submission);
        // A request that has an input computes a secret, whatever it is asked for.
        kppRequestSetInput(req, operation === 'agree' ? src : null, len);
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

  run(...operation: Parameters<DataRequest<Lists>['submit']>): DataAnswer {
    return runOnce(this.request(), ...operation);
  }
}

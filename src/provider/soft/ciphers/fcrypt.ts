/**
 * fcrypt, the cipher of the rxkad security of AFS.
 * Source: rxkad of OpenAFS, rxkad/domestic/fcrypt.c; its two published vectors.
 * @module
 */
import { type BlockCipher, bytesOfHex } from './block-kernel.ts';

const ROUNDS = 16;
const MASK56 = (1n << 56n) - 1n;

const S_BOXES: readonly Uint8Array[] = [
  bytesOfHex(
    'ea7fb2649db0d911cd8686910ab293060e06d26573c52860f220b5387eda9fe3' +
      'd2cfc43c61ff4a4a35acaa5f2bbbbc534e9d78a3dc093210c66f66d6aba9affd' +
      '3b95e8349a8172809cf3ecda9f2676153e554dde84eeadc7f16b3dd30449aa24' +
      '0b8a83bafa85a0a8b1d401d87064f051d2c3a7758ca564ef104eb7c66103eb44' +
      '3de5b35baed5ad1dfa5a1e33ab93a2b7e7a845a4cd296344b6697e2e6203c8e0' +
      '17bbc7f33f36ba718e97656069b6f6e66ee08159e8afdd952299fd63197461b1' +
      'b65bae54b370ffc63b3ec1d7e10e76e5364f59c7086e82a693c4aa2649e02164' +
      '079f64819cbff9d143f8b6b9f1247503e4b099463df5d1397212f6ba0c0d422e',
  ),
  bytesOfHex(
    '7714a6feb25e8c3e676ca10dc2a2c1856c7b67c623e3f289509c03b773e6e139' +
      '312c279fa56944d62383987d3cb42d991c1f8c20037c5fadf4fa95ca7644cdb6' +
      'b8a1a1be9e548f0b1674318a231704fa7984b1f513abb52eaa0c606b5bc44bbc' +
      'e2af4573fac949cd00927d977a18603dcf5bdec6e2e6bb8b06da08151b886a17' +
      '89d0a9c1c9706be543f468c8d384280a5266a3caf2e37f7a31f788945e9c63d5' +
      '2466fcb35725be8944c4e08f233c1252f51ef4cb18331ff869109dd3f728f830' +
      '055e32c0d519bd458b5bfdbce25ca996ef70cfc22ab361ad804881b71d43d9d7' +
      '45f0d88a597c57c179c734d643dfe4781606da927651e1d47003e02f96918280',
  ),
  bytesOfHex(
    'f03724532a038386d1ec50f042782f6dbf80872795e2c55df96fdbb4656ee724' +
      'c81abb49b50a7db9e8dcb7d945201bce599d6bbd0e8fa3a9bc74a6f67f5fb168' +
      '84bca9fd5550e9b6135e07b89502c0d06a1a85bdb6fdfe173f09a38dfbedda1d' +
      '6d1c6c015ae5713e8b6bbe29eb121934cdb3bd35ea4bd5ae2a795aa532127bdc' +
      '2cd0224bb1855980c0309f73d3144840072d8f800fce0b5eb75eac24944a1815' +
      '05e80277a9c7404589d1eade0c792a996c3e95dd8c7dad6fdcfffd6247b3218a' +
      'ec8e1918b46e3dfd74541e0485d8bc1f56e73a5667d6c8a5f38edeae3749b7fa' +
      'c8f41fe02a9b15d1340eb5e044788459566877a51406f52f8c8a738076b41086',
  ),
  bytesOfHex(
    'a92a4851847e49e2b5b742337d5da61244486d28aa206d57d66b5d72f0925a1b' +
      '538024709acca766a101a54197413182f114cf530da010cc2a7dd2bf4b1adb16' +
      '47f65136edf3b91aa7df2943015470a4bfd40b5344609e23a118684ff02f82c2' +
      '2a41b2420ced0c1d133a3c6e35dc606585e964029a3f9f8796dfbef2cbe56cd4' +
      '5a83bf921b940042cf4b0075ba8f765f5d3a4d091208389517e4011d4ca9cc85' +
      '824c9d2f3b66a13410cd5989a531cf05c884fac7ba4e8b1a19f1a13b181217b0' +
      '988d0b23c33a2d20df13a0a84c0d6c2f471313521f2df5793da254bd69c86bf3' +
      '0528f1164640b011d3b79549cfc31d8fd8e173dbadc8c9a9a1c2c5e3bafc0e25',
  ),
];
/** How far the byte of box i is rotated to the left in its word. */
const ROTATIONS: readonly number[] = [3, 27, 11, 19];

/** Word `byte` of box i is at 256 * i + byte. */
const F: Uint32Array = Uint32Array.from(
  S_BOXES.flatMap((box, i) =>
    Array.from(box, (byte) => (byte << ROTATIONS[i]) | (byte >>> (32 - ROTATIONS[i]))),
  ),
);

class Fcrypt implements BlockCipher {
  readonly blockSize: number = 8;
  readonly #schedule: Uint32Array;

  constructor(schedule: Uint32Array) {
    this.#schedule = schedule;
  }

  encrypt(text: DataView, at: number): void {
    let l = text.getUint32(at);
    let r = text.getUint32(at + 4);
    for (let i = 0; i < ROUNDS; i += 2) {
      l ^= f(r ^ this.#schedule[i]);
      r ^= f(l ^ this.#schedule[i + 1]);
    }
    text.setUint32(at, l);
    text.setUint32(at + 4, r);
  }

  decrypt(text: DataView, at: number): void {
    let l = text.getUint32(at);
    let r = text.getUint32(at + 4);
    for (let i = ROUNDS - 2; i >= 0; i -= 2) {
      r ^= f(l ^ this.#schedule[i + 1]);
      l ^= f(r ^ this.#schedule[i]);
    }
    text.setUint32(at, l);
    text.setUint32(at + 4, r);
  }
}

/** fcrypt under a key of 8 bytes, whose lowest bits are parity. */
export function fcrypt(key: Uint8Array): BlockCipher {
  let bits = 0n;
  for (const byte of key) bits = (bits << 7n) | BigInt(byte >>> 1);
  const schedule = new Uint32Array(ROUNDS);
  for (let i = 0; i < ROUNDS; i++) {
    schedule[i] = Number(bits & 0xffffffffn);
    bits = ((bits >> 11n) | (bits << 45n)) & MASK56;
  }
  return new Fcrypt(schedule);
}

function f(x: number): number {
  return (
    F[x >>> 24] ^ F[256 + ((x >>> 16) & 255)] ^ F[512 + ((x >>> 8) & 255)] ^ F[768 + (x & 255)]
  );
}

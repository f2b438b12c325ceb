/**
 * Laws of block ciphers: runs are single blocks chained by the definition of the mode. What a single
 * block is, known answers and a second implementation say.
 * @module
 */
import { type CipherDriver, cipherDrivers } from '../../../src/crypto/ciphers.ts';
import type { BlockKernel, Provider } from '../../../src/provider/provider.ts';
import { cutRuns, type Law, type RunStep, same, sampleBytes, throughRuns } from './laws.ts';

/** Lengths in blocks. */
const SHORT: readonly number[] = [0, 1, 2, 3, 4, 5, 7, 8, 9, 16, 31, 33];
/**
 * The ciphers whose runs pass the 64 KiB that a kernel handles at a time: one of each class of kernels
 * and block size. The others share the loops of these.
 */
const LONG: ReadonlySet<string> = new Set(['aes', 'des3_ede', 'camellia']);

export function cipherLaws(provider: Provider): Law[] {
  return cipherDrivers(provider).flatMap((driver) => {
    const { driverName } = driver;
    return [
      { name: `${driverName} runs equal its single blocks`, check: () => checkRuns(driver) },
      { name: `${driverName} decrypts what it encrypted`, check: () => checkInverse(driver) },
    ];
  });
}

/** Expands a key that the driver takes. */
export function kernelOf(driver: CipherDriver, key: Uint8Array): BlockKernel {
  const kernel = driver.setkey(key, 0);
  if (typeof kernel === 'number') throw new Error(`${driver.driverName}: key refused: ${kernel}`);
  return kernel;
}

/** Every length of key that the driver takes. */
export function keySizesOf({ minKeysize, maxKeysize, setkey }: CipherDriver): number[] {
  const sizes = Array.from({ length: maxKeysize - minKeysize + 1 }, (_, i) => minKeysize + i);
  return sizes.filter((size) => typeof setkey(sampleBytes(size, size), 0) !== 'number');
}

function checkRuns(driver: CipherDriver): void {
  const { blocksize: unit, driverName } = driver;
  const kernel = kernelOf(driver, sampleBytes(driver.maxKeysize, 7));
  const long = LONG.has(driver.name) ? [65536 / unit - 1, 65536 / unit + 1] : [];
  for (const blocks of [...SHORT, ...long]) {
    const text = sampleBytes(blocks * unit, blocks);
    const runs = cutRuns(text.length, unit, blocks);
    const inPlace = blocks % 2 === 0;
    for (const encrypt of [true, false]) {
      const what = `${driverName} ${encrypt ? 'encrypts' : 'decrypts'} ${blocks} blocks`;
      const ecb = throughRuns(text, runs, inPlace, ecbStep(kernel, encrypt));
      same(ecb, byBlocks(kernel, encrypt, text, unit, null), `${what}, ecb`);
      const chain = sampleBytes(unit, blocks + 1);
      const expected = byBlocks(kernel, encrypt, text, unit, chain.slice());
      const last = blocks === 0 ? chain.slice() : (encrypt ? expected : text).slice(-unit);
      const cbc = throughRuns(text, runs, inPlace, cbcStep(kernel, encrypt, chain));
      same(cbc, expected, `${what}, cbc`);
      same(chain, last, `${what}, chaining value`);
    }
  }
}

function checkInverse(driver: CipherDriver): void {
  for (const size of keySizesOf(driver)) {
    const kernel = kernelOf(driver, sampleBytes(size, size + 1));
    for (let seed = 0; seed < 5; seed++) {
      const block = sampleBytes(driver.blocksize + 3, seed).subarray(3);
      const text = block.slice();
      kernel.encryptBlock(block);
      const changed = Buffer.compare(block, text) !== 0;
      if (driver.name !== 'cipher_null' && !changed) throw new Error('a block that did not change');
      kernel.decryptBlock(block);
      same(block, text, `${driver.driverName} with a key of ${size} and back`);
    }
  }
}

export function ecbStep(kernel: BlockKernel, encrypt: boolean): RunStep {
  return (mem, src, dst, len) =>
    encrypt ? kernel.ecbEncrypt(mem, src, dst, len) : kernel.ecbDecrypt(mem, src, dst, len);
}

export function cbcStep(kernel: BlockKernel, encrypt: boolean, chain: Uint8Array): RunStep {
  return (mem, src, dst, len) =>
    encrypt
      ? kernel.cbcEncrypt(mem, src, dst, len, chain)
      : kernel.cbcDecrypt(mem, src, dst, len, chain);
}

/** ECB, or CBC with `chain`, as SP 800-38A defines them over single blocks. */
function byBlocks(
  kernel: BlockKernel,
  encrypt: boolean,
  text: Uint8Array,
  unit: number,
  chain: Uint8Array | null,
): Uint8Array {
  const out = text.slice();
  let previous = chain;
  for (let at = 0; at < text.length; at += unit) {
    const block = out.subarray(at, at + unit);
    if (encrypt && previous !== null) xorInto(block, previous);
    if (encrypt) kernel.encryptBlock(block);
    else kernel.decryptBlock(block);
    if (!encrypt && previous !== null) xorInto(block, previous);
    if (previous !== null) previous = (encrypt ? out : text).slice(at, at + unit);
  }
  return out;
}

function xorInto(block: Uint8Array, mask: Uint8Array): void {
  for (let i = 0; i < block.length; i++) block[i] ^= mask[i];
}

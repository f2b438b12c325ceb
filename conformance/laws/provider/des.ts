/**
 * Laws of DES and Triple-DES kernels, against one-shot node:crypto on contiguous bytes.
 * @module
 */

import type { BlockKernel, Provider } from '../../../src/provider/provider.ts';
import { nodeCrypt } from './aes.ts';
import { cutRuns, type Law, type RunStep, same, sampleBytes, throughRuns } from './laws.ts';

const LENGTHS: readonly number[] = [
  ...Array.from({ length: 33 }, (_, i) => 8 * i),
  4096,
  65528,
  65536,
  65544,
];

/** A cipher under test and the Triple-DES key that it stands for. */
interface DesSubject {
  readonly name: string;
  readonly kernel: BlockKernel;
  readonly tripleKey: Uint8Array;
}

export function desLaws(provider: Provider): Law[] {
  const key = sampleBytes(24, 24);
  const single = key.slice(0, 8);
  const subjects: DesSubject[] = [
    { name: 'des3_ede', kernel: provider.des3Ede(key), tripleKey: key },
    {
      name: 'des',
      kernel: provider.des(single),
      tripleKey: Uint8Array.from([...single, ...single, ...single]),
    },
  ];
  return subjects.flatMap((subject) => [
    { name: `${subject.name} ecb equals one-shot node`, check: () => checkEcb(subject) },
    { name: `${subject.name} cbc equals one-shot node`, check: () => checkCbc(subject) },
    {
      name: `${subject.name} single blocks equal one-shot node`,
      check: () => checkBlocks(subject),
    },
  ]);
}

function checkEcb({ name, kernel, tripleKey }: DesSubject): void {
  for (const len of LENGTHS) {
    const text = sampleBytes(len, len);
    for (const encrypt of [true, false]) {
      const step: RunStep = (mem, src, dst, size) =>
        encrypt ? kernel.ecbEncrypt(mem, src, dst, size) : kernel.ecbDecrypt(mem, src, dst, size);
      const expected = nodeCrypt('des-ede3-ecb', encrypt, tripleKey, null, text);
      const out = throughRuns(text, cutRuns(len, 8, len), len % 16 === 0, step);
      same(out, expected, `${name} ecb ${encrypt}, ${len} bytes`);
    }
  }
}

function checkCbc({ name, kernel, tripleKey }: DesSubject): void {
  for (const len of LENGTHS) {
    const text = sampleBytes(len, len + 5);
    for (const encrypt of [true, false]) {
      const iv = sampleBytes(8, len);
      const chain = iv.slice();
      const step: RunStep = (mem, src, dst, size) =>
        encrypt
          ? kernel.cbcEncrypt(mem, src, dst, size, chain)
          : kernel.cbcDecrypt(mem, src, dst, size, chain);
      const expected = nodeCrypt('des-ede3-cbc', encrypt, tripleKey, iv, text);
      const out = throughRuns(text, cutRuns(len, 8, len), len % 16 === 0, step);
      const what = `${name} cbc ${encrypt}, ${len} bytes`;
      same(out, expected, what);
      const last = (encrypt ? expected : text).slice(-8);
      same(chain, len === 0 ? iv : last, `${what}, chaining value`);
    }
  }
}

function checkBlocks({ name, kernel, tripleKey }: DesSubject): void {
  for (let seed = 0; seed < 20; seed++) {
    const block = sampleBytes(11, seed).subarray(3);
    const text = block.slice();
    kernel.encryptBlock(block);
    same(block, nodeCrypt('des-ede3-ecb', true, tripleKey, null, text), `${name} block`);
    kernel.decryptBlock(block);
    same(block, text, `${name} block back`);
  }
}

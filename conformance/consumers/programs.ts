/**
 * Programs of users of the package, as they would write them: each does real work through the names of
 * the package and prints `ok` when all of it was right.
 * @module
 */

/** What every program checks, in plain JavaScript that is TypeScript too. */
const WORK = `
const check = (right, what) => {
  if (!right) throw new Error('wrong: ' + what);
};
const sg = createCrypto({ memory: 1 << 20 });
const gcm = sg.aead('gcm(aes)', { key: new Uint8Array(16) });
const iv = new Uint8Array(12);
const sealed = await gcm.encrypt({ iv, data: [new Uint8Array(16)] });
const hex = (bytes) => Buffer.from(bytes).toString('hex');
check(hex(sealed.data) === '0388dace60b6a392f328c2b971b2fe78', 'ciphertext');
check(hex(sealed.tag) === 'ab6e47d42cec13bdf53a67b21257bddf', 'tag');
sealed.tag[0] ^= 1;
const error = await gcm.decrypt({ iv, ...sealed }).catch((e) => e);
check(error instanceof CryptoError && error.code === 'EBADMSG', 'a tag that is not genuine');
const ctr = sg.skcipher('cryptd(ctr(aes))', { key: new Uint8Array(16) });
const stream = new Blob(['some ', 'chunks']).stream();
const sha = sg.hash('sha256');
const there = stream.pipeThrough(ctr.encryptTransform({ iv: new Uint8Array(16) }));
const back = there.pipeThrough(ctr.decryptTransform({ iv: new Uint8Array(16) }));
check(await sha.verify(Buffer.from('some chunks'), await sha.digest(back)), 'stream');
await sg.close();
`;

/** The front door alone, in plain JavaScript. */
export const PLAIN: string = `import { CryptoError, createCrypto } from 'sg2iter';
${WORK}console.log('ok');
`;

/** As `PLAIN`, from CommonJS. */
export const COMMON_JS: string = `const { CryptoError, createCrypto } = require('sg2iter');
(async () => {
${WORK}})().then(() => console.log('ok'));
`;

/** Every entry that works without the command line. */
export const ENTRIES = `import { createCrypto } from 'sg2iter';
import { cryptoApiInit, cryptoAllocAead } from 'sg2iter/core';
import * as legacy from 'sg2iter/legacy';
import { Machine } from 'sg2iter/machine';
const api = cryptoApiInit(new Machine());
if (typeof cryptoAllocAead(api, 'gcm(aes)', 0, 0) === 'number') throw new Error('core');
if (typeof legacy.sgInitTable !== 'function') throw new Error('legacy');
await createCrypto().close();
console.log('ok');
`;

/** The entry that needs the packages of the command line. */
export const HARNESS = `import { CaseGenerator } from 'sg2iter/conformance';
if (new CaseGenerator(['gcm(aes)']).at(1, 0).alg !== 'gcm(aes)') throw new Error('case');
console.log('ok');
`;

/** TypeScript under every strict option: types of results, of names, of errors, of disposal. */
export const STRICT = `import {
  type AeadOutput,
  type AeadScattered,
  type Bytes,
  CryptoError,
  createCrypto,
  type ErrnoCode,
  type SgCrypto,
} from 'sg2iter';
import { cryptoAllocSkcipher, cryptoApiInit, ITER_SOURCE, type SkcipherAlg } from 'sg2iter/core';
import { sgInitTable } from 'sg2iter/legacy';
import { Machine, type PhysAddr } from 'sg2iter/machine';
import { CaseGenerator } from 'sg2iter/conformance';

async function seal(data: Bytes): Promise<Blob> {
  await using sg: SgCrypto = createCrypto({ memory: 1 << 20 });
  const gcm = sg.aead('gcm(aes)', { key: new Uint8Array(16), authsize: 12 });
  const sealed: AeadOutput = await gcm.encrypt({ iv: new Uint8Array(gcm.ivsize), data });
  const into = [new Uint8Array(4)];
  const scattered: AeadScattered = await gcm.encrypt({
    iv: new Uint8Array(12),
    data: new Uint8Array(4),
    into,
  });
  if (scattered.data !== into) throw new Error('into');
  if ((await new Response(sealed.tag).arrayBuffer()).byteLength !== 12) throw new Error('Response');
  await globalThis.crypto.subtle.digest('SHA-256', sealed.data);
  for await (const chunk of sg.skcipher('ctr(aes)', { key: new Uint8Array(16) }).encryptStream(
    [new Uint8Array(5)],
    { iv: new Uint8Array(16) },
  )) {
    const whole: Uint8Array<ArrayBuffer> = chunk;
    if (whole.length !== 5) throw new Error('chunk');
  }
  return new Blob([sealed.data, sealed.tag]);
}

if ((await seal([new Uint8Array(3), new ArrayBuffer(2)])).size !== 17) throw new Error('size');
try {
  createCrypto().hash('none(such)');
} catch (error) {
  if (!(error instanceof CryptoError)) throw error;
  const code: ErrnoCode = error.code;
  if (code !== 'ENOENT') throw new Error(code);
}
const api = cryptoApiInit(new Machine());
const tfm = cryptoAllocSkcipher(api, 'ctr(aes)', 0, 0);
const alg: SkcipherAlg | null = typeof tfm === 'number' ? null : tfm.alg;
if (alg?.ivsize !== 16 || typeof ITER_SOURCE !== typeof 'source') throw new Error('core');
const nowhere: readonly PhysAddr[] = [];
if (nowhere.length > 0 || typeof sgInitTable !== 'function') throw new Error('legacy');
if (new CaseGenerator(['gcm(aes)']).at(1, 0).alg !== 'gcm(aes)') throw new Error('case');
// @ts-expect-error the tag is needed
const wrong = createCrypto().aead('gcm(aes)', { key: new Uint8Array(16) }).decrypt({ iv: new Uint8Array(12), data: [] });
await wrong.catch(() => undefined);
console.log('ok');
`;

/**
 * Tags of every length, on both sides of the sizes where engines change over: Node 23 and later warn of a
 * tag whose length was not said before (DEP0182). A warning is an error here.
 */
export const SHORT_TAGS = `import { createCrypto } from 'sg2iter';
process.on('warning', (warning) => {
  throw warning;
});
const iv = new Uint8Array(12);
let opened = 0;
for (const checks of [false, true]) {
  const sg = createCrypto({ memory: 2 ** 20, checks });
  for (const name of ['gcm(aes)', 'gcm_base(ctr(aes-generic),ghash-generic)', 'gcm-aes-sgdma']) {
    for (const authsize of [4, 8, 12, 13, 14, 15, 16]) {
      const gcm = sg.aead(name, { key: new Uint8Array(16), authsize });
      for (const length of [...Array(20).fill(40), 3000, 20000]) {
        const data = [new Uint8Array(length - 7), new Uint8Array(7)];
        const sealed = await gcm.encrypt({ iv, data });
        if (sealed.tag.length !== authsize) throw new Error('tag of ' + sealed.tag.length);
        const text = await gcm.decrypt({ iv, ...sealed });
        if (text.length !== length || text.some((byte) => byte !== 0)) throw new Error('text');
        sealed.tag[authsize - 1] ^= 1;
        const error = await gcm.decrypt({ iv, ...sealed }).catch((e) => e);
        if (error.code !== 'EBADMSG') throw new Error('a tag that is not genuine: ' + error);
        opened++;
      }
      await gcm.close();
    }
  }
  await sg.close();
}
await new Promise((resolve) => setTimeout(resolve, 1));
console.log(opened === 924 ? 'ok' : 'opened ' + opened);
`;

/** That this Node warns: without the length, a short tag is its own warning. */
export const WARNED = `import { createDecipheriv } from 'node:crypto';
let warned = Number(process.versions.node.split('.')[0]) < 23;
process.on('warning', (warning) => {
  warned ||= warning.code === 'DEP0182';
});
createDecipheriv('aes-128-gcm', new Uint8Array(16), new Uint8Array(12)).setAuthTag(new Uint8Array(8));
await new Promise((resolve) => setTimeout(resolve, 1));
console.log(warned ? 'ok' : 'no warning of a short tag');
`;

/** What a bundle for browsers must end with. */
export const BROWSER_ERROR = 'sg2iter runs on Node.js 20.19 or later';

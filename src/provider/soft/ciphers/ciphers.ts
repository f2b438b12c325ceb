/**
 * The block ciphers that are written here, by the kernel's names.
 * @module
 */
import type { CipherMaker, CipherName } from '../../provider.ts';
import { anubis } from './anubis.ts';
import { aria } from './aria.ts';
import { type BlockCipher, softBlockKernel } from './block-kernel.ts';
import { blowfish } from './blowfish.ts';
import { camellia } from './camellia.ts';
import { cast5 } from './cast5.ts';
import { cast6 } from './cast6.ts';
import { des, des3Ede } from './des.ts';
import { fcrypt } from './fcrypt.ts';
import { khazad } from './khazad.ts';
import { seed } from './seed.ts';
import { serpent } from './serpent.ts';
import { sm4 } from './sm4.ts';
import { tea, xeta, xtea } from './tea.ts';
import { twofish } from './twofish.ts';

/** Blocks are bytes, and stay as they are. */
const NULL_CIPHER: BlockCipher = {
  blockSize: 1,
  encrypt: () => undefined,
  decrypt: () => undefined,
};

/** All but AES, which noble has. */
export const SOFT_CIPHERS: Readonly<Record<Exclude<CipherName, 'aes'>, CipherMaker>> = {
  anubis: maker(anubis),
  aria: maker(aria),
  blowfish: maker(blowfish),
  camellia: maker(camellia),
  cast5: maker(cast5),
  cast6: maker(cast6),
  cipher_null: maker(() => NULL_CIPHER),
  des: maker(des),
  des3_ede: maker(des3Ede),
  fcrypt: maker(fcrypt),
  khazad: maker(khazad),
  seed: maker(seed),
  serpent: maker(serpent),
  sm4: maker(sm4),
  tea: maker(tea),
  twofish: maker(twofish),
  xeta: maker(xeta),
  xtea: maker(xtea),
};

function maker(cipher: (key: Uint8Array) => BlockCipher): CipherMaker {
  return (key) => softBlockKernel(cipher(key));
}

/**
 * Goal: the scatterlist API keeps the laws of ciphers, AEADs and hashes, with every driver that it has.
 * Method: `skcipher.ts`, `aead.ts` and `hash.ts`; `canaries.test.ts` shows that each of them rings.
 */
import { LegacyApi } from '../subjects/legacy.ts';
import { lawSuite } from './suite.ts';

lawSuite('legacy', (machine) => new LegacyApi(machine), 200);

/**
 * Goal: the iov_iter API keeps the laws of ciphers, AEADs and hashes, with every driver that it has.
 * Method: `skcipher.ts`, `aead.ts` and `hash.ts`; `canaries.test.ts` shows that each of them rings.
 */
import { ConvertedApi } from '../subjects/converted.ts';
import { lawSuite } from './suite.ts';

lawSuite('converted', (machine) => new ConvertedApi(machine), 200);

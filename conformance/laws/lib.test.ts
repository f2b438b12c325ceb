/**
 * Goal: the library keeps the laws of ciphers, AEADs and hashes.
 * Method: as for both APIs, once for each algorithm of the library.
 */
import { LibApi } from '../subjects/lib.ts';
import { lawSuite } from './suite.ts';

lawSuite('lib', (machine) => new LibApi(machine), 25);

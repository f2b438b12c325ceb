/**
 * Goal: a driver that cannot make a transform leaves nothing of it behind, whatever its kind.
 * Method: each kind of driver of both APIs with an `init` that fails, and the ledger before and after.
 */
import { expect, test } from 'vitest';
import { cryptoSpawnAead, isAead } from '../../converted/aead.ts';
import { cryptoSpawnAhash, isAhash } from '../../converted/ahash.ts';
import { cryptoApiInit } from '../../converted/init.ts';
import { cryptoSpawnSkcipher, isSkcipher } from '../../converted/skcipher.ts';
import { isAead as isOldAead, cryptoSpawnAead as spawnOldAead } from '../../legacy/aead.ts';
import { isAhash as isOldAhash, cryptoSpawnAhash as spawnOldAhash } from '../../legacy/ahash.ts';
import { cryptoApiInit as oldApiInit } from '../../legacy/init.ts';
import {
  isSkcipher as isOldSkcipher,
  cryptoSpawnSkcipher as spawnOldSkcipher,
} from '../../legacy/skcipher.ts';
import { ENOMEM } from '../../src/errno.ts';
import { Machine } from '../../src/machine/machine.ts';

const init = (): number => -ENOMEM;

test('a transform whose driver fails is not there', () => {
  const machine = new Machine({ memory: 1 << 20 });
  const now = cryptoApiInit(machine);
  const old = oldApiInit(machine);
  const before = machine.ledger.holdings();
  let failed = 0;
  for (const alg of now.registry.list()) {
    if (isSkcipher(alg)) expect(cryptoSpawnSkcipher(now, { ...alg, init })).toBe(-ENOMEM);
    else if (isAead(alg)) expect(cryptoSpawnAead(now, { ...alg, init })).toBe(-ENOMEM);
    else if (isAhash(alg)) expect(cryptoSpawnAhash(now, { ...alg, init })).toBe(-ENOMEM);
    else continue;
    failed++;
  }
  for (const alg of old.registry.list()) {
    if (isOldSkcipher(alg)) expect(spawnOldSkcipher(old, { ...alg, init })).toBe(-ENOMEM);
    else if (isOldAead(alg)) expect(spawnOldAead(old, { ...alg, init })).toBe(-ENOMEM);
    else if (isOldAhash(alg)) expect(spawnOldAhash(old, { ...alg, init })).toBe(-ENOMEM);
    else continue;
    failed++;
  }
  expect(failed).toBeGreaterThan(100);
  expect(machine.ledger.holdings()).toEqual(before);
});

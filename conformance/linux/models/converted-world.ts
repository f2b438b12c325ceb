/**
 * What the runners of the converted API share: a machine with the API and the arena.
 * @module
 */
import type { CryptoApi } from '../../../converted/crypto-api.ts';
import { cryptoApiInit } from '../../../converted/init.ts';
import { Machine } from '../../../src/machine/machine.ts';
import { CRYPTD_QUEUE } from '../text/case.ts';
import { Arena } from './arena.ts';

const MACHINE_MEMORY = 16 << 20;

/** A machine with the API and the arena. */
export interface ConvertedWorld {
  readonly machine: Machine;
  readonly api: CryptoApi;
  readonly arena: Arena;
}

/** A new one; with `accel` the accelerated drivers stand before the plain ones. */
export function newConvertedWorld(accel = true): ConvertedWorld {
  const machine = new Machine({ memory: MACHINE_MEMORY });
  machine.queueLength = CRYPTD_QUEUE;
  const api = cryptoApiInit(machine, { accel });
  return { machine, api, arena: new Arena(machine) };
}

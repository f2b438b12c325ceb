/**
 * What the models share: a machine with one API and the arena, an answer that fills up, and the
 * completion callback. It answers as `module/request.c` does.
 * @module
 */
import type { CryptoApi } from '../../../legacy/crypto-api.ts';
import { cryptoApiInit } from '../../../legacy/init.ts';
import {
  CRYPTO_TFM_REQ_MAY_BACKLOG,
  CRYPTO_TFM_REQ_MAY_SLEEP,
} from '../../../src/crypto/algorithm.ts';
import { EBUSY, EINPROGRESS, type Errno } from '../../../src/errno.ts';
import { Machine } from '../../../src/machine/machine.ts';
import type { TextResult } from '../text/result.ts';
import { Arena } from './arena.ts';

/** Enough for the arena and every request; small, because each crash takes a new machine. */
const MACHINE_MEMORY = 4 << 20;

/** What an answer is collected in while a case runs. */
export type Answer = { -readonly [K in keyof TextResult]: TextResult[K] };

/** A machine with one API and the arena, as long as nothing breaks. */
export interface World {
  readonly machine: Machine;
  readonly api: CryptoApi;
  readonly arena: Arena;
  /** Names of recording algorithms registered so far. */
  readonly recorders: Set<string>;
  /** The steps of a recorded walk, null if no handler has run. */
  steps: string[] | null;
}

/** A world whose algorithms are the kernel's plain C ones. */
export function newWorld(): World {
  const machine = new Machine({ memory: MACHINE_MEMORY });
  const api = cryptoApiInit(machine, { zeroLength: 'compat', accel: false });
  return { machine, api, arena: new Arena(machine), recorders: new Set(), steps: null };
}

/** Request flags of a case. */
export function requestFlags(flags: number | null): number {
  return flags ?? CRYPTO_TFM_REQ_MAY_SLEEP | CRYPTO_TFM_REQ_MAY_BACKLOG;
}

/** One completion callback: counts what it was called for. */
export class Waiter {
  private err: Errno = 0;
  private calls = 0;
  private started = 0;

  readonly complete = (_data: unknown, err: Errno): void => {
    if (err === -EINPROGRESS) this.started++;
    else {
      this.calls++;
      this.err = err;
    }
  };

  /** The final errno of a request that answered `err`. */
  wait(world: World, answer: Answer, err: Errno): Errno {
    const accepted = err === -EINPROGRESS || err === -EBUSY;
    const lines = accepted ? [`ret0 ${err}`] : [];
    world.machine.scheduler.drain();
    const late = this.calls + this.started > 0;
    if (accepted || late) lines.push(`calls ${this.calls} ${this.started}`);
    answer.completions = [...answer.completions, ...lines];
    const final = accepted ? this.err : err;
    this.calls = 0;
    this.started = 0;
    return final;
  }
}

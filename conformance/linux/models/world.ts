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
import type { CryptoCompletion } from '../../../src/crypto/queue.ts';
import { EBUSY, EINPROGRESS, type Errno } from '../../../src/errno.ts';
import { Machine } from '../../../src/machine/machine.ts';
import { CRYPTD_QUEUE } from '../text/case.ts';
import type { TextResult } from '../text/result.ts';
import { Arena } from './arena.ts';
import type { Series } from './model.ts';

/** Enough for the arena and every request; small, because each crash takes a new machine. */
const MACHINE_MEMORY = 16 << 20;

/** What an answer is collected in while a case runs. */
export type Answer = { -readonly [K in keyof TextResult]: TextResult[K] };

/** A machine with one API and the arena, as long as nothing breaks. */
export interface World {
  readonly machine: Machine;
  readonly api: CryptoApi;
  readonly arena: Arena;
  /** Names of recording algorithms registered so far. */
  readonly recorders: Set<string>;
  /** The release that answers. */
  series: Series;
  /** The steps of a recorded walk, null if no handler has run. */
  steps: string[] | null;
}

/** A world whose algorithms are the kernel's plain C ones. */
export function newWorld(zeroLength: 'compat' | 'fixed'): World {
  const machine = new Machine({ memory: MACHINE_MEMORY });
  machine.queueLength = CRYPTD_QUEUE;
  const api = cryptoApiInit(machine, { zeroLength, accel: false });
  const arena = new Arena(machine);
  return { machine, api, arena, recorders: new Set(), series: [6, 1], steps: null };
}

/** Request flags of a case. */
export function requestFlags(flags: number | null): number {
  return flags ?? CRYPTO_TFM_REQ_MAY_SLEEP | CRYPTO_TFM_REQ_MAY_BACKLOG;
}

/** What one callback was called for. */
interface Calls {
  err: Errno | null;
  final: number;
  started: number;
}

/** Was a request taken, so that its callback will be called? */
function isAccepted(err: Errno): boolean {
  return err === -EINPROGRESS || err === -EBUSY;
}

/** The callbacks of requests that are in flight together, as `struct batch` of the module. */
export class Batch {
  readonly callbacks: readonly CryptoCompletion[];
  private readonly calls: readonly Calls[];
  private events: string[] = [];

  constructor(requests: number) {
    this.calls = Array.from({ length: requests }, () => ({ err: null, final: 0, started: 0 }));
    this.callbacks = this.calls.map((calls, i) => (_data: unknown, err: Errno): void => {
      this.events.push(`${i}:${err}`);
      if (err === -EINPROGRESS) calls.started++;
      else {
        calls.final++;
        calls.err = err;
      }
    });
  }

  /** One submission in the context that the case asks for. */
  submit({ context }: Machine, c: { readonly atomic: boolean }, operation: () => Errno): Errno {
    return c.atomic ? context.withBhDisabled(operation) : operation();
  }

  /** Waits for what submissions answered. @returns the final errno of the first request. */
  wait(machine: Machine, answer: Answer, rets: readonly Errno[]): Errno {
    machine.scheduler.drain();
    const [first] = this.calls;
    const [ret] = rets;
    const lines = rets.length > 1 ? this.together(rets) : alone(first, ret);
    answer.completions = [...answer.completions, ...lines];
    const final = isAccepted(ret) || rets.length > 1 ? (first.err ?? ret) : ret;
    for (const calls of this.calls) Object.assign(calls, { err: null, final: 0, started: 0 });
    this.events = [];
    return final;
  }

  private together(rets: readonly Errno[]): string[] {
    return [`rets ${rets.join(' ')}`, ['order', ...this.events].join(' ')];
  }
}

function alone({ final, started }: Calls, ret: Errno): string[] {
  const counted = `calls ${final} ${started}`;
  if (isAccepted(ret)) return [`ret0 ${ret}`, counted];
  return final + started > 0 ? [counted] : [];
}

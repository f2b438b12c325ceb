/**
 * A driver that somebody else has written, for either API, as one more side: cases of its algorithms run on
 * it whatever driver they were drawn for.
 * @module
 */
import type { CryptoApi as ConvertedCrypto } from '../../../converted/crypto-api.ts';
import { cryptoApiInit as convertedInit } from '../../../converted/init.ts';
import type { CryptoApi as LegacyCrypto } from '../../../legacy/crypto-api.ts';
import { cryptoApiInit as legacyInit } from '../../../legacy/init.ts';
import type { Machine } from '../../../src/machine/machine.ts';
import type { Case, Program } from '../../case/case.ts';
import { ApiSide } from '../api-side.ts';
import { ConvertedApi } from '../converted.ts';
import { LegacyApi } from '../legacy.ts';
import type { Side } from '../machine-subject.ts';
import type { Operation } from '../operation.ts';
import type { Outcome, ProgramOutcome } from '../outcome.ts';

/** Registers drivers with one of the APIs, and says which of them is meant. */
export interface DriverModel {
  readonly name: string;
  /** By the kernel's name of an algorithm the name of the driver, `{ 'ctr(aes)': 'ctr-aes-mine' }`. */
  readonly drivers: Readonly<Record<string, string>>;
  /** Called for each API that is made; also again, after a trap. One of the two, or both. */
  readonly converted?: (api: ConvertedCrypto) => void;
  readonly legacy?: (api: LegacyCrypto) => void;
}

/** The sides of a model: one for each API that it registers with. */
export function driverSides(machine: Machine, model: DriverModel): readonly Side[] {
  const { name, converted, legacy } = model;
  const sides: Side[] = [];
  if (legacy !== undefined) {
    const api = new LegacyApi(machine, /* accel */ true, name, () => {
      const own = legacyInit(machine, { zeroLength: 'fixed' });
      legacy(own);
      return own;
    });
    sides.push(new DriverSide(`${name} (legacy)`, new ApiSide(machine, api), model));
  }
  if (converted !== undefined) {
    const api = new ConvertedApi(machine, /* accel */ true, name, () => {
      const own = convertedInit(machine);
      converted(own);
      return own;
    });
    sides.push(new DriverSide(name, new ApiSide(machine, api), model));
  }
  return sides;
}

class DriverSide implements Side {
  readonly name: string;
  private readonly side: Required<Pick<Side, 'runProgram'>> & Side;
  private readonly drivers: DriverModel['drivers'];

  constructor(
    name: string,
    side: Required<Pick<Side, 'runProgram'>> & Side,
    { drivers }: DriverModel,
  ) {
    this.name = name;
    this.side = side;
    this.drivers = drivers;
  }

  get joined(): boolean {
    return this.side.joined;
  }

  declines(c: Case): string | null {
    if (!Object.hasOwn(this.drivers, c.alg)) return 'no such driver';
    // What a queue promises of its order is asked of cases behind cryptd and pcrypt, by their names.
    const isQueued = /^(cryptd|pcrypt)\(/.test(c.driver);
    if (c.program !== undefined && isQueued) return 'a program for another queue';
    return this.side.declines?.(this.own(c)) ?? null;
  }

  run(op: Operation): Outcome {
    return this.side.run(this.moved(op));
  }

  runProgram(ops: readonly Operation[], program: Program): ProgramOutcome {
    return this.side.runProgram(
      ops.map((op) => this.moved(op)),
      program,
    );
  }

  renew(): void {
    this.side.renew();
  }

  private moved(op: Operation): Operation {
    const { earlier, later } = op;
    return {
      ...op,
      c: this.own(op.c),
      earlier: earlier === null ? null : this.moved(earlier),
      later: later === null ? null : this.moved(later),
    };
  }

  private own(c: Case): Case {
    return { ...c, driver: this.drivers[c.alg] };
  }
}

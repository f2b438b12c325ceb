/**
 * What the API itself costs a request: a driver that does nothing, under the shapes of a packet (w1) and of
 * a small request (w7). Beside it R, one raw node:crypto GCM request of 1,420 bytes: the unit in which
 * times travel from machine to machine.
 * @module
 */
import {
  type AeadAlg,
  CRYPTO_ALG_TESTED,
  CRYPTO_ALG_TYPE_AEAD,
  CRYPTO_ALG_TYPE_SKCIPHER,
  type CryptoApi,
  cryptoApiInit,
  cryptoRegisterAead,
  cryptoRegisterSkcipher,
  type SkcipherAlg,
} from '../converted/index.ts';
import { Machine } from '../src/machine/index.ts';
import type { Job, Way } from './way.ts';
import { done } from './ways/checks.ts';
import { convertedWay } from './ways/converted.ts';
import { NODE_WAYS } from './ways/node.ts';
import { buildWorkload, PLANS, type Plan } from './workloads.ts';

/** The unit R. */
export const R_WAY = 'R';
const NULL_AEAD = 'null-aead';
const NULL_SKCIPHER = 'null-skcipher';

interface FrontEnd {
  readonly id: string;
  readonly what: string;
  readonly jobs: readonly Job[];
}

/** @see module */
export const FRONT_ENDS: readonly FrontEnd[] = [
  frontEnd('front-w1', 'the API alone, GCM, 4 iterators, 8 entries', planOf('w1')),
  frontEnd('front-w7', 'the API alone, CTR, 2 iterators, 5 entries', planOf('w7')),
];

function planOf(name: string): Plan {
  const found = PLANS.find(({ id }) => id === name);
  if (found === undefined) throw new Error(`no workload ${name}`);
  return found;
}

function frontEnd(id: string, what: string, plan: Plan): FrontEnd {
  const shapes = [
    ['built', 'iterators built per request'],
    ['refilled', 'lists refilled per request'],
    ['kept', 'iterators kept'],
  ] as const;
  return {
    id,
    what,
    jobs: [
      { id: R_WAY, what: 'R: node:crypto, GCM of 1420 bytes', kind: 'limit', make: makeR },
      ...shapes.map(
        ([shape, how]): Job => ({
          id: `null-${shape}`,
          what: `null driver, ${how}`,
          kind: 'converted',
          make: () => {
            const machine = new Machine({ checks: false });
            const api = cryptoApiInit(machine);
            registerNull(api);
            const work = buildWorkload(machine, plan);
            const driver = work.mode === 'gcm' ? NULL_AEAD : NULL_SKCIPHER;
            return withoutOutput(convertedWay(machine, work, driver, shape, api));
          },
        }),
      ),
    ],
  };
}

async function makeR(): Promise<Way> {
  const machine = new Machine({ checks: false });
  const raw = NODE_WAYS.find(({ id }) => id === 'raw');
  if (raw === undefined) throw new Error('no way raw');
  return withoutOutput(await raw.make(machine, buildWorkload(machine, planOf('w1'))));
}

/** Nothing is computed, so nothing is compared. */
function withoutOutput(way: Way): Way {
  return { ...way, digest: () => 'no output', wipe: () => {} };
}

function registerNull(api: CryptoApi): void {
  const common = {
    priority: 1,
    blocksize: 1,
    alignmask: 0,
    chunksize: 16,
    exit: () => undefined,
    setkey: () => 0,
    encrypt: () => 0,
    decrypt: () => 0,
  };
  const aead: AeadAlg = {
    ...common,
    kind: 'aead',
    name: 'gcm(null)',
    driverName: NULL_AEAD,
    flags: CRYPTO_ALG_TYPE_AEAD | CRYPTO_ALG_TESTED,
    ivsize: 12,
    maxauthsize: 16,
    setauthsize: () => 0,
    init: () => ({}),
  };
  const skcipher: SkcipherAlg = {
    ...common,
    kind: 'skcipher',
    name: 'ctr(null)',
    driverName: NULL_SKCIPHER,
    flags: CRYPTO_ALG_TYPE_SKCIPHER | CRYPTO_ALG_TESTED,
    minKeysize: 16,
    maxKeysize: 32,
    ivsize: 16,
    walksize: 16,
    init: () => ({}),
  };
  done(cryptoRegisterAead(api, aead));
  done(cryptoRegisterSkcipher(api, skcipher));
}

/**
 * `sg2iter algorithms`: what each API offers, and how far the conversion is.
 * @module
 */
import type { Command } from 'commander';
import { cryptoApiInit as convertedInit } from '../../converted/init.ts';
import { cryptoApiInit as legacyInit } from '../../legacy/crypto-api.ts';
import {
  CRYPTO_ALG_TYPE_AEAD,
  CRYPTO_ALG_TYPE_AHASH,
  CRYPTO_ALG_TYPE_SKCIPHER,
  type CryptoAlg,
} from '../../src/crypto/algorithm.ts';
import { isType } from '../../src/crypto/registry.ts';
import { Machine } from '../../src/machine/machine.ts';
import { table } from '../terminal/table.ts';

interface Row {
  readonly name: string;
  readonly driver: string;
  readonly type: string;
  readonly priority: number;
  readonly blocksize: number;
  readonly legacy: boolean;
  readonly converted: boolean;
}

export function registerAlgorithms(program: Command): void {
  program
    .command('algorithms')
    .description('algorithms and drivers of both APIs')
    .option('--json', 'one JSON object on stdout')
    .action(({ json }: { readonly json?: boolean }) => {
      const rows = algorithmRows();
      if (json === true) {
        console.log(JSON.stringify({ schemaVersion: 1, algorithms: rows }, null, 2));
        return;
      }
      const cells = rows.map((row) => [
        row.name,
        row.driver,
        row.type,
        String(row.priority),
        row.legacy ? 'yes' : '-',
        row.converted ? 'yes' : '-',
      ]);
      const head = ['algorithm', 'driver', 'type', 'priority', 'legacy', 'converted'];
      console.log(table(head, cells).join('\n'));
      const both = rows.filter((row) => row.legacy && row.converted).length;
      console.log(
        `\n${both} of ${rows.length} drivers are on both sides; each also as cryptd(...)`,
      );
    });
}

function algorithmRows(): Row[] {
  const machine = new Machine({ memory: 1 << 20 });
  const legacy = legacyInit(machine).registry.list();
  const converted = convertedInit(machine).registry.list();
  const drivers = new Map<string, CryptoAlg>();
  for (const alg of [...legacy, ...converted]) drivers.set(alg.driverName, alg);
  const has = (list: readonly CryptoAlg[], driver: string): boolean =>
    list.some(({ driverName }) => driverName === driver);
  return [...drivers.values()]
    .map((alg) => ({
      name: alg.name,
      driver: alg.driverName,
      type: typeName(alg),
      priority: alg.priority,
      blocksize: alg.blocksize,
      legacy: has(legacy, alg.driverName),
      converted: has(converted, alg.driverName),
    }))
    .sort((a, b) => (a.name === b.name ? b.priority - a.priority : a.name < b.name ? -1 : 1));
}

function typeName(alg: CryptoAlg): string {
  if (isType(alg, CRYPTO_ALG_TYPE_SKCIPHER)) return 'skcipher';
  if (isType(alg, CRYPTO_ALG_TYPE_AEAD)) return 'aead';
  return isType(alg, CRYPTO_ALG_TYPE_AHASH) ? 'ahash' : 'cipher';
}

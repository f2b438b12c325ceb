/**
 * Goal: a case that never ends is named, with its token, and the process ends.
 * Method: a process of its own that starts the watchdog and then loops for ever, once for each kind of
 * case; and a watchdog whose number moves, which must stay silent.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { CaseGenerator } from '../case/generate.ts';
import { tokenOf } from '../case/tokens.ts';
import { decodeToken } from './replay.ts';
import { Watchdog } from './watchdog.ts';

test('the token of a number is the case that the campaign runs', () => {
  const c = new CaseGenerator(['sha256']).at(4, 99);
  expect(decodeToken(tokenOf(4, 99, ['sha256']))).toEqual(c);
});

test('a number that moves is not reported', async () => {
  let reports = 0;
  const report = (): void => {
    reports++;
  };
  // What the watchdog does to its process; with a listener the process stays alive to say so.
  process.on('SIGTERM', report);
  const watchdog = new Watchdog(1, ['sha256'], 200);
  for (let i = 0; i < 20; i++) {
    watchdog.at(false, i);
    await setTimeout(30);
  }
  await watchdog.stop();
  process.off('SIGTERM', report);
  expect(reports).toBe(0);
});

/** A thread is started from compiled output only. */
const BUILT = new URL('../../dist/conformance/campaign/watchdog.js', import.meta.url);
const isMissing = !existsSync(BUILT);
const WHY = isMissing ? ' (skipped: not built)' : '';

test.skipIf(isMissing)(`an endless loop is named and ended${WHY}`, () => {
  const program = `
    import { Watchdog } from ${JSON.stringify(BUILT.href)};
    new Watchdog(7, ['sha256'], 400).at(true, 3);
    for (;;);
  `;
  const { status, signal, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', program],
    { encoding: 'utf8', timeout: 30_000 },
  );
  expect([status, signal]).toEqual([null, 'SIGTERM']);
  expect(stderr).toMatch(
    /random case 3 of seed 7 does not end\n {2}replay: sg2iter replay sg2iter2\./,
  );
});

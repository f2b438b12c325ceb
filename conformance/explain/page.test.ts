/**
 * Goal: the walk in a browser shows what the finding says, by keyboard alone, and anybody can read it.
 * Method: Debian's Chromium opens the page of a case that is right and of one with a spoilt byte, from
 * disk, in both widths; what is marked is compared with the divergence that was found without a page.
 */

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { programs } from '../campaign/canary-programs.ts';
import {
  accessibilityFaults,
  hasBrowser,
  openBrowser,
  openPage,
  overflow,
  WIDTHS,
} from '../page/testing.ts';
import { explainCase } from './explain.ts';
import { explainHtml } from './page.ts';
import { AD, explainFault, flip, GCM } from './testing.ts';

const WHY = hasBrowser ? '' : ' (skipped: no /usr/bin/chromium)';
const FAULTY = explainFault(flip('dst', AD + 60));
const FAULTY_PAGE = explainHtml(FAULTY, null);
const PROGRAM_PAGE = explainHtml(explainCase(programs().four), null);
const CLEAN = explainCase(GCM);
const CLEAN_PAGE = explainHtml(CLEAN, null);

let browser: Browser | null = null;
beforeAll(async () => {
  if (hasBrowser) browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
});

function launched(): Browser {
  if (browser === null) throw new Error('no browser');
  return browser;
}

test('a page is one file: nothing in it names another', () => {
  for (const page of [FAULTY_PAGE, CLEAN_PAGE]) {
    expect(page.replaceAll(/href="data:,"/g, '')).not.toMatch(/\b(?:src|href)=|@import|url\(/);
    expect(page).toContain("default-src 'none'");
    expect(Buffer.byteLength(page)).toBeLessThan(1 << 20);
  }
});

test.skipIf(!hasBrowser)(`the key d goes to the byte of the finding${WHY}`, async () => {
  const { page, complaints } = await openPage(launched(), FAULTY_PAGE, WIDTHS[0]);
  expect(await page.locator('.piece i.wrong').count()).toBe(0);
  await page.keyboard.press('d');
  const marked = page.locator('.piece i.wrong');
  expect(await marked.count()).toBe(1);
  expect(Number(await marked.getAttribute('data-at'))).toBe(FAULTY.divergence?.at);
  const writes = page.locator('[data-side="1"] .piece i.writes');
  expect(Number(await writes.getAttribute('data-at'))).toBe(FAULTY.divergence?.at);
  expect(await page.locator('[data-side="1"] [aria-current]').textContent()).toContain(
    'first divergence',
  );
  // One step back it is not yet wrong, one step on it still is.
  await page.keyboard.press('ArrowLeft');
  expect(await marked.count()).toBe(0);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('End');
  expect(await marked.count()).toBe(1);
  expect(complaints).toEqual([]);
  await page.close();
});

test.skipIf(!hasBrowser)(
  `stepping shows each step once, in order, on both sides${WHY}`,
  async () => {
    const { page, complaints } = await openPage(launched(), CLEAN_PAGE, WIDTHS[0]);
    const walked = await page.evaluate(`(() => {
    const seen = [new Set(), new Set()];
    const step = document.getElementById('step');
    for (let left = 10000; left > 0; left--) {
      document.querySelectorAll('[aria-current]').forEach((item) =>
        seen[item.id[1]].add(Number(item.id.split('-')[1])));
      if (step.disabled) break;
      step.click();
    }
    return seen.map((set) => [...set]);
  })()`);
    const wanted = CLEAN.sides
      .slice(0, 2)
      .map(({ steps }) =>
        steps.flatMap(({ phase }, i) => (phase === 'setup' || phase === 'end' ? [] : [i])),
      );
    expect(walked).toEqual(wanted);
    expect(await page.locator('#jump').count()).toBe(0);
    await page.keyboard.press('Home');
    expect(await page.locator('#count').textContent()).toMatch(/^1 of /);
    expect(await page.locator('#back').isDisabled()).toBe(true);
    expect(complaints).toEqual([]);
    await page.close();
  },
);

test.skipIf(!hasBrowser).for([
  [WIDTHS[0], 'light', 'one request', FAULTY_PAGE],
  [WIDTHS[1], 'dark', 'one request', FAULTY_PAGE],
  [WIDTHS[1], 'light', 'a program', PROGRAM_PAGE],
] as const)(
  `nothing is cut off or unreadable at %d pixels, %s, %s${WHY}`,
  async ([width, scheme, _name, html]) => {
    const { page, complaints } = await openPage(launched(), html, width, scheme);
    await page.keyboard.press(html === FAULTY_PAGE ? 'd' : 'End');
    expect(await overflow(page)).toBe(0);
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.close();
  },
);

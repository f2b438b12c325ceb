/**
 * Goal: the gallery has a page for each template that both sides have, and each shows a case that ends well.
 * Method: all templates are walked; pages and index are opened in Debian's Chromium.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { writePages } from '../commands/page-file.ts';
import { accessibilityFaults, hasBrowser, openBrowser, overflow, WIDTHS } from '../page/testing.ts';
import { exhibitOf, galleryFiles, galleryTemplates } from './gallery.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'sg2iter-gallery-'));
afterAll(() => rmSync(FOLDER, { recursive: true }));
const WHY = hasBrowser ? '' : ' (skipped: no /usr/bin/chromium)';
const TEMPLATES = galleryTemplates();
const EXHIBITS = TEMPLATES.map((template) => exhibitOf(template));
const SHOWN = EXHIBITS.filter((exhibit) => exhibit !== null);
const FILES = galleryFiles(SHOWN);

test('every template of both sides has a case that ends well, on both, step by step', () => {
  expect(TEMPLATES.length).toBeGreaterThanOrEqual(35);
  expect(TEMPLATES).toEqual(expect.arrayContaining(['gcm', 'cryptd', 'pkcs1pad', 'xts']));
  expect(TEMPLATES.filter((_, i) => EXHIBITS[i] === null)).toEqual([]);
  for (const { template, driver, explanation } of SHOWN) {
    expect(driver).toMatch(new RegExp(`^${template}(_base)?\\(`));
    const [legacy, converted] = explanation.sides;
    expect([legacy.name, converted.name]).toEqual(['legacy', 'converted']);
    for (const { steps } of [legacy, converted]) {
      const own = steps.filter(({ phase }) => phase === 'operation');
      // At least the request, an access and the answer.
      expect(own.length).toBeGreaterThan(3);
    }
  }
});

test('pages link to each other and nowhere else, and all of them stay below 2 MiB', () => {
  const names = new Set(FILES.map(({ name }) => name));
  expect(names.size).toBe(TEMPLATES.length + 1);
  for (const { page } of FILES) {
    const links = [...page.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, link]) => link);
    expect(links.filter((link) => link !== 'data:,' && !names.has(link))).toEqual([]);
    expect(links.length).toBeGreaterThan(1);
  }
  expect(FILES.reduce((sum, { page }) => sum + Buffer.byteLength(page), 0)).toBeLessThan(2 << 20);
});

test.skipIf(!hasBrowser)(
  `the index leads to a page that can be stepped through${WHY}`,
  async () => {
    writePages(FOLDER, FILES);
    expect(readdirSync(FOLDER)).toHaveLength(FILES.length);
    expect(readFileSync(join(FOLDER, 'index.html'), 'utf8')).toBe(FILES[0].page);
    const browser = await openBrowser();
    const page = await browser.newPage({ viewport: { width: WIDTHS[1], height: 900 } });
    const errors: string[] = [];
    page.on('pageerror', ({ message }) => errors.push(message));
    await page.goto(pathToFileURL(join(FOLDER, 'index.html')).href);
    expect(await page.locator('tbody tr').count()).toBe(TEMPLATES.length);
    expect([await overflow(page), await accessibilityFaults(page)]).toEqual([0, []]);
    await page.getByRole('link', { name: 'gcm', exact: true }).click();
    expect(await page.locator('h2').first().textContent()).toContain('scatterlist');
    await page.keyboard.press('End');
    expect(await page.locator('#count').textContent()).toMatch(/^(\d+) of \1$/);
    expect([await overflow(page), errors]).toEqual([0, []]);
    await browser.close();
  },
);

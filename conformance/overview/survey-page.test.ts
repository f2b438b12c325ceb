/**
 * Goal: a survey has one page, whoever makes it: it says what the census says, leads to every line, and
 * nothing from a tree becomes markup.
 * Method: the fixture tree, once through `survey --html` and once through `report`; opened in a browser.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  accessibilityFaults,
  hasBrowser,
  openBrowser,
  openPage,
  overflow,
  WIDTHS,
} from '../page/testing.ts';
import type { Census } from '../survey/census.ts';
import { FIXTURE_TREE, surveyQuietly } from '../survey/fixtures/copy.ts';
import { reportHtml } from './html.ts';
import type { Listing, Section } from './model.ts';
import { readReport } from './read.ts';
import { surveyPage } from './read-survey.ts';
import { treemapSvg } from './treemap-svg.ts';

const WHY = hasBrowser ? '' : ' (skipped: no /usr/bin/chromium)';
const SOURCE = 'https://example.org/src/';
const FOLDER = mkdtempSync(join(tmpdir(), 'sg2iter-survey-page-'));

let census: Census;
let browser: Browser | null = null;
beforeAll(async () => {
  census = await surveyQuietly(FIXTURE_TREE);
  if (hasBrowser) browser = await openBrowser();
});
afterAll(async () => {
  rmSync(FOLDER, { recursive: true });
  await browser?.close();
});

/** The section of `report` over the JSON of a census. */
function reported(value: Census): Section {
  const file = join(FOLDER, 'census.json');
  writeFileSync(file, JSON.stringify(value));
  const [section] = readReport([file]);
  return section;
}

function listing({ blocks }: Section, title: string): Listing {
  const found = blocks.find((block) => block.title === title);
  if (found?.kind !== 'listing') throw new Error(`no listing ${title}`);
  return found;
}

/** The markup of the last section, without the line that says where it is from. */
function sectionOf(html: string): string {
  const [, last = ''] = /.*(<h2 id=[\s\S]*?)<\/section>/.exec(html) ?? [];
  return last.replace(/<p class="dim">[^<]*<\/p>/, '');
}

test('survey --html and report make the same section of the same census', () => {
  const own = surveyPage(census, []);
  const other = reportHtml([reported(census)], 'x');
  expect(sectionOf(own).length).toBeGreaterThan(10_000);
  expect(sectionOf(own)).toBe(sectionOf(other));
});

test('what is left over older trees stands before the tree', () => {
  const html = surveyPage(census, [{ ...census, tree: { ...census.tree, version: '5.0' } }]);
  expect(html).toContain('Trend of survey');
  expect(html).toContain('Survey: Linux 5.0 (Linux 5.0)');
  expect(html.match(/<section /g)).toHaveLength(2);
  expect(surveyPage(census, [])).not.toContain('Trend of survey');
});

test('of several surveys in one report only the last one lists its files', () => {
  const file = join(FOLDER, 'twice.json');
  writeFileSync(file, JSON.stringify(census));
  const [trend, older, newer] = readReport([file, file]);
  expect(trend.blocks.map(({ title }) => title)).toEqual([
    'sites left',
    'hours left',
    'files left',
  ]);
  expect(older.facts).toEqual(newer.facts);
  const kinds = ({ blocks }: Section): string[] => blocks.map(({ kind }) => kind);
  expect(kinds(newer)).toEqual(expect.arrayContaining(['listing', 'treemap']));
  expect(kinds(older)).toEqual(kinds(newer).filter((kind) => !/listing|treemap/.test(kind)));
});

test('every hazard leads to its line from the row of its rule, and every file has a row', () => {
  const html = surveyPage(census, [], SOURCE);
  const links = [...html.matchAll(/href="https:\/\/example\.org\/src\/([^"#]+)#L(\d+)">([^<]+)</g)];
  const places = links.filter(([, path, line, text]) => text === `${path}:${line}`);
  expect(places.map(([, path, line]) => `${path}:${line}`).sort()).toEqual(
    census.hazards.map((h) => `${h.path}:${h.line}`).sort(),
  );
  const section = reported(census);
  expect(
    listing(section, 'Hazards')
      .rows.map(({ label }) => label)
      .sort(),
  ).toEqual([...new Set(census.hazards.map((h) => h.flag))].sort());
  const files = census.files.filter((file) => file.touches);
  expect(files.length).toBe(census.totals.files);
  expect(
    listing(section, 'Files')
      .rows.map(({ label }) => label)
      .sort(),
  ).toEqual(files.map(({ path }) => path).sort());
  for (const { path } of files) expect(html).toContain(`id="s0-${path}"`);
});

test('the map has a tile for each file that takes hours, and each leads to its row', () => {
  const map = reported(census).blocks.find((block) => block.kind === 'treemap');
  if (map?.kind !== 'treemap') throw new Error('no map');
  for (const measure of [0, 1]) {
    const svg = treemapSvg(map, { measure, width: 1200, height: 600, prefix: 's0-' });
    const paths = [...svg.matchAll(/href="#s0-([^"]+)"/g)].map(([, path]) =>
      decodeURIComponent(path),
    );
    const sized = census.files.filter((f) => f.touches && (measure === 0 ? f.hours : f.sites) > 0);
    expect(paths.sort()).toEqual(sized.map(({ path }) => path).sort());
    expect((svg.match(/<(rect|text|a|title|svg)[ >]/g) ?? []).length).toBe(
      (svg.match(/<\/(rect|text|a|title|svg)>/g) ?? []).length,
    );
  }
});

test('text from a tree cannot become markup', () => {
  const evil = '</script><img src=x onerror="1">\ud800';
  const files = census.files.map((file) => ({ ...file, path: evil, maintainers: [evil] }));
  const hazards = census.hazards.map((hazard) => ({ ...hazard, path: evil, what: evil }));
  const tree = { ...census.tree, version: evil };
  const html = surveyPage({ ...census, tree, files, hazards, limits: [evil] }, []);
  expect(html).not.toContain('<img');
  expect(html).toContain('&lt;/script&gt;');
  const map = reported({ ...census, files }).blocks.find((block) => block.kind === 'treemap');
  if (map?.kind !== 'treemap') throw new Error('no map');
  const svg = treemapSvg(map, { measure: 0, width: 1200, height: 600, prefix: 's0-' });
  expect(svg).not.toContain('<img');
});

test.skipIf(!hasBrowser).for([
  [WIDTHS[0], 'dark'],
  [WIDTHS[1], 'light'],
] as const)(
  `the page is searched, chosen from, sorted and drawn at %d pixels, %s${WHY}`,
  async ([width, scheme]) => {
    if (browser === null) throw new Error('no browser');
    const { page, complaints } = await openPage(browser, surveyPage(census, []), width, scheme);
    const files = page.locator('.listing').nth(1);
    const rows = files.locator('tbody tr:visible');
    const all = census.totals.files;
    expect(await rows.count()).toBe(all);
    await files.locator('input').fill('crypto/wrap.c');
    expect(await rows.count()).toBe(1);
    expect(await files.locator('.shown').textContent()).toBe(`1 of ${all} rows`);
    await files.locator('input').fill('');
    await files.locator('[data-column="3"]').selectOption('7');
    expect(await rows.count()).toBe(census.files.filter(({ wave }) => wave === 7).length);
    await files.locator('[data-column="3"]').selectOption('');
    await files.locator('th button', { hasText: 'sites' }).click();
    const sites = (await rows.locator('td.n:nth-child(6)').allTextContents()).map(Number);
    expect(sites).toEqual([...sites].sort((a, b) => b - a));
    const tiles = page.locator('.map a');
    const byHours = await tiles.first().locator('rect').getAttribute('width');
    await page.locator('select[name=measure]').selectOption('1');
    expect(await tiles.first().locator('rect').getAttribute('width')).not.toBe(byHours);
    await page.locator('select[name=colouring]').selectOption('1');
    expect(await page.locator('.legend:visible').getAttribute('data-colouring')).toBe('1');
    await tiles.first().click();
    expect(await files.locator('details[open]').count()).toBe(1);
    const link = files.locator('details[open] a').first();
    expect(await link.getAttribute('href')).toMatch(/^https:\/\/elixir\.[^#]+\.c#L1$/);
    expect(await overflow(page)).toBe(0);
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.close();
  },
);

/**
 * Goal: every output says what the census says, is well-formed, and needs nothing from outside.
 * Method: render the fixture tree and look at the text as its reader would.
 */
import { beforeAll, expect, test } from 'vitest';
import type { Census } from '../census.ts';
import { burnDownRows } from '../compare/burn-down.ts';
import { FIXTURE_TREE, surveyQuietly } from '../fixtures/copy.ts';
import { parsePlace, renderExplanation } from './explain.ts';
import { renderHtml } from './html.ts';
import { renderListing } from './listing.ts';
import { renderPlan } from './plan.ts';
import { renderSarif } from './sarif.ts';
import { renderSummary } from './summary.ts';
import { formatNumber, hoursRange, renderTable } from './table.ts';

let census: Census;

beforeAll(async () => {
  census = await surveyQuietly(FIXTURE_TREE);
});

test('tables align numbers right and text left', () => {
  expect(
    renderTable(
      ['name', 'n'],
      [
        ['a', 1234],
        ['long name', 5],
      ],
    ),
  ).toBe('name           n\na          1,234\nlong name      5');
  expect(renderTable(['only', 'head'], [])).toBe('only  head');
  expect(formatNumber(1234.56)).toBe('1,234.6');
  expect([hoursRange(0.8), hoursRange(21)]).toEqual(['0.4-1.6', '11-42']);
});

test('the summary answers both sentences with the numbers of the tree', () => {
  const text = renderSummary(census);
  expect(text).toContain(`${census.totals.files} files`);
  expect(text).toContain('not all of it in C"');
  expect(text).toContain('1 of 4 go on while a request is in flight');
  expect(text).toContain('4 of 7 list-taking algorithms are async (3 without the flag)');
  expect(text).toMatch(/SG001 +chain +1 +1 +crypto\/wrap\.c:\d+/);
  for (const limit of census.limits) expect(text).toContain(limit);
});

test('the page is one file: no request leaves it', () => {
  const html = renderHtml(census, { sourceUrl: 'https://example.org/src/', history: [] });
  expect(html).not.toMatch(/<(?:script|img|link|iframe)[^>]+(?:src|href)=/);
  expect(html).not.toMatch(/url\(|@import|fetch\(|XMLHttpRequest/);
  expect(html).not.toContain('Burn-down');
  expect(html).toContain('href="https://example.org/src/crypto/wrap.c#L1"');
});

test('the page has one row and four tiles per file that takes hours and sites', () => {
  const html = renderHtml(census, { sourceUrl: '', history: [] });
  const rows = html.match(/<tr id="/g) ?? [];
  expect(rows).toHaveLength(census.totals.files);
  const tiles = html.match(/href="#crypto%2Fwrap.c"/g) ?? [];
  expect(tiles).toHaveLength(4);
  for (const tag of ['table', 'details', 'svg', 'div', 'dl', 'select'])
    expect((html.match(new RegExp(`<${tag}[ >]`, 'g')) ?? []).length, tag).toBe(
      (html.match(new RegExp(`</${tag}>`, 'g')) ?? []).length,
    );
});

test('every hazard links to its line from the row of its kind', () => {
  const html = renderHtml(census, { sourceUrl: 'https://example.org/src/', history: [] });
  const section = /<table class="hazards">([\s\S]*?)<\/table>/.exec(html)?.[1] ?? '';
  const links = [...section.matchAll(/<a href="https:\/\/example\.org\/src\/([^"#]+)#L(\d+)">/g)];
  expect(links.map(([, path, line]) => `${path}:${line}`).sort()).toEqual(
    census.hazards.map((h) => `${h.path}:${h.line}`).sort(),
  );
  const kinds = new Set(census.hazards.map((h) => h.flag));
  expect(section.match(/<tr>/g)).toHaveLength(kinds.size + 1);
});

test('text from the tree cannot become markup', () => {
  const maintainers = ['</script><img src=x onerror="1">'];
  const evil: Census = { ...census, files: census.files.map((f) => ({ ...f, maintainers })) };
  const html = renderHtml(evil, { sourceUrl: '', history: [] });
  expect(html).not.toContain('<img');
  expect(html).toContain('&lt;/script&gt;');
});

test('the burn-down is drawn from two trees on', () => {
  const history = burnDownRows([census, census]);
  expect(renderHtml(census, { sourceUrl: '', history })).toContain('<polyline');
});

test('the script of the page is valid JavaScript', () => {
  const html = renderHtml(census, { sourceUrl: '', history: [] });
  const script = /<script>([\s\S]*)<\/script>/.exec(html)?.[1] ?? '';
  expect(script.length).toBeGreaterThan(100);
  expect(() => new Function(script)).not.toThrow();
});

test('SARIF has a rule for every result and a fingerprint without a line', () => {
  const log = JSON.parse(renderSarif(census));
  const run = log.runs[0];
  expect(log.version).toBe('2.1.0');
  expect(run.results).toHaveLength(census.hazards.length);
  for (const result of run.results) {
    expect(run.tool.driver.rules[result.ruleIndex].id).toBe(result.ruleId);
    expect(result.partialFingerprints['sg2iter/v1']).toMatch(/^[0-9a-f]{16}$/);
    expect(result.locations[0].physicalLocation.artifactLocation.uriBaseId).toBe('SRCROOT');
  }
});

test('the plan lists every file with a wave exactly once', () => {
  const plan = renderPlan(census);
  for (const f of census.files.filter((f) => f.wave !== null))
    expect(plan.split(`| \`${f.path}\` |`).length - 1, f.path).toBe(1);
  expect(plan).toContain('## Wave 7: drivers');
  expect(plan).toMatch(/\| SP3 \| .* \| 1 \/ 1 \| high \|/);
});

test('the listing groups files by who has to acknowledge them', () => {
  const text = renderListing(census);
  expect(text).toMatch(/ACME CRYPTO ENGINE \(2\):\n {6}A Person <a@example.org>\n/);
  expect(text).toContain('drivers/crypto/acme/acme-cipher.c: 7 sites');
});

test('an explanation shows evidence, terms, mapping and hazard of one place', () => {
  const line = census.sites.find((s) => s.name === 'sg_chain')?.line;
  const text = renderExplanation(census, parsePlace(`crypto/wrap.c:${line}`));
  expect(text).toContain('template, walks, inherited, wave 3');
  expect(text).toContain('sg_chain(ctx->tail, 2, req->src)');
  expect(text).toContain('SG001 chain (high)');
  expect(text).toContain('chain: no counterpart');
  expect(text).not.toContain('scatterwalk_map_and_copy(');
  expect(renderExplanation(census, parsePlace('crypto/wrap.c'))).toContain(
    'scatterwalk_map_and_copy(',
  );
});

test('an explanation shows why a caller counts as synchronous', () => {
  const text = renderExplanation(census, parsePlace('net/demo/sync.c'));
  expect(text).toMatch(/callback +NULL +:9 +sync_run/);
  expect(text).toMatch(/on-stack +SYNC_SKCIPHER_REQUEST_ON_STACK +:4 +sync_run/);
});

test('an explanation of nothing is refused', () => {
  expect(() => renderExplanation(census, parsePlace('fs/none.c'))).toThrow(/not in the scope/);
  expect(() => renderExplanation(census, parsePlace('crypto/wrap.c:1'))).toThrow(/no site/);
  expect(() => parsePlace('f.c:x')).toThrow("--explain f.c:x: line 'x' is no number");
});

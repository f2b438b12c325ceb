/**
 * Goal: every output says what the census says, is well-formed, and needs nothing from outside.
 * Method: render the fixture tree and look at the text as its reader would.
 */
import { beforeAll, expect, test } from 'vitest';
import type { Census } from '../census.ts';
import { FIXTURE_TREE, surveyQuietly } from '../fixtures/copy.ts';
import { hoursRange } from '../groups.ts';
import { parsePlace, renderExplanation } from './explain.ts';
import { renderListing } from './listing.ts';
import { renderPlan } from './plan.ts';
import { renderSarif } from './sarif.ts';
import { renderSummary } from './summary.ts';
import { formatNumber, renderTable } from './table.ts';

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

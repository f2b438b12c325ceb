/**
 * The result of `survey --json` as a section, and the page that `survey` makes of it without the detour.
 * @module
 */
import type { Census } from '../survey/census.ts';
import { checkCensus } from '../survey/census-schema.ts';
import { headline, onlineSource } from '../survey/figures.ts';
import { reportHtml } from './html.ts';
import { fact, type Section } from './model.ts';
import type { Reader } from './reader.ts';
import { surveyBlocks } from './survey-blocks.ts';
import { trendSection } from './trend.ts';

/** Reads results of `survey`. */
export const surveyReader: Reader = {
  command: 'survey',
  knows: (value) =>
    typeof value === 'object' &&
    value !== null &&
    ['tree', 'files', 'hazards'].every((field) => field in value),
  read: (value, source) => {
    const checked = checkCensus(value);
    return 'field' in checked ? checked : [surveySection(checked, source, onlineSource(checked))];
  },
  // The lists of files of two trees would be more than a page should have.
  brief: (section) => ({
    ...section,
    blocks: section.blocks.filter(({ kind }) => kind !== 'listing' && kind !== 'treemap'),
  }),
};

/** A page about one tree, after older ones: what is left over all of them, then the tree. */
export function surveyPage(
  census: Census,
  older: readonly Census[],
  sourceUrl: string = onlineSource(census),
): string {
  const all = [...older, census].map((one) =>
    surveySection(one, `Linux ${one.tree.version}`, sourceUrl),
  );
  const title = `Scatterlists in the crypto API of Linux ${census.tree.version}`;
  const trend = older.length === 0 ? [] : [trendSection('survey', all)];
  return reportHtml([...trend, ...all.slice(-1)], title);
}

function surveySection(census: Census, source: string, sourceUrl: string): Section {
  const { sites, hours, files } = census.totals;
  return {
    title: `Survey: Linux ${census.tree.version}`,
    source,
    facts: headline(census).map(([label, value]) => fact(label, value)),
    blocks: surveyBlocks(census, sourceUrl),
    figures: { 'sites left': sites, 'hours left': hours, 'files left': files },
  };
}

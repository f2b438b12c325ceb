/** The documents that a survey writes: which were asked for, where they go, what is in them. */
import { join, resolve } from 'node:path';
import { UsageError } from '../terminal/exit.ts';
import type { Census } from './census.ts';
import { readCensus } from './census-schema.ts';
import { parsePlace, renderExplanation } from './output/explain.ts';
import { renderListing } from './output/listing.ts';
import { renderPlan } from './output/plan.ts';
import { renderSarif } from './output/sarif.ts';
import type { Target } from './output/targets.ts';

/** What `survey <tree>` was asked for. */
export interface SurveyOptions {
  readonly json?: boolean;
  readonly sarif?: string;
  readonly html?: string;
  readonly plan?: string;
  readonly out?: string;
  readonly explain?: string;
  readonly history?: string[];
  readonly sourceUrl?: string;
  readonly selfCheck?: boolean;
}

/**
 * Makes the page of a census, after older ones, oldest first. Links to source lines begin with `sourceUrl`,
 * or lead to where the tree is online.
 */
export type PageOf = (
  census: Census,
  older: readonly Census[],
  sourceUrl: string | undefined,
) => string;

/** One document; the path `-` is stdout. */
export interface Document extends Target {
  readonly render: (census: Census) => string;
}

/**
 * The documents that the options ask for.
 * @throws UsageError when two of them want the same place, or an option is wrong.
 */
export function documentsOf(options: SurveyOptions, pageOf: PageOf): Document[] {
  const documents = listDocuments(options, pageOf);
  refuseContradictions(options, documents);
  return documents;
}

function listDocuments(options: SurveyOptions, pageOf: PageOf): Document[] {
  const { json, explain, sarif, html, plan, out, sourceUrl } = options;
  if (sourceUrl !== undefined && !/^https?:\/\//.test(sourceUrl))
    throw new UsageError(`--source-url ${sourceUrl}: begins with neither https:// nor http://`);
  const older = (options.history ?? []).map(readCensus);
  const page = (census: Census): string => pageOf(census, older, sourceUrl);
  const documents: Document[] = [];
  const add = (option: string, path: string | undefined, render: Document['render']): void => {
    if (path !== undefined) documents.push({ option, path, render });
  };
  add('--json', json === true ? '-' : undefined, renderJson);
  if (explain !== undefined) {
    const place = parsePlace(explain);
    add('--explain', '-', (census) => renderExplanation(census, place));
  }
  add('--sarif', sarif, renderSarif);
  add('--html', html, page);
  add('--plan', plan, renderPlan);
  if (out === undefined) return documents;
  add('--out', join(out, 'census.json'), renderJson);
  add('--out', join(out, 'index.html'), page);
  add('--out', join(out, 'plan.json'), renderPlanJson);
  add('--out', join(out, 'plan.md'), renderPlan);
  add('--out', join(out, 'survey.sarif'), renderSarif);
  add('--out', join(out, 'table.txt'), renderListing);
  return documents;
}

/** One place takes one document, and the self-check writes none but its own. */
function refuseContradictions(options: SurveyOptions, documents: readonly Document[]): void {
  const others = documents.filter((o) => o.option !== '--json').map((o) => o.option);
  if (options.selfCheck === true && others.length > 0)
    throw new UsageError(`--self-check, ${[...new Set(others)].join(', ')}: not both`);
  const takers = new Map<string, Document[]>();
  for (const document of documents) {
    const place = document.path === '-' ? '-' : resolve(document.path);
    takers.set(place, [...(takers.get(place) ?? []), document]);
  }
  for (const [place, several] of takers) {
    if (several.length < 2) continue;
    const names = several.map((o) => o.option);
    const where = place === '-' ? 'stdout' : place;
    throw new UsageError(`${names.join(', ')}: more than one document for ${where}`);
  }
}

function renderJson(census: Census): string {
  return `${JSON.stringify(census)}\n`;
}

function renderPlanJson(census: Census): string {
  const plan = census.files
    .filter((f) => f.wave !== null)
    .map(({ path, wave, hours, sites, blockedBy, patches, maintainers }) => ({
      path,
      wave,
      hours,
      sites,
      blockedBy,
      patches,
      maintainers,
    }));
  return `${JSON.stringify(plan, null, 1)}\n`;
}

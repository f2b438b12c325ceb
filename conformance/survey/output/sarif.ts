/** SARIF 2.1.0, hazards only, so that editors and CI can show them. */
import { ruleOf } from '../../judge/review-rules.ts';
import type { Census, CensusHazard } from '../census.ts';
import { HAZARDS, type HazardRule } from '../data/hazards.ts';

const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json';

/** The report as a SARIF log. */
export function renderSarif(census: Census): string {
  const index = new Map(HAZARDS.map((rule, i) => [rule.flag, i]));
  const log = {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: census.tool.name,
            version: census.tool.version,
            rules: HAZARDS.map((rule) => ({
              id: rule.id,
              name: rule.flag,
              shortDescription: { text: rule.text },
              ...helpOf(rule),
              defaultConfiguration: { level: rule.level },
            })),
          },
        },
        originalUriBaseIds: { SRCROOT: { description: { text: 'the kernel tree' } } },
        results: census.hazards.map((h) => resultOf(h, index.get(h.flag) ?? 0)),
      },
    ],
  };
  return `${JSON.stringify(log, null, 1)}\n`;
}

/** What reviewers say of it, with the sources. */
function helpOf({ review }: HazardRule): object {
  const rule = review === undefined ? null : ruleOf(review);
  return rule === null ? {} : { help: { text: [rule.says, ...rule.sources].join(' ') } };
}

function resultOf(hazard: CensusHazard, ruleIndex: number): object {
  const rule = HAZARDS[ruleIndex];
  return {
    ruleId: rule.id,
    ruleIndex,
    level: hazard.confidence === 'low' ? 'note' : rule.level,
    message: { text: `${rule.text}: ${hazard.what}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: hazard.path, uriBaseId: 'SRCROOT' },
          region: { startLine: hazard.line },
        },
        logicalLocations: [{ name: hazard.fn, kind: 'function' }],
      },
    ],
    partialFingerprints: { 'sg2iter/v1': hazard.id },
    properties: { confidence: hazard.confidence },
  };
}

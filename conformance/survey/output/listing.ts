/** One line per file in the style of `git shortlog`, grouped by who has to acknowledge it. */
import type { Census, CensusFile } from '../census.ts';
import { hoursRange, touchingFiles } from '../groups.ts';

/** The plain text table, for a mailing list. */
export function renderListing(census: Census): string {
  const bySection = new Map<string, CensusFile[]>();
  for (const file of touchingFiles(census)) {
    const title = file.maintainers[0] ?? '(no section)';
    bySection.set(title, [...(bySection.get(title) ?? []), file]);
  }
  const people = new Map(census.sections.map((s) => [s.title, [...s.people, ...s.lists]]));
  const blocks = [...bySection]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([title, files]) => {
      const sorted = [...files].sort((a, b) => b.hours - a.hours);
      const lines = sorted.map(
        (f) =>
          `      ${f.path}: ${f.sites} sites, ${hoursRange(f.hours)} h, ${f.handling}, wave ${f.wave}`,
      );
      const who = (people.get(title) ?? []).map((p) => `      ${p}`);
      return [`${title} (${files.length}):`, ...who, ...lines].join('\n');
    });
  return `Linux ${census.tree.version}: files that hand scatterlists to crypto\n\n${blocks.join('\n\n')}\n`;
}

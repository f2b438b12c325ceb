/**
 * Figures that several results of one command have, one after the other.
 * @module
 */
import { fact, type Section, type Trend } from './model.ts';

/** The section that stands before those of the results. */
export function trendSection(command: string, sections: readonly Section[]): Section {
  const names = [...new Set(sections.flatMap(({ figures }) => Object.keys(figures)))];
  const blocks = names.flatMap((name): Trend[] => {
    const points = sections.flatMap(({ figures, title, source }) =>
      name in figures ? [{ label: `${title} (${source})`, value: figures[name] }] : [],
    );
    return points.length < 2 ? [] : [{ kind: 'trend', title: name, points }];
  });
  return {
    title: `Trend of ${command}`,
    source: `${sections.length} results, in the order in which they were given`,
    facts: [fact('results', sections.length)],
    blocks,
    figures: {},
  };
}

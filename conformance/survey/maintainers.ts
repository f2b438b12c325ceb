/** The MAINTAINERS file: which sections name a path. Content patterns (`K:`) are not evaluated. */
import type { Section } from './census.ts';

interface Pattern {
  readonly regex: RegExp;
  /** Components of the pattern: the deepest match is the most specific one. */
  readonly depth: number;
}

interface ParsedSection extends Section {
  readonly includes: readonly Pattern[];
  readonly excludes: readonly Pattern[];
}

/** A parsed MAINTAINERS file. */
export interface Maintainers {
  readonly sections: readonly ParsedSection[];
}

function patternOf(glob: string): Pattern {
  const escaped = glob.replace(/[.+^${}()|\\]/g, '\\$&');
  const body = escaped.replace(/\*/g, '[^/]*').replace(/\?/g, '[^/]');
  // `dir/` covers everything below; any other pattern covers exactly its own depth.
  const regex = new RegExp(glob.endsWith('/') ? `^${body}` : `^${body}(?:/|$)`);
  return { regex, depth: glob.split('/').filter((part) => part !== '').length };
}

/** Parses the text of a MAINTAINERS file. */
export function parseMaintainers(text: string): Maintainers {
  const sections: ParsedSection[] = [];
  for (const block of text.split(/\n\s*\n/)) {
    const lines = block.split('\n').filter((line) => line.trim() !== '');
    const start = lines.findIndex(
      (line, i) => /^[A-Z]:\s/.test(lines[i + 1] ?? '') && !/^[A-Z]:\s/.test(line),
    );
    if (start === -1) continue;
    const fields = (key: string): string[] =>
      lines.flatMap((line) => (line.startsWith(`${key}:`) ? [line.slice(2).trim()] : []));
    const names = fields('N').map((n) => ({ regex: new RegExp(n), depth: 0 }));
    sections.push({
      title: lines[start].trim(),
      status: fields('S')[0] ?? '',
      people: fields('M'),
      lists: fields('L'),
      includes: [...fields('F').map(patternOf), ...names],
      excludes: fields('X').map(patternOf),
    });
  }
  return { sections };
}

/** Titles of the sections that name `path`, the most specific first, without THE REST. */
export function sectionsOf(maintainers: Maintainers, path: string): string[] {
  const found: { title: string; depth: number }[] = [];
  for (const section of maintainers.sections) {
    if (section.title === 'THE REST' || section.excludes.some((p) => p.regex.test(path))) continue;
    const depths = section.includes.filter((p) => p.regex.test(path)).map((p) => p.depth);
    if (depths.length > 0) found.push({ title: section.title, depth: Math.max(...depths) });
  }
  return found.sort((a, b) => b.depth - a.depth).map((f) => f.title);
}

/** The named sections as they go into the report. */
export function reportSections(maintainers: Maintainers, titles: ReadonlySet<string>): Section[] {
  return maintainers.sections
    .filter((s) => titles.has(s.title))
    .map(({ title, status, people, lists }) => ({ title, status, people, lists }));
}

/**
 * The steps of both sides next to each other: what they do alike stands in one row.
 * @module
 */
import type { SideTrace } from './divergence.ts';
import type { Frame } from './frames.ts';
import type { Step, Touch } from './step.ts';

/** A line of one side: a call, or a step in it. */
interface Line {
  /** Equal for what is the same on both sides. */
  readonly key: string;
  readonly depth: number;
  readonly text: string;
  /** Index of the step that it belongs to: for a call the first one inside. */
  readonly step: number;
  readonly isCall: boolean;
}

/** One row: a line of each side, or of one of them. */
export interface Row {
  readonly left: Line | null;
  readonly right: Line | null;
}

/** Lines of a side that are still aligned with each other: the table has this number squared. */
const MOST_ALIGNED = 2000;

/** The rows of one or two sides. @param shown says which steps are. */
export function rowsOf(sides: readonly SideTrace[], shown: (step: Step) => boolean): Row[] {
  const [left = [], right = []] = sides.map(({ steps }) => linesOf(steps, shown));
  if (left.length > MOST_ALIGNED || right.length > MOST_ALIGNED) {
    const most = Math.max(left.length, right.length);
    return Array.from({ length: most }, (_, i) => ({
      left: left[i] ?? null,
      right: right[i] ?? null,
    }));
  }
  return aligned(left, right);
}

function linesOf(steps: readonly Step[], shown: (step: Step) => boolean): Line[] {
  const lines: Line[] = [];
  let before: readonly Frame[] = [];
  steps.forEach((step, index) => {
    if (!shown(step)) return;
    const { api } = step.stack;
    const common = commonCalls(before, api);
    for (let depth = common; depth < api.length; depth++) {
      const { fn } = api[depth];
      lines.push({ key: `call ${fn}`, depth, text: `${fn}()`, step: index, isCall: true });
    }
    before = api;
    const depth = api.length;
    const [first, ...more] = stepText(step);
    const key = `${step.kind} ${step.read?.name} ${step.write?.name} ${step.words}`;
    lines.push({ key, depth, text: first, step: index, isCall: false });
    for (const text of more) {
      lines.push({ key: `${key} ${text}`, depth: depth + 1, text, step: index, isCall: false });
    }
  });
  return lines;
}

/** Calls that both are in: the same functions, each called from the same place. */
function commonCalls(a: readonly Frame[], b: readonly Frame[]): number {
  let common = 0;
  while (common < a.length && common < b.length && a[common].fn === b[common].fn) {
    common++;
    if (a[common - 1].line !== b[common - 1].line) break;
  }
  return common;
}

/** What a step does, in lines short enough for a column. */
export function stepText({ kind, read, write, words }: Step): readonly [string, ...string[]] {
  if (read !== null && write !== null) {
    if (read.name === write.name) return [`${kind} ${describe(write)} in place`];
    return [`${kind} ${describe(read)}`, `to ${describe(write)}`];
  }
  const touch = write ?? read;
  const tail = words === '' ? '' : ` ${words}`;
  return [touch === null ? `${kind}${tail}` : `${kind} ${describe(touch)}${tail}`];
}

function describe({ name, roles }: Touch): string {
  return roles === '' ? name : `${name} ${roles}`;
}

/** The longest common subsequence by keys; what is between is put side by side in no order. */
function aligned(left: readonly Line[], right: readonly Line[]): Row[] {
  const width = right.length + 1;
  const best = new Uint16Array((left.length + 1) * width);
  for (let i = left.length - 1; i >= 0; i--) {
    for (let k = right.length - 1; k >= 0; k--) {
      const down = best[(i + 1) * width + k];
      const along = best[i * width + k + 1];
      const both = left[i].key === right[k].key ? best[(i + 1) * width + k + 1] + 1 : 0;
      best[i * width + k] = Math.max(down, along, both);
    }
  }
  const rows: Row[] = [];
  let i = 0;
  let k = 0;
  while (i < left.length || k < right.length) {
    const here = best[i * width + k];
    const same = i < left.length && k < right.length && left[i].key === right[k].key;
    if (same && here === best[(i + 1) * width + k + 1] + 1) {
      rows.push({ left: left[i++], right: right[k++] });
    } else if (i < left.length && here === best[(i + 1) * width + k]) {
      rows.push({ left: left[i++], right: null });
    } else {
      rows.push({ left: null, right: right[k++] });
    }
  }
  return rows;
}

/**
 * An explanation for machines.
 * @module
 */
import type { SideTrace } from './divergence.ts';
import type { Explanation } from './explain.ts';
import type { Frame } from './frames.ts';
import type { Step, Touch } from './step.ts';

/** Version of the JSON output. */
const SCHEMA_VERSION = 1;

/** The object that `--json` prints. Frames stand once, in `frames`; stacks name them by index. */
export function explainJson({ trial, violations, sides, divergence }: Explanation): object {
  const frames = new FrameTable();
  const traces = sides.map((side) => sideJson(side, frames));
  return {
    schemaVersion: SCHEMA_VERSION,
    case: trial.c,
    violations,
    divergence:
      divergence === null
        ? null
        : {
            check: divergence.violation.check,
            side: divergence.side?.name ?? divergence.violation.subject,
            step: divergence.step,
            at: divergence.at < 0 ? null : divergence.side?.map.name(divergence.at, 1),
            words: divergence.words,
          },
    sides: traces,
    frames: frames.list,
  };
}

function sideJson({ name, steps, dropped, map }: SideTrace, frames: FrameTable): object {
  return { name, dropped, steps: steps.map((step) => stepJson(step, map.isProgram, frames)) };
}

function stepJson(
  { kind, phase, request, stack, read, write, bytes, words }: Step,
  isProgram: boolean,
  frames: FrameTable,
): object {
  return {
    kind,
    phase,
    // -1 where no request is told by it.
    ...(isProgram ? { request } : {}),
    stack: stack.api.map((frame) => frames.indexOf(frame)),
    ...(stack.kernel === null ? {} : { kernel: frames.indexOf(stack.kernel) }),
    ...(read === null ? {} : { read: touchJson(read) }),
    ...(write === null
      ? {}
      : { write: touchJson(write), bytes: Buffer.from(bytes).toString('hex') }),
    ...(words === '' ? {} : { words }),
  };
}

function touchJson({ len, name, roles }: Touch): object {
  return { name, len, ...(roles === '' ? {} : { roles }) };
}

/** Every frame once. */
class FrameTable {
  readonly list: Frame[] = [];
  private readonly known = new Map<Frame, number>();

  indexOf(frame: Frame): number {
    const index = this.known.get(frame) ?? this.list.push(frame) - 1;
    this.known.set(frame, index);
    return index;
  }
}

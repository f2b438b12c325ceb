/**
 * A running campaign as plain data: what whoever looks at it is told.
 * @module
 */
import { performance } from 'node:perf_hooks';
import type { Sight } from '../campaign/conform.ts';

/** How many values of one axis were drawn so far. */
export interface AxisFill {
  readonly axis: string;
  readonly drawn: number;
  readonly all: number;
  /** Values that no case had yet. */
  readonly missing: readonly string[];
}

/** A finding as it was met: it may become smaller until the run ends. */
interface LiveFinding {
  readonly signature: string;
  readonly summary: string;
  readonly token: string;
}

export interface Snapshot {
  readonly seed: number;
  readonly phase: string;
  readonly done: number;
  readonly all: number;
  /** Units of the phase a second, since it began. */
  readonly perSecond: number;
  /** Seconds since the run began. */
  readonly seconds: number;
  /** Random cases and trials of known answers. */
  readonly passed: number;
  readonly failed: number;
  readonly axes: readonly AxisFill[];
  readonly findings: readonly LiveFinding[];
  /** How the run ended; null while it goes on. */
  readonly ended: 'finished' | 'interrupted' | null;
}

/** Keeps what was last seen of a campaign. */
export class LiveCampaign {
  private readonly seed: number;
  private readonly now: () => number;
  private readonly from: number;
  private sight: Sight | null = null;
  private phase = '';
  private phaseFrom = 0;
  private phaseDone = 0;
  private ended: Snapshot['ended'] = null;

  /** @param now milliseconds from any moment */
  constructor(seed: number, now: () => number = () => performance.now()) {
    this.seed = seed;
    this.now = now;
    this.from = now();
  }

  see(sight: Sight): void {
    if (sight.phase !== this.phase) {
      this.phase = sight.phase;
      this.phaseFrom = this.now();
      this.phaseDone = sight.done;
    }
    this.sight = sight;
  }

  end(how: 'finished' | 'interrupted'): void {
    this.ended = how;
  }

  snapshot(): Snapshot {
    const { sight, seed, ended } = this;
    const seconds = (this.now() - this.from) / 1000;
    if (sight === null) {
      const nothing = { phase: 'self-check', done: 0, all: 0, perSecond: 0, passed: 0, failed: 0 };
      return { seed, ...nothing, seconds, axes: [], findings: [], ended };
    }
    const { phase, done, all, passed, failed } = sight;
    const inPhase = (this.now() - this.phaseFrom) / 1000;
    const perSecond = inPhase < 1 ? 0 : (done - this.phaseDone) / inPhase;
    const findings = sight.kinds().map(({ finding }) => ({
      signature: finding.signature,
      summary: finding.summary,
      token: finding.token,
    }));
    const counts = { phase, done, all, perSecond, seconds, passed, failed };
    return { seed, ...counts, axes: fillsOf(sight.axes), findings, ended };
  }
}

function fillsOf(hits: ReadonlyMap<string, number>): AxisFill[] {
  const fills = new Map<string, { drawn: number; all: number; missing: string[] }>();
  for (const [name, count] of hits) {
    const [axis, ...value] = name.split(': ');
    const fill = fills.get(axis) ?? { drawn: 0, all: 0, missing: [] };
    fill.all++;
    if (count > 0) fill.drawn++;
    else fill.missing.push(value.join(': ') || axis);
    fills.set(axis, fill);
  }
  return [...fills].map(([axis, fill]) => ({ axis, ...fill }));
}

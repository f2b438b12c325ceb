/**
 * A network of one's own on this machine, for the drill: every worker in a namespace behind a cable that
 * can be pulled, the server on this side of all of them. Needs Linux, root and `ip`.
 * @module
 */
import { spawnSync } from 'node:child_process';

const BRIDGE = 'sg2iter0';
const PREFIX = '10.231.7';

export class Network {
  /** Where the server listens. */
  readonly address: string = `${PREFIX}.1`;
  private readonly places: string[] = [];

  /** Why there can be none here; null when there can. */
  static obstacle(): string | null {
    if (process.platform !== 'linux') return 'not Linux';
    if (process.getuid?.() !== 0) return 'not root';
    const probe = `sg2iter-probe-${process.pid}`;
    if (spawnSync('ip', ['netns', 'add', probe]).status !== 0) return 'no network namespaces';
    spawnSync('ip', ['netns', 'del', probe]);
    return null;
  }

  constructor() {
    this.remove();
    ip('link', 'add', BRIDGE, 'type', 'bridge');
    ip('addr', 'add', `${this.address}/24`, 'dev', BRIDGE);
    ip('link', 'set', BRIDGE, 'up');
  }

  /** Adds a namespace. @returns what stands before a command that is to run in it */
  join(): readonly string[] {
    const number = this.places.length + 1;
    const place = `sg2iter-${number}`;
    const cable = cableOf(number);
    ip('netns', 'add', place);
    this.places.push(place);
    ip('link', 'add', cable, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', place);
    ip('link', 'set', cable, 'master', BRIDGE, 'up');
    ip('-n', place, 'addr', 'add', `${PREFIX}.${number + 1}/24`, 'dev', 'eth0');
    ip('-n', place, 'link', 'set', 'eth0', 'up');
    return ['ip', 'netns', 'exec', place];
  }

  /** Pulls the cable of a place, from 1: what is sent is lost, and nobody is told. */
  cut(number: number): void {
    ip('link', 'set', cableOf(number), 'nomaster');
  }

  mend(number: number): void {
    ip('link', 'set', cableOf(number), 'master', BRIDGE);
  }

  /** Takes everything away, also what a run before this one left. */
  remove(): void {
    const { stdout } = spawnSync('ip', ['netns', 'list'], { encoding: 'utf8' });
    const left = (stdout ?? '').split('\n').map((line) => line.split(' ')[0]);
    for (const place of left.filter((name) => /^sg2iter-\d+$/.test(name))) {
      spawnSync('ip', ['netns', 'del', place]);
    }
    spawnSync('ip', ['link', 'del', BRIDGE]);
  }
}

function cableOf(number: number): string {
  return `sg2iter-w${number}`;
}

/** @throws Error with what `ip` says */
function ip(...args: readonly string[]): void {
  const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr.trim()}`);
}

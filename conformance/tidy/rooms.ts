/**
 * Rooms: the folders of the design, each entered by its front files only.
 * @module
 */
import type { Import } from './sources.ts';

/**
 * Rooms that may only be entered by the files named here. A room that is not listed is a shelf: each of
 * its files is a front.
 */
export const FRONTS: Readonly<Record<string, readonly string[]>> = {
  'conformance/campaign': ['conform.ts', 'harness.ts', 'replay.ts', 'watchdog.ts'],
  'conformance/commands': ['main.ts'],
  'conformance/lifetimes': ['lifetimes.ts', 'representation.ts', 'rig.ts'],
  'conformance/linux': ['certify.ts'],
  'conformance/survey': ['command.ts'],
  'converted/front': ['index.ts', 'user-memory.ts'],
  'src/provider/noble': ['noble.ts'],
  'src/provider/openssl': ['openssl.ts'],
};

/**
 * The room of a file: its folder, two levels deep. What lies directly in a side is its core, but for the
 * roots that compose it; what lies directly in conformance is a room by itself.
 */
export function roomOf(path: string): string {
  const parts = path.split('/');
  if (parts.length > 2) return parts.slice(0, 2).join('/');
  const [folder, file] = parts;
  if (folder === 'src' || folder === 'bench') return folder;
  const own = folder === 'conformance' || /^(init|index)\.ts$/.test(file);
  return `${folder}/${own ? file.replace(/\.ts$/, '') : 'core'}`;
}

/** An import that enters a room by another file than its front; null when all is well. */
export function frontError({ from, to }: Import): string | null {
  const room = Object.keys(FRONTS).find((name) => to.startsWith(`${name}/`));
  if (room === undefined || from.startsWith(`${room}/`)) return null;
  return FRONTS[room].includes(to.slice(room.length + 1))
    ? null
    : `${from}: enters ${room} by ${to.slice(room.length + 1)}`;
}

/**
 * Packages of any Debian suite, from the archive that this machine's apt already uses. The state of
 * the system's apt stays as it is, root is not needed, and no archive is named here.
 * @module
 */
import { existsSync, readdirSync, realpathSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from '../../terminal/folders.ts';
import { EnvironmentError, runProgram } from './run-program.ts';

/** A private apt for one suite, below one folder. */
export interface Suite {
  readonly name: string;
  readonly options: readonly string[];
}

/** The address of the configured Debian archive that has a suite, or null. */
async function archiveOf(suite: string): Promise<string | null> {
  const label = suite.endsWith('-security') ? 'Debian-Security' : 'Debian';
  const filter = ['Created-By: Packages', 'Origin: Debian', `Label: ${label}`];
  const format = ['indextargets', '--format', '$(REPO_URI)'];
  const lines = (await runProgram('apt-get', [...format, ...filter])).split('\n').sort();
  return lines.find((line) => line !== '') ?? null;
}

/**
 * Opens a suite and fetches its lists once. `folder` is shared by several suites.
 * @throws EnvironmentError without apt, an archive, or a network.
 */
export async function openSuite(name: string, folder: string): Promise<Suite> {
  const own = join(folder, name);
  makeFolder(join(own, 'lists', 'partial'));
  makeFolder(join(own, 'cache', 'archives', 'partial'));
  const root = realpathSync(own);
  const suite: Suite = {
    name,
    options: [
      `APT::Sandbox::User=${userInfo().username}`,
      `Dir::Etc::sourcelist=${join(root, 'sources.list')}`,
      'Dir::Etc::sourceparts=-',
      `Dir::State::lists=${join(root, 'lists')}`,
      `Dir::Cache=${join(root, 'cache')}`,
      'Acquire::Languages=none',
    ].flatMap((option) => ['-o', option]),
  };
  const updated = join(root, 'updated');
  if (!existsSync(updated)) {
    const archive = await archiveOf(name);
    if (archive === null)
      throw new EnvironmentError(
        `apt has no archive of ${name} with fetched lists: run apt-get update on a Debian machine`,
      );
    writeFileSync(join(root, 'sources.list'), `deb ${archive} ${name} main\n`);
    await runProgram('apt-get', ['-qq', ...suite.options, 'update']);
    writeFileSync(updated, '');
  }
  return suite;
}

/** Opens those of some suites that this machine's apt has an archive of: security ones are optional. */
export async function openSuites(names: readonly string[], folder: string): Promise<Suite[]> {
  const suites: Suite[] = [];
  for (const name of names) {
    const optional = name.endsWith('-security') && (await archiveOf(name)) === null;
    if (!optional) suites.push(await openSuite(name, folder));
  }
  return suites;
}

/** Versions of a binary package in the suite, newest first; empty if it has none. */
export async function packageVersions(suite: Suite, name: string): Promise<string[]> {
  const table = await runProgram('apt-cache', [...suite.options, 'madison', name]);
  return table
    .split('\n')
    .filter((line) => line.endsWith(' Packages'))
    .map((line) => line.split('|')[1].trim());
}

/** Names of what a version of a package depends on, without alternatives. */
export async function dependencies(
  suite: Suite,
  name: string,
  version: string,
): Promise<readonly string[]> {
  const text = await runProgram('apt-cache', [...suite.options, 'show', `${name}=${version}`]);
  const list = /^Depends: (.*)$/m.exec(text)?.[1] ?? '';
  return list.split(', ').flatMap((one) => one.split(' ')[0] || []);
}

/** A version of a package and the suite that has it. */
export interface Offer {
  readonly suite: Suite;
  readonly version: string;
}

/** The newest version of a binary package in some suites, or null. */
export async function newestOffer(suites: readonly Suite[], name: string): Promise<Offer | null> {
  let newest: Offer | null = null;
  for (const suite of suites) {
    const [version] = await packageVersions(suite, name);
    if (version === undefined) continue;
    if (newest === null || (await isNewer(version, newest.version))) newest = { suite, version };
  }
  return newest;
}

/** Is version `a` newer than `b`, as dpkg orders them? */
async function isNewer(a: string, b: string): Promise<boolean> {
  const script = 'dpkg --compare-versions "$1" gt "$2" && echo newer || true';
  return (await runProgram('/bin/sh', ['-c', script, 'sh', a, b])).trim() === 'newer';
}

/** Downloads one package and unpacks its files below `target`. Nothing is installed. */
export async function unpackPackage(
  suite: Suite,
  name: string,
  version: string,
  target: string,
): Promise<void> {
  const folder = join(target, '..', `.download-${name}`);
  makeFolder(folder);
  const args = ['-qq', ...suite.options, 'download', `${name}=${version}`];
  await runProgram('apt-get', args, { cwd: folder });
  const file = readdirSync(folder).find((entry) => entry.endsWith('.deb'));
  if (file === undefined) throw new EnvironmentError(`${name} ${version}: nothing downloaded`);
  await runProgram('dpkg-deb', ['-x', join(folder, file), target]);
  await runProgram('rm', ['-rf', folder]);
}

/** Driver units: evidence of asynchrony belongs to a driver, not to one of its files. */

/** Files directly in `drivers/crypto` that share a prefix are one driver. */
const PREFIX = /^drivers\/crypto\/([a-z0-9]+)[-_.]/i;

/** Folders of vendors that hold one driver per subfolder. */
const VENDOR = /^drivers\/crypto\/((?:allwinner|cavium|hisilicon|marvell|intel)\/[^/]+)\//;

/** The unit of a driver file: a folder of `drivers/crypto`, or a prefix; `''` elsewhere. */
export function unitOf(path: string): string {
  const folder = VENDOR.exec(path) ?? /^drivers\/crypto\/([^/]+)\//.exec(path);
  return folder?.[1] ?? PREFIX.exec(path)?.[1] ?? '';
}

/** Where evidence is shared: the innermost folder, or the prefix family. */
export function evidenceUnitOf(path: string): string {
  const folder = path.slice(0, path.lastIndexOf('/'));
  return folder === 'drivers/crypto' ? `${folder}/${unitOf(path)}` : folder;
}

/** Scope and role of a file, by its path alone where that is enough. First match wins. */

/** What a file is to the crypto API. */
export type Role =
  | 'test'
  | 'api-header'
  | 'core'
  | 'uapi'
  | 'infra'
  | 'hw-driver'
  | 'sw-arch'
  | 'sw-lib'
  | 'consumer'
  | 'other'
  | 'template'
  | 'sw-generic';

/** Roles in the order of the tables. */
export const ROLES: readonly Role[] = [
  'hw-driver',
  'consumer',
  'template',
  'core',
  'sw-arch',
  'uapi',
  'test',
  'sw-generic',
  'api-header',
  'infra',
  'sw-lib',
  'other',
];

const PROVIDER =
  /^(?:crypto|lib\/crypto|arch\/[^/]+\/crypto|arch\/[^/]+\/lib\/crypto|drivers\/crypto|include\/crypto)\//;

const BY_PATH: readonly (readonly [RegExp, Role])[] = [
  [/^crypto\/(?:testmgr|tcrypt)\.[ch]$|selftest|\/tests?\/|^tools\//, 'test'],
  [/^include\/crypto\/|^include\/linux\/crypto\.h$/, 'api-header'],
  [
    /^crypto\/(?:scatterwalk|skcipher|lskcipher|ahash|shash|aead|acompress|scompress|akcipher|kpp|sig|algapi|api|hash)\.c$/,
    'core',
  ],
  [/^crypto\/(?:af_alg|algif_\w+)\.c$/, 'uapi'],
  [/^crypto\/(?:cryptd|crypto_engine|pcrypt|simd)\.c$/, 'infra'],
  [/^drivers\/crypto\/.*dmaengine/, 'other'],
  [/^drivers\/crypto\//, 'hw-driver'],
  [/^arch\/[^/]+\/(?:lib\/)?crypto\//, 'sw-arch'],
  [/^lib\/crypto\//, 'sw-lib'],
  [/^crypto\/(?:asymmetric_keys|krb5)\//, 'consumer'],
  [/^crypto\/async_tx\//, 'other'],
];

/** Whether every `.c` and `.h` of this path is in scope as a provider. */
export function isProvider(path: string): boolean {
  return PROVIDER.test(path) || path === 'include/linux/crypto.h';
}

/** Whether the path is searched as text for lists in assembly. */
export function isAssembly(path: string): boolean {
  return (
    (PROVIDER.test(path) && /\.(?:S|pl)$/.test(path)) ||
    /^arch\/[^/]+\/kernel\/asm-offsets[^/]*\.c$/.test(path)
  );
}

/** The role of a file in scope. `definesTemplate`: it defines a `struct crypto_template`. */
export function roleOf(path: string, definesTemplate: boolean): Role {
  const row = BY_PATH.find(([pattern]) => pattern.test(path));
  if (row !== undefined) return row[1];
  if (!/^crypto\//.test(path)) return 'consumer';
  return definesTemplate ? 'template' : 'sw-generic';
}

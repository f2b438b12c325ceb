/**
 * Zstandard by its own library, as WebAssembly: Node 20 has none in node:zlib. The package readies itself by
 * a promise, and a driver cannot wait; so the instance is made here, when it is first asked for something.
 * C: crypto/zstd.c (6.1)
 * @module
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { assert } from '../../assert.ts';
import { EINVAL, type Errno } from '../../errno.ts';

/** The two classes that are used of it: it is no part of the types of Node. */
declare const WebAssembly: {
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => object;
};

/** What the package has inside: the functions of the library, and the hooks of its loader. */
interface Library {
  readonly HEAPU8: Uint8Array;
  instantiateWasm(imports: object, ready: (instance: object) => unknown): unknown;
  init(): void;
  _malloc(size: number): number;
  _free(at: number): void;
  _ZSTD_isError(size: number): number;
  _ZSTD_compressBound(size: number): number;
  _ZSTD_compress(dst: number, room: number, src: number, size: number, level: number): number;
  _ZSTD_decompress(dst: number, room: number, src: number, size: number): number;
}

/** @kernel ZSTD_DEF_LEVEL */
const LEVEL = 3;

let instance: Library | null = null;

/** @returns -EINVAL when it takes more than `room` bytes. */
export function zstdCompress(bytes: Uint8Array, room: number): Uint8Array | Errno {
  const zstd = library();
  const bound = zstd._ZSTD_compressBound(bytes.length);
  const out = run(zstd, bytes, bound, (dst, src) =>
    zstd._ZSTD_compress(dst, bound, src, bytes.length, LEVEL),
  );
  return typeof out === 'number' || out.length <= room ? out : -EINVAL;
}

/**
 * Any number of frames, one behind the other. A window of 2 GiB and more is refused, as on 32-bit machines;
 * 64-bit ones refuse what is beyond that.
 * @returns -EINVAL for what is no frame, and for more than `room` bytes.
 */
export function zstdDecompress(bytes: Uint8Array, room: number): Uint8Array | Errno {
  const zstd = library();
  return run(zstd, bytes, room, (dst, src) => zstd._ZSTD_decompress(dst, room, src, bytes.length));
}

/** One call of the library: the message and the room for its result are in memory of its own. */
function run(
  zstd: Library,
  bytes: Uint8Array,
  room: number,
  call: (dst: number, src: number) => number,
): Uint8Array | Errno {
  const src = zstd._malloc(Math.max(bytes.length, 1));
  const dst = zstd._malloc(Math.max(room, 1));
  assert(src !== 0 && dst !== 0, 'memory of zstd');
  zstd.HEAPU8.set(bytes, src);
  const size = call(dst, src);
  // Not before: a call may let the memory grow, and the view of it is another one then.
  const out = zstd._ZSTD_isError(size) === 0 ? zstd.HEAPU8.slice(dst, dst + size) : -EINVAL;
  zstd._free(dst);
  zstd._free(src);
  return out;
}

function library(): Library {
  instance ??= load();
  return instance;
}

function load(): Library {
  const require = createRequire(import.meta.url);
  const folder = dirname(require.resolve('@bokuweb/zstd-wasm'));
  const { Module }: { readonly Module: Library } = require(join(folder, 'zstd.js'));
  const code = new WebAssembly.Module(readFileSync(join(folder, 'zstd.wasm')));
  Module.instantiateWasm = (imports, ready) => ready(new WebAssembly.Instance(code, imports));
  Module.init();
  return Module;
}

/**
 * Cuts a byte stream into whole blocks: the partial-block buffer of every hash that we write.
 * @module
 */

/** A partial block that waits for the rest of it. */
export interface BlockBuffer {
  readonly bytes: Uint8Array;
  fill: number;
}

export function blockBuffer(size: number): BlockBuffer {
  return { bytes: new Uint8Array(size), fill: 0 };
}

export function cloneBlockBuffer(from: BlockBuffer): BlockBuffer {
  return { bytes: from.bytes.slice(), fill: from.fill };
}

/**
 * Hands `input` behind the waiting bytes to `absorb`, in pieces of whole blocks; what is left waits.
 * `keepLast` keeps a complete last block waiting too, for MACs that treat it specially.
 */
export function feedBlocks(
  buffer: BlockBuffer,
  input: Uint8Array,
  keepLast: boolean,
  absorb: (blocks: Uint8Array) => void,
): void {
  const size = buffer.bytes.length;
  let off = 0;
  if (buffer.fill > 0) {
    off = Math.min(size - buffer.fill, input.length);
    buffer.bytes.set(input.subarray(0, off), buffer.fill);
    buffer.fill += off;
    if (buffer.fill < size || (keepLast && off === input.length)) return;
    absorb(buffer.bytes);
    buffer.fill = 0;
  }
  const left = input.length - off;
  const waits = keepLast && left > 0 && left % size === 0 ? size : left % size;
  const end = input.length - waits;
  if (end > off) absorb(input.subarray(off, end));
  buffer.bytes.set(input.subarray(end));
  buffer.fill = waits;
}

/**
 * A stream of LZO1X read as its description says, instruction by instruction; and what a decoder of 6.1 asks
 * for besides: at least three bytes behind all literals, and none behind the end.
 * Source: Documentation/staging/lzo.rst (6.1)
 * @module
 */

/** The bytes that have not been read. */
interface Rest {
  readonly take: () => number;
  readonly peek: (behind: number) => number | undefined;
  readonly left: () => number;
}

class Broken extends Error {}

/** @returns null for what is no stream, and for one of more than `room` bytes. */
export function unpackLzo(stream: Uint8Array, room: number): Uint8Array | null {
  try {
    return decode(stream, room);
  } catch (error) {
    if (error instanceof Broken) return null;
    throw error;
  }
}

function restOf(stream: Uint8Array): Rest {
  const bytes = [...stream];
  let at = 0;
  return {
    take: () => {
      if (at >= bytes.length) throw new Broken();
      return bytes[at++];
    },
    peek: (behind) => bytes[at + behind],
    left: () => bytes.length - at,
  };
}

function decode(stream: Uint8Array, room: number): Uint8Array {
  const out: number[] = [];
  const put = (byte: number): void => {
    if (out.length === room) throw new Broken();
    out.push(byte);
  };
  const marked = stream.length >= 5 && stream[0] === 17;
  const version = marked ? stream[1] : 0;
  const rest = restOf(stream.subarray(marked ? 2 : 0));
  const literals = (count: number): void => {
    if (rest.left() < count + 3) throw new Broken();
    for (let i = 0; i < count; i++) put(rest.take());
  };
  const copy = (distance: number, len: number): void => {
    if (distance > out.length || len > room - out.length) throw new Broken();
    for (let i = 0; i < len; i++) put(out[out.length - distance]);
  };
  if (rest.left() < 3) throw new Broken();

  let state = 0;
  let code = rest.take();
  if (code > 17) {
    literals(code - 17);
    state = Math.min(code - 17, 4);
    code = rest.take();
  }
  for (; ; code = rest.take()) {
    if (code < 16 && state === 0) {
      literals(3 + (code > 0 ? code : 15 + extension(rest)));
      state = 4;
      continue;
    }
    const said = instruction(code, state, version, rest);
    if (said.isEnd) {
      if (rest.left() > 0 || said.len !== 3) throw new Broken();
      return Uint8Array.from(out);
    }
    if (said.distance > 0) copy(said.distance, said.len);
    else for (let i = 0; i < said.len; i++) put(0);
    literals(said.literals);
    state = said.literals;
  }
}

/** Zeros, of which each stands for 255, and a byte that is none. */
function extension({ take }: Rest): number {
  let sum = 0;
  for (;;) {
    const byte = take();
    if (byte > 0) return sum + byte;
    sum += 255;
  }
}

/** What an instruction that is no run of literals says. */
interface Said {
  /** 0: so many zeros. */
  readonly distance: number;
  readonly len: number;
  readonly literals: number;
  readonly isEnd?: true;
}

function instruction(code: number, state: number, version: number, rest: Rest): Said {
  const bits = code.toString(2).padStart(8, '0');
  const field = (from: number, to: number): number => Number.parseInt(bits.slice(from, to), 2);
  const last = field(6, 8);
  // 1 L L D D D S S and 0 1 L D D D S S.
  if (code >= 64) {
    const len = bits.startsWith('1') ? 5 + field(1, 3) : 3 + field(2, 3);
    return { distance: 8 * rest.take() + field(3, 6) + 1, len, literals: last };
  }
  // 0 0 0 0 D D S S.
  if (code < 16) {
    const distance = 4 * rest.take() + field(4, 6) + 1;
    return state === 4
      ? { distance: distance + 2048, len: 3, literals: last }
      : { distance, len: 2, literals: last };
  }
  // 0 0 1 L L L L L.
  if (code >= 32) {
    const len = 2 + (field(3, 8) > 0 ? field(3, 8) : 31 + extension(rest));
    const { back, literals } = backAt(rest);
    return { distance: back + 1, len, literals };
  }
  return farInstruction(version, field(4, 5), field(5, 8), rest);
}

/** 0 0 0 1 H L L L, in which a distance of 16384 ends the stream; of version 1 a run of zeros, too. */
function farInstruction(version: number, high: number, short: number, rest: Rest): Said {
  const [first = 0, second] = [rest.peek(0), rest.peek(1)];
  if (version > 0 && high === 1 && first >= 0xfc && second === 0xff) {
    const { literals } = backAt(rest);
    return { distance: 0, len: 4 + 8 * rest.take() + short, literals };
  }
  const len = 2 + (short > 0 ? short : 7 + extension(rest));
  const { back, literals } = backAt(rest);
  const distance = 16384 * (1 + high) + back;
  return { distance, len, literals, ...(distance === 16384 ? { isEnd: true } : {}) };
}

/** D D D D D D D D D D D D D D S S, the low byte first. */
function backAt({ take }: Rest): { readonly back: number; readonly literals: number } {
  const word = take() + 256 * take();
  return { back: Math.floor(word / 4), literals: word % 4 };
}
